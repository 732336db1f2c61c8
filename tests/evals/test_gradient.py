"""The pull of a group on the weights is the gradient of its weighted log-likelihood."""

import pytest
import torch

from tests.models.tiny import tiny_policy
from tooling.evals import SampleSettings, Table, score, transformers_sampler
from tooling.evals.gradient import gradient_norm, group_pulls
from tooling.models import Policy, fingerprint
from tooling.tasks import Completion, Item
from tooling.verify import Grade, Why

PROMPT = "2 8 9>3:"
WEIGHTS = [1.5, -0.5, -0.75, -0.25]


@pytest.fixture(scope="module")
def policy() -> Policy:
    """A policy with random weights."""
    return tiny_policy()


@pytest.fixture(scope="module")
def group(policy: Policy) -> list[Completion]:
    """Four completions of one prompt, of several lengths."""
    long = transformers_sampler(policy)([PROMPT] * 4, SampleSettings(tokens=9, seed=4))
    return [each._replace(tokens=each.tokens[: 9 - 2 * place]) for place, each in enumerate(long)]


def likelihood(policy: Policy, group: list[Completion]) -> float:
    """The weighted sum of the completions' log-probabilities."""
    totals = score(policy, [PROMPT] * len(group), group).totals
    return sum(weight * total for weight, total in zip(WEIGHTS, totals, strict=True))


def test_a_step_along_the_gradient_raises_the_weighted_likelihood_by_its_square(
    policy: Policy, group: list[Completion]
) -> None:
    norm = gradient_norm(policy, PROMPT, completions=group, weights=WEIGHTS)
    moved, grads = policy.copy(), []
    for weight in moved.model.parameters():
        weight.grad = None
    for done, weight in zip(group, WEIGHTS, strict=True):
        ids = torch.tensor([[*moved.encode(PROMPT), *done.tokens]])
        known = moved.model(ids).logits[0, :-1].log_softmax(-1).gather(-1, ids[0, 1:, None])[:, 0]
        (weight * known[-len(done.tokens) :].sum()).backward()
    size = 1e-3 / norm
    with torch.no_grad():
        for weight in moved.model.parameters():
            grads.append(weight.grad.norm())
            weight.add_(size * weight.grad)
    assert float(torch.stack(grads).norm()) == pytest.approx(norm, rel=1e-4)
    assert likelihood(moved, group) - likelihood(policy, group) == pytest.approx(size * norm**2, rel=0.05)


def test_the_norm_grows_with_the_weights_and_vanishes_without_them(policy: Policy, group: list[Completion]) -> None:
    norm = gradient_norm(policy, PROMPT, completions=group, weights=WEIGHTS)
    doubled = gradient_norm(policy, PROMPT, completions=group, weights=[2 * weight for weight in WEIGHTS])
    assert doubled == pytest.approx(2 * norm, rel=1e-4)
    assert gradient_norm(policy, PROMPT, completions=group, weights=[0.0] * 4) == 0


def test_the_policy_is_left_as_it_was(policy: Policy, group: list[Completion]) -> None:
    before = fingerprint(policy.model)
    with torch.no_grad():
        gradient_norm(policy, PROMPT, completions=group, weights=WEIGHTS)
    assert fingerprint(policy.model) == before
    assert all(weight.grad is None for weight in policy.model.parameters())


def test_division_by_the_deviation_gives_each_group_its_pull_over_it(policy: Policy, group: list[Completion]) -> None:
    outcomes = [[True, False, False, False, True], [True, True, False, False, True], [False] * 4 + [True]]
    grades = [[Grade(each, float(each), None, Why.OK if each else Why.WRONG) for each in row] for row in outcomes]
    table = Table([Item(PROMPT, "", {}, "key")] * 3, [[*group, group[0]]] * 3, grades)
    plain, divided = group_pulls(policy, table, size=4)
    alone = gradient_norm(policy, PROMPT, completions=group, weights=[0.75, -0.25, -0.25, -0.25])
    assert plain[0] == pytest.approx(alone)
    assert plain[2] == divided[2] == 0
    assert divided[:2] == pytest.approx(plain[:2] / [0.5, (1 / 3) ** 0.5])
