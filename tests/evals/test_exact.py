"""Exact chances are those of the sampler: they equal plain scoring, sampling, and what can be worked out by hand."""

from collections import Counter
from math import comb, exp

import numpy as np
import pytest
import torch
from scipy.stats import chi2

from tests.models.tiny import tiny_policy
from tooling.evals import SampleSettings, evaluate, pass_at_k, transformers_sampler
from tooling.evals.exact import (
    Exact,
    completion_logprobs,
    coverage,
    exact_chances,
    majority_at,
    pass_at,
    solve_probability,
)
from tooling.models import Mixture, Policy, Recipe, load
from tooling.models.tokenizer import CHARACTERS, PAIRS
from tooling.tasks import Countdown, Item, Split

PROMPTS = ["1 2>3:", "2 8 9>3:", "12 11 10 9>33:", "?"]
COMPLETIONS = [["", "1+2=3", "2+1=3"], ["2+9=11 11-8=3", "7"], [], ["a", "abc", "1" * 21]]
EVERY_TEXT = [*CHARACTERS, *PAIRS]  # of one token


@pytest.fixture(scope="module")
def policy() -> Policy:
    """A policy with random weights."""
    return tiny_policy()


def ids(policy: Policy, text: str) -> list[int]:
    """The token ids of a text."""
    return policy.tokenizer(text, add_special_tokens=False)["input_ids"]


@torch.no_grad()
def by_hand(policy: Policy, prompt: str, *, text: str, temperature: float = 1.0) -> float:
    """The log-probability of a completion: one sequence, no padding, no cache, double precision."""
    head = ids(policy, policy.prefix + prompt)
    tail = [*ids(policy, text), policy.tokenizer.eos_token_id]
    logits = policy.model(torch.tensor([head + tail])).logits[0, len(head) - 1 : -1].double()
    logprobs = (logits / temperature).log_softmax(-1)
    return float(logprobs[torch.arange(len(tail)), torch.tensor(tail)].sum())


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_scores_of_mixed_lengths_equal_scoring_by_hand(policy: Policy, temperature: float) -> None:
    scored = completion_logprobs(policy, PROMPTS, completions=COMPLETIONS, temperatures=(temperature, 3.0))
    assert [each.shape for each in scored] == [(2, 3), (2, 2), (2, 0), (2, 3)]
    for prompt, texts, values in zip(PROMPTS, COMPLETIONS, scored, strict=True):
        expected = [by_hand(policy, prompt, text=text, temperature=temperature) for text in texts]
        np.testing.assert_allclose(values[0], expected, rtol=1e-5)
        assert values.dtype == np.float64
    assert not np.allclose(scored[0][0], scored[0][1]), "each temperature has its own row"


@pytest.mark.parametrize("rows", [1, 4, 5])
def test_scores_do_not_depend_on_what_is_scored_beside_them(policy: Policy, rows: int) -> None:
    whole = completion_logprobs(policy, PROMPTS, completions=COMPLETIONS)
    for one, other in zip(whole, completion_logprobs(policy, PROMPTS, completions=COMPLETIONS, rows=rows), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    assert completion_logprobs(policy, [], completions=[]) == []


@torch.no_grad()
def test_all_completions_of_one_token_sum_to_the_chance_of_ending_behind_it(policy: Policy) -> None:
    head = ids(policy, policy.prefix + PROMPTS[0])
    first = policy.model(torch.tensor([head])).logits[0, -1].double().softmax(-1)
    written = [ids(policy, text)[0] for text in EVERY_TEXT]
    second = policy.model(torch.tensor([[*head, token] for token in written])).logits[:, -1].double().softmax(-1)
    ends = float((first[written] * second[:, policy.tokenizer.eos_token_id]).sum())
    (scored,) = completion_logprobs(policy, PROMPTS[:1], completions=[EVERY_TEXT])
    assert ends > 0.05
    assert np.exp(scored[0]).sum() == pytest.approx(ends, rel=1e-5)


@pytest.mark.parametrize("temperature", [0.7, 1.0])
def test_samples_come_as_often_as_their_exact_chances_say(policy: Policy, temperature: float) -> None:
    count = 4000
    settings = SampleSettings(tokens=2, temperature=temperature, batch=1000, seed=2)
    drawn = transformers_sampler(policy)([PROMPTS[1]] * count, settings)
    seen = Counter(each.text for each in drawn if each.finished)
    texts = ["", *EVERY_TEXT]
    (scored,) = completion_logprobs(policy, [PROMPTS[1]], completions=[texts], temperatures=(temperature,))
    expected = dict(zip(texts, count * np.exp(scored[0]), strict=True))
    common = [text for text in texts if expected[text] >= 5]
    observed = np.array([*(seen[text] for text in common), count - sum(seen[text] for text in common)])
    wanted = np.array([*(expected[text] for text in common), count - sum(expected[text] for text in common)])
    assert len(common) > 3
    assert float(((observed - wanted) ** 2 / wanted).sum()) < chi2.ppf(0.9999, len(wanted) - 1)


def test_scoring_turns_dropout_off(policy: Policy) -> None:
    wet = policy.copy()
    for layer in wet.model.model.layers:
        layer.self_attn.attention_dropout = 0.5
    wet.model.train()
    for one, other in zip(
        *(completion_logprobs(each, PROMPTS, completions=COMPLETIONS) for each in (wet, policy)), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_greedy_decoding_is_sent_to_the_sampler(policy: Policy) -> None:
    with pytest.raises(ValueError, match="give numbers above 0"):
        completion_logprobs(policy, PROMPTS, completions=COMPLETIONS, temperatures=(1.0, 0.0))


class Spelled:
    """A task whose solutions are written out, none for the last item."""

    def solutions(self, item: Item) -> list[str]:
        """The completions of the item's prompt."""
        return COMPLETIONS[PROMPTS.index(item.prompt)]


def test_solutions_exclude_one_another_so_their_chances_add_up(policy: Policy) -> None:
    items = [Item(prompt, "", {}, "") for prompt in PROMPTS]
    p = solve_probability(policy, Spelled(), items, temperature=1.5)
    expected = [
        sum(exp(by_hand(policy, prompt, text=text, temperature=1.5)) for text in texts)
        for prompt, texts in zip(PROMPTS, COMPLETIONS, strict=True)
    ]
    np.testing.assert_allclose(p, expected, rtol=1e-5)
    assert p[2] == 0.0, "an item without a solution is never solved"


def test_listed_completions_are_graded_and_their_votes_add_up_by_answer(policy: Policy) -> None:
    item = Item("2 8 9>3:", "", {"numbers": (2, 8, 9), "target": 3}, "")
    texts = ["2+9=11 11-8=3", "9+2=11 11-8=3", "8-2=6 9-6=3", "2+9=11 11+8=19", "2+9=12 12-9=3"]
    cold, warm = exact_chances(policy, Countdown(), items=[item], completions=[texts], temperatures=(1.0, 1.5))
    assert list(cold.correct[0]) == [True, True, True, False, False]
    chances = [exp(by_hand(policy, item.prompt, text=text)) for text in texts]
    assert cold.solved[0] == pytest.approx(sum(chances[:3]), rel=1e-5, abs=0)
    assert cold.listed[0] == pytest.approx(sum(chances), rel=1e-5, abs=0)
    (votes,) = cold.votes(lambda text: text.rpartition("=")[2])
    assert votes["3"] == pytest.approx(chances[0] + chances[1] + chances[2] + chances[4], rel=1e-5, abs=0)
    assert votes["19"] == pytest.approx(chances[3], rel=1e-5, abs=0)
    assert warm.solved[0] > 10 * cold.solved[0], "what is unlikely is less so at a higher temperature"


def test_paths_out_of_another_s_reach_are_weighed_by_how_often_they_are_drawn() -> None:
    right = [np.array([True, True, False]), np.array([True])]
    mine = Exact([["a", "b", "c"], ["d"]], right, [np.log([0.3, 0.1, 0.5]), np.log([0.6])])
    other = Exact([["a", "b", "c"], ["d"]], right, [np.log([0.2, 1e-5, 1e-9]), np.log([0.5])])
    assert mine.beyond(other, reach=1e-3) == pytest.approx(0.1 / 1.0), "b alone; c is wrong"
    assert mine.beyond(other, reach=1.0) == pytest.approx(1.0)
    assert mine.beyond(mine, reach=1e-3) == 0.0
    expected = -(0.3 * np.log(0.2) + 0.1 * np.log(1e-5) + 0.6 * np.log(0.5))
    assert mine.surprise(other) == pytest.approx(expected)


def test_coverage_names_pass_at_k(policy: Policy) -> None:
    items = [Item(prompt, "", {}, "") for prompt in PROMPTS]
    found = coverage(policy, Spelled(), items=items, k=(1, 50))
    p = solve_probability(policy, Spelled(), items)
    assert found == {"pass@1": pytest.approx(p.mean()), "pass@50": pytest.approx(pass_at(p, 50))}


def test_the_entropy_counts_what_is_not_listed_as_one_outcome() -> None:
    halves = Exact([["a", "b"]], [np.array([True, False])], [np.log([0.25, 0.25])])
    assert halves.entropy == pytest.approx(1.5 * np.log(2))
    certain = Exact([["a"], []], [np.array([True]), np.array([], bool)], [np.zeros(1), np.zeros(0)])
    assert certain.entropy == 0.0
    assert list(certain.solved) == [1.0, 0.0]


def test_a_trained_base_succeeds_as_often_as_its_solutions_say_and_hardly_in_other_forms() -> None:
    task = Countdown(count=2, largest=20, operators="+-")
    base = load(Recipe(Mixture.of(task, guess=0.4, solve=0.6), width=32, layers=1, heads=2, steps=200))
    items = task.items(Split.TEST, 20, 0)
    exact = solve_probability(base, task, items)
    table = evaluate(transformers_sampler(base), task, items=items, samples=100, settings=SampleSettings(16))
    error = float(np.sqrt((exact * (1 - exact)).sum() / 100)) / len(items)
    assert 0.1 < exact.mean() < 0.9
    assert -4 * error < table.pass_at(1) - exact.mean() < 4 * error + 0.01


def test_pass_at_k_is_exact_for_chances_near_0_and_counts_in_the_millions() -> None:
    assert pass_at([0.5, 0.0], 2) == pytest.approx(0.375)
    assert pass_at([1e-12], 1_000_000) == pytest.approx(1e-6, rel=1e-5)
    assert pass_at([1.0, 1 + 1e-9], 3) == 1.0, "a sum of chances may round to above 1"
    estimates = [comb(20, right) * 0.3**right * 0.7 ** (20 - right) * pass_at_k(20, right, k=5) for right in range(21)]
    assert pass_at([0.3], 5) == pytest.approx(sum(estimates)), "what the unbiased estimator estimates"


@pytest.mark.parametrize(
    ("answers", "k", "expected"),
    [
        ({"3": 0.6, "4": 0.4}, 1, 0.6),
        ({"3": 0.6, "4": 0.4}, 3, 0.6**3 + 3 * 0.6**2 * 0.4),
        ({"3": 0.6, "4": 0.4}, 2, 0.6),  # both: 0.36; one each: half of 0.48
        ({"3": 0.3}, 4, 1 - 0.7**4),  # samples without an answer have no vote
        ({"3": 0.2, "4": 0.8}, 201, 0.0),
        ({"4": 1.0}, 5, 0.0),
        ({"3": 0.0}, 5, 0.0),
    ],
)
def test_majorities_are_those_of_the_binomial(answers: dict[str, float], k: int, expected: float) -> None:
    found = majority_at([answers], ["3"], k=k, draws=20_000)
    assert found == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(20_000))
    assert found == majority_at([answers], ["3"], k=k, draws=20_000)


def test_majorities_are_averaged_over_items() -> None:
    assert majority_at([{"1": 1.0}, {"1": 1.0}], ["1", "2"], k=3) == 0.5
