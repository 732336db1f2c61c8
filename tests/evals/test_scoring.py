"""Scores are those of one plain forward pass per sequence, whatever else is in the batch."""

import copy

import pytest
import torch

from tests.models.tiny import WIDTH, tiny_policy
from tooling.evals import SampleSettings, Scored, kl, score, scoring, transformers_sampler
from tooling.models import Policy
from tooling.tasks import Completion

PROMPTS = ["1 2>3:", "2 8 9>3:", "12 11 10 9>33:", "a", "1+1=2 " * 5, "?"] * 2
EVERYTHING = ("logprobs", "entropy", "confidence", "hidden", "attention")


@pytest.fixture(scope="module")
def policy() -> Policy:
    """A policy with random weights."""
    return tiny_policy()


@pytest.fixture(scope="module")
def completions(policy: Policy) -> list[Completion]:
    """Completions of different lengths, with the log-probabilities that the sampler saw."""
    return transformers_sampler(policy)(PROMPTS, SampleSettings(tokens=9, temperature=0.8, logprobs=True, seed=2))


@torch.no_grad()
def alone(policy: Policy, prompt: str, completion: Completion) -> torch.Tensor:
    """The log-probabilities of all tokens at the places of a completion, without padding or batch, in float64."""
    head = policy.tokenizer(policy.prefix + prompt)["input_ids"]
    logits = policy.model(torch.tensor([[*head, *completion.tokens]])).logits[0].double()
    return logits[len(head) - 1 : -1].log_softmax(-1)


def moved(policy: Policy, size: float) -> Policy:
    """A copy with noise on its weights."""
    other = policy.copy()
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in other.model.parameters():
            weight.add_(size * torch.randn_like(weight))
    return other


def test_log_probabilities_entropy_and_confidence_equal_those_of_a_plain_pass(
    policy: Policy, completions: list[Completion]
) -> None:
    found = score(policy, PROMPTS, completions, want=("logprobs", "entropy", "confidence"))
    for place, (prompt, done) in enumerate(zip(PROMPTS, completions, strict=True)):
        known = alone(policy, prompt, done)
        drawn = known[range(len(done.tokens)), list(done.tokens)]
        assert found.logprobs[place].double() == pytest.approx(drawn, abs=1e-5)
        assert found.entropy[place].double() == pytest.approx(-(known.exp() * known).sum(-1), abs=1e-5)
        top = known.sort(dim=-1, descending=True).values[:, :20]
        assert found.confidence[place].double() == pytest.approx(-top.mean(-1), abs=1e-5)
        assert found.totals[place] == pytest.approx(float(drawn.sum()), abs=1e-4)
    assert found.hidden == [] == found.attention


def test_the_sampler_and_the_score_agree_on_log_probabilities(policy: Policy, completions: list[Completion]) -> None:
    found = score(policy, PROMPTS, completions).logprobs
    assert [len(each.logprobs) for each in completions] == [len(each) for each in found]
    for done, known in zip(completions, found, strict=True):
        assert list(done.logprobs) == pytest.approx(known.tolist(), abs=1e-5)


def test_a_batch_of_many_equals_batches_of_one(
    policy: Policy, completions: list[Completion], monkeypatch: pytest.MonkeyPatch
) -> None:
    many = score(policy, PROMPTS, completions, want=EVERYTHING)
    monkeypatch.setattr(scoring, "SIDE_BY_SIDE", 1)
    one = score(policy, PROMPTS, completions, want=EVERYTHING)
    assert many.starts == one.starts
    for name in EVERYTHING:
        for left, right in zip(getattr(many, name), getattr(one, name), strict=True):
            assert left.shape == right.shape
            assert left.dtype == torch.float32
            assert torch.allclose(left, right, atol=1e-5, rtol=0), name


def test_token_ids_and_prompts_give_the_same_scores(policy: Policy, completions: list[Completion]) -> None:
    ids = [policy.tokenizer(policy.prefix + prompt)["input_ids"] for prompt in PROMPTS]
    by_ids = score(policy, ids, [done.tokens for done in completions])
    for left, right in zip(by_ids.logprobs, score(policy, PROMPTS, completions).logprobs, strict=True):
        assert torch.equal(left, right)


def looked_at(policy: Policy, completions: list[Completion]) -> Scored:
    """Hidden states and attention of all sequences."""
    return score(policy, PROMPTS, completions, want=("hidden", "attention"))


def test_hidden_states_and_attention_cover_prefix_and_completion(
    policy: Policy, completions: list[Completion]
) -> None:
    found = looked_at(policy, completions)
    for place, (start, done) in enumerate(zip(found.starts, completions, strict=True)):
        length = start + len(done.tokens)
        assert found.hidden[place].shape == (3, length, WIDTH)
        assert found.attention[place].shape == (2, 2, length, length)
        assert torch.allclose(found.attention[place].sum(-1), torch.ones(2, 2, length), atol=1e-5)
        assert found.attention[place].triu(1).abs().max() == 0, "no token looks ahead"


def test_hidden_states_lead_to_the_log_probabilities(policy: Policy, completions: list[Completion]) -> None:
    found = looked_at(policy, completions)
    for place, (prompt, done) in enumerate(zip(PROMPTS, completions, strict=True)):
        last = found.hidden[place][-1, found.starts[place] - 1 : -1]
        with torch.no_grad():
            known = policy.model.lm_head(policy.model.model.norm(last)).double().log_softmax(-1)
        assert torch.allclose(known, alone(policy, prompt, done), atol=1e-5)


def test_looking_at_attention_leaves_the_model_as_it_was(policy: Policy, completions: list[Completion]) -> None:
    before = policy.model.config._attn_implementation
    assert before != "eager"
    looked_at(policy, completions)
    assert policy.model.config._attn_implementation == before
    policy.model.train()
    try:
        score(policy, PROMPTS, completions)
        assert policy.model.training
    finally:
        policy.model.eval()


def test_scoring_turns_dropout_off(policy: Policy, completions: list[Completion]) -> None:
    wet = policy.copy()
    for layer in wet.model.model.layers:
        layer.self_attn.attention_dropout = 0.5
    wet.model.train()
    for left, right in zip(*(score(each, PROMPTS, completions).logprobs for each in (wet, policy)), strict=True):
        assert torch.equal(left, right)


def test_an_empty_completion_has_no_tokens_to_score(policy: Policy) -> None:
    found = score(policy, ["1 2>3:"], [Completion("", (), False)], want=EVERYTHING)
    assert found.logprobs[0].shape == (0,)
    assert found.totals == [0.0]
    assert score(policy, [], []).logprobs == []


def test_what_cannot_be_scored_is_refused(policy: Policy) -> None:
    with pytest.raises(ValueError, match="'logits' is none of logprobs, entropy"):
        score(policy, ["1"], [[5]], want=("logprobs", "logits"))
    with pytest.raises(ValueError, match="prefix 1 is empty"):
        score(policy, ["1", []], [[5], [5]])
    with pytest.raises(ValueError, match="shorter|longer"):
        score(policy, ["1", "2"], [[5]])


def test_the_kl_is_that_of_the_definition(policy: Policy, completions: list[Completion]) -> None:
    other = moved(policy, 0.1)
    total, tokens = 0.0, 0
    for prompt, done in zip(PROMPTS, completions, strict=True):
        ours, theirs = alone(policy, prompt, done), alone(other, prompt, done)
        total += float((ours.exp() * (ours - theirs)).sum())
        tokens += len(done.tokens)
    found = kl(policy, other, prefixes=PROMPTS, completions=completions)
    assert found == pytest.approx(total / tokens, abs=1e-6)
    assert found > 0.05
    assert found != pytest.approx(kl(other, policy, prefixes=PROMPTS, completions=completions), rel=1e-3)


def test_the_kl_of_a_policy_to_itself_is_zero_and_grows_with_the_distance(
    policy: Policy, completions: list[Completion]
) -> None:
    near, far = (
        kl(policy, moved(policy, size), prefixes=PROMPTS, completions=completions) for size in (0.01, 0.1)
    )
    assert kl(policy, policy, prefixes=PROMPTS, completions=completions) == 0.0
    assert 0 < near < far / 10


def test_a_kl_without_tokens_or_between_vocabularies_is_refused(policy: Policy) -> None:
    with pytest.raises(ValueError, match="no token"):
        kl(policy, policy, prefixes=["1"], completions=[[]])
    small = policy.copy()
    small.model = copy.deepcopy(policy.model)
    small.model.resize_token_embeddings(140)
    with pytest.raises(ValueError, match="vocabularies of 159 and 140"):
        kl(policy, small, prefixes=["1"], completions=[[5]])


def test_a_policy_in_half_precision_is_scored_in_float32(policy: Policy) -> None:
    half = policy.copy()
    half.model.to(torch.bfloat16)
    found = score(half, ["1 2>3:"], [[5, 6]], want=EVERYTHING)
    assert {getattr(found, name)[0].dtype for name in EVERYTHING} == {torch.float32}
