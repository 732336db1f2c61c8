"""vLLM's completions are those of the transformers sampler: greedy ones token by token, sampled ones in distribution.

Run by `make test-vllm` in an environment of its own, with a real engine on the CPU.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest
import torch
from scipy.stats import chi2

from tooling.evals import (
    Prefix,
    Sampler,
    SampleSettings,
    continue_from,
    engine_of,
    score,
    stopped_at,
    transformers_sampler,
    vllm_sampler,
)
from tooling.models import Mixture, Policy, Recipe
from tooling.models.pretraining import new_model
from tooling.models.tokenizer import BEGIN, number_tokenizer
from tooling.tasks import Countdown

# the engine warns of much that is not ours; to load it takes a minute, on a busy machine several
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.timeout(900)]

WIDTH = 64  # in two heads of 32, the narrowest that vLLM has on a CPU
PROMPTS = ["1 2>3:", "2 8 9>3:", "12 11 10 9>33:", "a", "1+1=2 " * 5, "?", "7*8=", "0"]
GREEDY = SampleSettings(tokens=12, temperature=0, logprobs=True)
OPINION = {"do_sample": True, "top_p": 0.01, "top_k": 1, "repetition_penalty": 5.0, "temperature": 0.1}


@pytest.fixture(scope="module")
def policy() -> Policy:
    """A policy with random weights, sharp enough that greedy choices are clear, whose completions end at times.

    What it suggests for sampling is far from plain sampling.
    """
    recipe = Recipe(Mixture.of(Countdown(), guess=1.0), width=WIDTH, layers=2, heads=2)
    made = Policy(new_model(recipe), number_tokenizer(), "tiny", BEGIN)
    torch.manual_seed(0)
    with torch.no_grad():
        for name, weight in made.model.named_parameters():
            if weight.dim() == 2:
                torch.nn.init.normal_(weight, std=0.25 if "embed" in name else 0.15)
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                weight[0] = 0.0
        # the first hidden unit is the same everywhere: the end token's weight on it acts as a bias
        made.model.lm_head.weight[:, 0] = 1.0
        made.model.lm_head.weight[made.tokenizer.eos_token_id, 0] += 2.0
    made.model.generation_config.update(**OPINION)
    return made


@pytest.fixture(scope="module")
def sampler(policy: Policy) -> Iterator[Sampler]:
    """vLLM on that policy; when it has ended, no process of it is left."""
    os.environ["VLLM_HOST_IP"] = "127.0.0.1"
    with vllm_sampler(policy, memory=0.5, eager=True) as running:
        engine = [each for each in psutil.Process().children(recursive=True) if each.name().startswith("VLLM")]
        assert engine, "the engine runs in processes of its own"
        yield running
    _, left = psutil.wait_procs(engine, timeout=30)
    assert not left, f"processes outlive the engine: {left}"


def ids(policy: Policy, prompt: str) -> list[int]:
    """The token ids of a prompt, with what the policy's prompts begin with."""
    return policy.tokenizer(policy.prefix + prompt)["input_ids"]


def both(policy: Policy, sampler: Sampler, settings: SampleSettings) -> tuple[list, list]:
    """The completions of transformers and of vLLM, without log-probabilities."""
    pair = (each(PROMPTS, settings) for each in (transformers_sampler(policy), sampler))
    ours, theirs = ([done._replace(logprobs=None) for done in drawn] for drawn in pair)
    return ours, theirs


def test_greedy_completions_are_the_same_token_by_token(policy: Policy, sampler: Sampler) -> None:
    ours, theirs = both(policy, sampler, GREEDY)
    assert theirs == ours
    assert len({done.tokens for done in ours}) > 5


def test_a_completion_is_finished_where_its_last_token_is_the_end(policy: Policy, sampler: Sampler) -> None:
    drawn = sampler(["1 2>3:"] * 200, SampleSettings(tokens=12))
    end = policy.tokenizer.eos_token_id
    assert all(done.finished == (done.tokens[-1] == end) and end not in done.tokens[:-1] for done in drawn)
    assert {done.finished for done in drawn} == {True, False}
    assert {len(done.tokens) for done in drawn if not done.finished} == {12}


def test_token_ids_are_taken_as_they_are(policy: Policy, sampler: Sampler) -> None:
    by_ids: list[Prefix] = [ids(policy, prompt) for prompt in PROMPTS]
    assert sampler(by_ids, GREEDY) == sampler(PROMPTS, GREEDY)
    assert sampler([each[1:] for each in by_ids], GREEDY) != sampler(PROMPTS, GREEDY)
    assert sampler([], GREEDY) == []


def test_log_probabilities_are_those_of_the_score(policy: Policy, sampler: Sampler) -> None:
    settings = SampleSettings(tokens=12, temperature=0.7, top_k=30, suppressed=("=",), logprobs=True)
    for drawn in (sampler(PROMPTS, GREEDY), sampler(PROMPTS, settings)):
        for done, known in zip(drawn, score(policy, PROMPTS, drawn).logprobs, strict=True):
            assert list(done.logprobs) == pytest.approx(known.tolist(), abs=1e-3)
    assert {done.logprobs for done in sampler(PROMPTS, replace(GREEDY, logprobs=False))} == {None}


@pytest.mark.parametrize("temperature", [0.7, 1.0])
def test_first_tokens_follow_the_model_s_distribution(policy: Policy, sampler: Sampler, temperature: float) -> None:
    prefix, count = ids(policy, "2 8 9>3:"), 2000
    settings = SampleSettings(tokens=1, temperature=temperature)
    drawn = Counter(done.tokens[0] for done in sampler([prefix] * count, settings))
    observed = torch.tensor([drawn[token] for token in range(len(policy.tokenizer))], dtype=torch.float64)
    with torch.no_grad():
        logits = policy.model(torch.tensor([prefix])).logits[0, -1].double()
    expected = (logits / temperature).softmax(-1) * count
    rare = expected < 5
    assert expected[rare].sum() > 20, "rare tokens together are common enough to be missed if they were cut off"
    observed = torch.cat([observed[~rare], observed[rare].sum()[None]])
    expected = torch.cat([expected[~rare], expected[rare].sum()[None]])
    assert float(((observed - expected) ** 2 / expected).sum()) < chi2.ppf(0.9999, len(expected) - 1)


def test_only_the_most_probable_tokens_are_sampled_where_the_rest_is_cut_off(
    policy: Policy, sampler: Sampler
) -> None:
    prefix = ids(policy, "2 8 9>3:")
    with torch.no_grad():
        order = policy.model(torch.tensor([prefix])).logits[0, -1].softmax(-1).sort(descending=True)
    nucleus = int((order.values.cumsum(0) < 0.4).sum()) + 1
    for settings, count in ((SampleSettings(tokens=1, top_k=4), 4), (SampleSettings(tokens=1, top_p=0.4), nucleus)):
        drawn = {done.tokens[0] for done in sampler([prefix] * 600, settings)}
        assert drawn == set(order.indices[:count].tolist())


def test_stop_tokens_end_a_completion_as_with_transformers(policy: Policy, sampler: Sampler) -> None:
    free = transformers_sampler(policy)(PROMPTS, GREEDY)
    stop = policy.tokenizer.decode([next(done.tokens[3] for done in free if len(done.tokens) > 6)])
    settings = replace(GREEDY, stop=(stop,))
    ours, theirs = both(policy, sampler, settings)
    assert theirs == ours
    assert stop in {stopped_at(done, settings, tokenizer=policy.tokenizer) for done in theirs}


def test_suppressed_tokens_are_never_sampled_and_the_end_may_be_one(policy: Policy, sampler: Sampler) -> None:
    first = policy.tokenizer.decode([transformers_sampler(policy)(PROMPTS, GREEDY)[0].tokens[0]])
    settings = replace(GREEDY, suppressed=(policy.tokenizer.eos_token, first))
    ours, theirs = both(policy, sampler, settings)
    assert theirs == ours
    assert {len(done.tokens) for done in theirs} == {12}


def test_a_seed_fixes_the_samples_and_the_batch_does_not_matter(policy: Policy, sampler: Sampler) -> None:
    settings = SampleSettings(tokens=8, seed=3)
    first = sampler(PROMPTS, settings)
    assert sampler(PROMPTS, replace(settings, batch=1)) == first
    assert sampler(PROMPTS, replace(settings, seed=4)) != first
    assert len({done.tokens for done in sampler(["1"] * 20, settings)}) > 10


def test_a_completion_can_be_gone_on_from(policy: Policy, sampler: Sampler) -> None:
    whole = sampler(PROMPTS, GREEDY)
    cut = [done._replace(tokens=done.tokens[:2], logprobs=None, finished=False) for done in whole]
    again = continue_from(sampler, PROMPTS, completions=cut, settings=replace(GREEDY, tokens=10))
    long = [place for place, done in enumerate(whole) if len(done.tokens) > 2]
    assert [again[place].tokens for place in long] == [whole[place].tokens for place in long]


def test_the_engine_is_known_with_its_version(sampler: Sampler) -> None:
    import vllm

    assert engine_of(sampler) == f"vllm {vllm.__version__}"
