"""Samples are those of the model: greedy ones equal plain decoding, random ones its distribution, and ends are cut."""

import copy
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from scipy.stats import chi2

from tests.models.tiny import WIDTH, opinionated_policy, tiny_policy
from tooling.evals import SampleSettings, transformers_sampler
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


@pytest.mark.parametrize("temperature", [0.7, 1.0, 1.5])
def test_samples_follow_the_model_s_distribution(policy: Policy, temperature: float) -> None:
    prefix, count = encode(policy, "2 8 9>3:"), 3000
    settings = SampleSettings(tokens=1, temperature=temperature, batch=1000)
    drawn = Counter(each.tokens[0] for each in transformers_sampler(policy)([prefix] * count, settings))
    observed = torch.tensor([drawn[token] for token in range(len(policy.tokenizer))], dtype=torch.float64)
    with torch.no_grad():
        logits = policy.model(torch.tensor([prefix])).logits[0, -1].double()
    expected = (logits / temperature).softmax(-1) * count
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
