"""A steered model differs by the vector where it was added, and by nothing once the block has ended."""

import pytest
import torch

from tests.models.tiny import WIDTH, tiny_policy
from tooling.evals import SampleSettings, score, steer, transformers_sampler
from tooling.models import Policy

PROMPTS = ["1 2>3:", "2 8 9>3:", "12 11 10 9>33:"]
TOKENS = [[5, 6], [7], [8, 9, 10]]
GREEDY = SampleSettings(tokens=8, temperature=0)


@pytest.fixture(scope="module")
def policy() -> Policy:
    """A policy with random weights."""
    return tiny_policy()


def hidden(policy: Policy) -> torch.Tensor:
    """The hidden states of the first sequence: (layers + 1, length, width)."""
    return score(policy, PROMPTS, TOKENS, want=("hidden",)).hidden[0]


def vector(seed: int = 0) -> torch.Tensor:
    """A random direction."""
    return 3.0 * torch.randn(WIDTH, generator=torch.Generator().manual_seed(seed))


def test_the_vector_is_added_behind_its_layer_and_not_before(policy: Policy) -> None:
    plain = hidden(policy)
    with steer(policy, 0, vector()):
        steered = hidden(policy)
    assert torch.equal(steered[0], plain[0])
    assert torch.allclose(steered[1] - plain[1], vector().expand_as(plain[1]), atol=1e-5)
    assert (steered[2] - plain[2]).abs().max() > 0.1


def test_two_blocks_within_each_other_add_up(policy: Policy) -> None:
    with steer(policy, 0, vector(1)), steer(policy, 0, vector(2)):
        both = hidden(policy)
    with steer(policy, 0, vector(1) + vector(2)):
        assert torch.allclose(hidden(policy), both, atol=1e-5)


def test_samples_change_within_the_block_only(policy: Policy) -> None:
    sampler = transformers_sampler(policy)
    plain = sampler(PROMPTS, GREEDY)
    with steer(policy, 1, vector()):
        assert sampler(PROMPTS, GREEDY) != plain
    assert sampler(PROMPTS, GREEDY) == plain


def test_an_output_direction_raises_its_token(policy: Policy) -> None:
    token = 20
    toward = 50.0 * policy.model.lm_head.weight[token].detach()
    toward[0] = 0.0  # the hidden unit that raises the end token
    with steer(policy, 1, toward):
        done = transformers_sampler(policy)(PROMPTS, GREEDY)
    assert all(set(each.tokens) == {token} for each in done)


def test_nothing_is_left_of_it_after_an_exception(policy: Policy) -> None:
    plain = hidden(policy)
    with pytest.raises(RuntimeError, match="stop"), steer(policy, 0, vector()):
        raise RuntimeError("stop")
    assert torch.equal(hidden(policy), plain)
    assert not any(layer._forward_hooks for layer in policy.model.get_decoder().layers)


@pytest.mark.parametrize(("layer", "width"), [(2, WIDTH), (-1, WIDTH), (0, WIDTH + 1)])
def test_a_layer_or_a_width_that_the_model_lacks_is_refused(policy: Policy, layer: int, width: int) -> None:
    has = r"layers 0 to 1 and vectors of shape \(16,\)"
    with pytest.raises(ValueError, match=has), steer(policy, layer, torch.zeros(width)):
        pass
