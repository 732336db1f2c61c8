"""Samples are those of the model: greedy ones equal plain decoding, random ones its distribution, and ends are cut."""

import copy
from collections import Counter
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import torch
import transformers
from scipy.stats import chi2

from tests.models.tiny import WIDTH, opinionated_policy, tiny_policy
from tooling.evals import SampleSettings, engine_of, stopped_at, transformers_sampler
from tooling.models import Policy
from tooling.tasks import Completion

PROMPTS = ["1 2>3:", "2 8 9>3:", "12 11 10 9>33:", "a", "1+1=2 " * 5, "?"]
GREEDY = SampleSettings(tokens=10, temperature=0)


@pytest.fixture(scope="module")
def policy() -> Policy:
    """A policy with random weights."""
    return tiny_policy()


def encode(policy: Policy, prompt: str) -> list[int]:
    """The token ids of a prompt, with what the policy's prompts begin with."""
    return policy.tokenizer(policy.prefix + prompt)["input_ids"]


@torch.no_grad()
def decoded(policy: Policy, prefix: list[int], tokens: int) -> list[int]:
    """Greedy decoding by hand: one sequence, no padding, no cache, the whole prefix again for each token."""
    ids = list(prefix)
    for _ in range(tokens):
        ids.append(int(policy.model(torch.tensor([ids])).logits[0, -1].argmax()))
        if ids[-1] == policy.tokenizer.eos_token_id:
            break
    return ids[len(prefix) :]


def prefixes(policy: Policy) -> list[list[int]]:
    """Prefixes of different lengths."""
    return [encode(policy, prompt) for prompt in PROMPTS]


def with_end_logit(policy: Policy, value: float) -> Policy:
    """A copy whose logit of the end token is raised by `value`."""
    biased = policy.copy()
    head = torch.nn.Linear(WIDTH, len(policy.tokenizer))
    with torch.no_grad():
        head.weight.copy_(policy.model.lm_head.weight)
        head.bias.zero_()
        head.bias[policy.tokenizer.eos_token_id] = value
    biased.model.lm_head = head
    return biased


def test_a_prompt_is_sampled_behind_what_the_policy_s_prompts_begin_with(policy: Policy) -> None:
    assert encode(policy, "1") == [policy.tokenizer.bos_token_id, *policy.tokenizer("1")["input_ids"]]
    by_ids = transformers_sampler(policy)(prefixes(policy), GREEDY)
    assert transformers_sampler(policy)(PROMPTS, GREEDY) == by_ids
    bare = replace(policy, prefix="")
    assert transformers_sampler(bare)(PROMPTS, GREEDY) != by_ids
    assert transformers_sampler(bare)(prefixes(policy), GREEDY) == by_ids, "token ids are taken as they are"


def test_greedy_completions_of_mixed_lengths_equal_decoding_by_hand(policy: Policy) -> None:
    done = transformers_sampler(policy)(prefixes(policy), GREEDY)
    assert [list(each.tokens) for each in done] == [decoded(policy, prefix, 10) for prefix in prefixes(policy)]
    assert len({each.tokens for each in done}) > 3


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_greedy_completions_do_not_depend_on_the_batch(policy: Policy, batch: int) -> None:
    whole = transformers_sampler(policy)(prefixes(policy), GREEDY)
    assert transformers_sampler(policy)(prefixes(policy), replace(GREEDY, batch=batch)) == whole


def test_completions_come_in_the_order_of_the_prefixes(policy: Policy) -> None:
    forwards = transformers_sampler(policy)(prefixes(policy), GREEDY)
    backwards = transformers_sampler(policy)(prefixes(policy)[::-1], GREEDY)
    assert backwards[::-1] == forwards
    assert transformers_sampler(policy)([], GREEDY) == []


def test_a_seed_fixes_the_samples_and_another_one_changes_them(policy: Policy) -> None:
    settings = SampleSettings(tokens=10, seed=3)
    first = transformers_sampler(policy)(prefixes(policy), settings)
    torch.manual_seed(99)
    assert transformers_sampler(policy)(prefixes(policy), settings) == first
    assert transformers_sampler(policy)(prefixes(policy), replace(settings, seed=4)) != first


def test_sampling_leaves_the_random_state_of_its_caller_alone(policy: Policy) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    transformers_sampler(policy)(prefixes(policy), SampleSettings(tokens=3))
    assert torch.equal(torch.rand(3), expected)


@torch.no_grad()
def logits_behind(policy: Policy, prefix: list[int]) -> torch.Tensor:
    """The logits of the token behind a prefix, in float64."""
    return policy.model(torch.tensor([prefix])).logits[0, -1].double()


@pytest.mark.parametrize("temperature", [0.7, 1.0, 1.5])
def test_samples_follow_the_model_s_distribution(policy: Policy, temperature: float) -> None:
    prefix, count = encode(policy, "2 8 9>3:"), 3000
    settings = SampleSettings(tokens=1, temperature=temperature, batch=1000)
    drawn = Counter(each.tokens[0] for each in transformers_sampler(policy)([prefix] * count, settings))
    observed = torch.tensor([drawn[token] for token in range(len(policy.tokenizer))], dtype=torch.float64)
    expected = (logits_behind(policy, prefix) / temperature).softmax(-1) * count
    rare = expected < 5
    observed = torch.cat([observed[~rare], observed[rare].sum()[None]])
    expected = torch.cat([expected[~rare], expected[rare].sum()[None]])
    assert expected[-1] > 50, "rare tokens together are common enough to be missed if they were cut off"
    assert float(((observed - expected) ** 2 / expected).sum()) < chi2.ppf(0.9999, len(expected) - 1)


def test_a_model_s_own_generation_settings_do_not_leak_in(policy: Policy, tmp_path: Path) -> None:
    opinionated = opinionated_policy(tmp_path)
    for settings in (GREEDY, SampleSettings(tokens=10, seed=1)):
        drawn = transformers_sampler(opinionated)(prefixes(policy), settings)
        assert drawn == transformers_sampler(policy)(prefixes(policy), settings)


def test_a_completion_is_cut_behind_its_end_token(policy: Policy) -> None:
    end = policy.tokenizer.eos_token_id
    for done in sampled(policy, 60):
        assert done.finished == (done.tokens[-1] == end)
        assert end not in done.tokens[:-1]
        assert done.text == policy.tokenizer.decode(done.tokens, skip_special_tokens=True)
        assert policy.tokenizer.eos_token not in done.text


def sampled(policy: Policy, count: int) -> list[Completion]:
    """Completions of at most 8 tokens for prefixes of two lengths."""
    asked = [encode(policy, "1 2>3:"), encode(policy, "12 11 10>33:")] * (count // 2)
    return transformers_sampler(policy)(asked, SampleSettings(tokens=8))


def test_finished_tells_an_end_from_the_limit(policy: Policy) -> None:
    never = sampled(with_end_logit(policy, -1e4), 20)
    assert not any(done.finished for done in never)
    assert {len(done.tokens) for done in never} == {8}
    always = sampled(with_end_logit(policy, 1e4), 20)
    assert set(always) == {Completion("", (policy.tokenizer.eos_token_id,), True)}
    some = sampled(policy, 60)
    assert {done.finished for done in some} == {True, False}
    assert all(len(done.tokens) == 8 for done in some if not done.finished)


def test_an_end_token_in_the_last_place_counts_as_finished(policy: Policy) -> None:
    settings = SampleSettings(tokens=1, temperature=0)
    (done,) = transformers_sampler(with_end_logit(policy, 1e4))([encode(policy, "1")], settings)
    assert done.finished


def test_sampling_turns_dropout_off(policy: Policy) -> None:
    wet = policy.copy()
    wet.model.config.attention_dropout = 0.5
    for layer in wet.model.model.layers:
        layer.self_attn.attention_dropout = 0.5
    wet.model.train()
    assert transformers_sampler(wet)(prefixes(policy), GREEDY) == transformers_sampler(policy)(prefixes(policy), GREEDY)


def test_a_tokenizer_without_a_pad_token_is_padded_all_the_same(policy: Policy) -> None:
    bare = replace(policy, tokenizer=copy.deepcopy(policy.tokenizer))
    bare.tokenizer.pad_token = None
    padded = transformers_sampler(policy)(prefixes(policy), GREEDY)
    assert transformers_sampler(bare)(prefixes(policy), GREEDY) == padded


def test_a_stop_token_ends_a_completion_that_is_not_finished(policy: Policy) -> None:
    free = transformers_sampler(policy)(PROMPTS, SampleSettings(tokens=30, temperature=0))
    stop = policy.tokenizer.decode([next(done.tokens[3] for done in free if len(done.tokens) > 4)])
    settings = SampleSettings(tokens=30, temperature=0, stop=(stop, "!"))
    cut = transformers_sampler(policy)(PROMPTS, settings)
    (place,) = policy.tokenizer(stop)["input_ids"]
    for whole, done in zip(free, cut, strict=True):
        length = whole.tokens.index(place) + 1 if place in whole.tokens else len(whole.tokens)
        assert done.tokens == whole.tokens[:length]
        assert done.text == policy.tokenizer.decode(done.tokens, skip_special_tokens=True)
        stopped = place in whole.tokens
        assert stopped_at(done, settings, tokenizer=policy.tokenizer) == (stop if stopped else None)
        assert done.finished == (whole.finished and not stopped)
    assert {stopped_at(done, settings, tokenizer=policy.tokenizer) for done in cut} >= {stop}


def test_a_completion_that_ends_by_itself_did_not_stop_even_where_the_end_token_is_a_stop(policy: Policy) -> None:
    settings = SampleSettings(tokens=8, stop=(policy.tokenizer.eos_token,))
    done = transformers_sampler(with_end_logit(policy, 1e4))(PROMPTS, settings)
    assert all(each.finished for each in done)
    assert {stopped_at(each, settings, tokenizer=policy.tokenizer) for each in done} == {None}


def test_suppressed_tokens_are_never_sampled_and_the_end_may_be_one(policy: Policy) -> None:
    end = policy.tokenizer.eos_token
    keen = with_end_logit(policy, 30.0)
    done = transformers_sampler(keen)(PROMPTS * 20, SampleSettings(tokens=6, suppressed=(end, "=", "12")))
    assert {len(each.tokens) for each in done} == {6}
    seen = {token for each in done for token in each.tokens}
    assert len(seen) > 50
    assert not seen & {policy.tokenizer(text)["input_ids"][0] for text in (end, "=", "12")}


@pytest.mark.parametrize("text", ["ab", "123", "", "\u00e9"])
def test_a_text_that_is_not_one_known_token_is_refused(policy: Policy, text: str) -> None:
    for settings in (SampleSettings(stop=("=", text)), SampleSettings(suppressed=(text, "="))):
        with pytest.raises(ValueError, match="is not one token of the vocabulary") as caught:
            transformers_sampler(policy)(["1"], settings)
        assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [("tokens", 0), ("temperature", -0.1), ("batch", 0), ("top_p", 0.0), ("top_p", 1.1), ("top_k", -1)],
)
def test_settings_that_make_no_sense_are_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field}={value} must"):
        SampleSettings(**{field: value})


def test_only_the_most_probable_tokens_are_sampled_where_the_rest_is_cut_off(policy: Policy) -> None:
    prefix = encode(policy, "2 8 9>3:")
    order = logits_behind(policy, prefix).softmax(-1).sort(descending=True)
    nucleus = int((order.values.cumsum(0) < 0.5).sum()) + 1
    for settings, count in ((SampleSettings(tokens=1, top_k=4), 4), (SampleSettings(tokens=1, top_p=0.5), nucleus)):
        drawn = {done.tokens[0] for done in transformers_sampler(policy)([prefix] * 2000, settings)}
        assert drawn == set(order.indices[:count].tolist())
        assert 1 < count < 60


def test_log_probabilities_are_the_model_s_own_whatever_is_sampled_with(policy: Policy) -> None:
    settings = SampleSettings(tokens=5, temperature=0.5, top_k=9, top_p=0.9, suppressed=("=",), logprobs=True)
    for prompt, done in zip(PROMPTS, transformers_sampler(policy)(PROMPTS, settings), strict=True):
        assert len(done.logprobs) == len(done.tokens)
        for place, token in enumerate(done.tokens):
            known = logits_behind(policy, encode(policy, prompt) + list(done.tokens[:place])).log_softmax(-1)
            assert done.logprobs[place] == pytest.approx(float(known[token]), abs=1e-5)


def test_asking_for_log_probabilities_changes_no_sample(policy: Policy) -> None:
    plain = transformers_sampler(policy)(PROMPTS, SampleSettings(seed=5))
    known = transformers_sampler(policy)(PROMPTS, SampleSettings(seed=5, logprobs=True))
    assert {each.logprobs for each in plain} == {None}
    assert [each._replace(logprobs=None) for each in known] == plain


def test_the_engine_is_known_and_a_sampler_of_a_work_s_own_says_so(policy: Policy) -> None:
    assert engine_of(transformers_sampler(policy)) == f"transformers {transformers.__version__}"
    assert engine_of(lambda prefixes, settings: []) == "own"


def test_sampling_leaves_a_training_model_in_training(policy: Policy) -> None:
    wet = policy.copy()
    wet.model.train()
    transformers_sampler(wet)(["1"], GREEDY)
    assert wet.model.training


def test_twenty_rounds_of_sampling_do_not_grow(policy: Policy) -> None:
    def used() -> int:
        """The memory of this process, in bytes."""
        return psutil.Process().memory_info().rss

    rounds = []
    for seed in range(22):
        transformers_sampler(policy)(PROMPTS * 30, SampleSettings(tokens=12, seed=seed, logprobs=True))
        rounds.append(used())
    assert rounds[-1] - rounds[1] < 20e6
