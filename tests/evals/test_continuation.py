"""A completion that is cut and gone on from is the one that was cut, when greedy."""

from collections.abc import Sequence

import pytest

from tests.models.tiny import tiny_policy
from tooling.evals import Prefix, SampleSettings, continue_from, transformers_sampler
from tooling.models import Policy
from tooling.tasks import Completion

PROMPTS = ["1 2>3:", "2 8 9>3:", "12 11 10 9>33:", "a", "1+1=2 " * 5, "?"]
GREEDY = SampleSettings(tokens=10, temperature=0, logprobs=True)


@pytest.fixture(scope="module")
def policy() -> Policy:
    """A policy with random weights."""
    return tiny_policy()


def shortened(completion: Completion, tokens: int) -> Completion:
    """The first tokens of a completion; its text is left wrong on purpose."""
    known = completion.logprobs[:tokens]
    return completion._replace(text="?", tokens=completion.tokens[:tokens], finished=False, logprobs=known)


def test_greedy_completions_that_were_cut_become_whole_again(policy: Policy) -> None:
    sampler = transformers_sampler(policy)
    whole = [done for done in sampler(PROMPTS, GREEDY) if len(done.tokens) == 10]
    prompts = [prompt for prompt, done in zip(PROMPTS, sampler(PROMPTS, GREEDY), strict=True) if done in whole]
    assert len(whole) > 1
    for length in (0, 1, 4):
        cut = [shortened(done, length) for done in whole]
        settings = SampleSettings(tokens=10 - length, temperature=0, logprobs=True)
        again = continue_from(sampler, prompts, completions=cut, settings=settings)
        assert [each[:3] for each in again] == [each[:3] for each in whole]
        for left, right in zip(again, whole, strict=True):
            assert left.logprobs == pytest.approx(right.logprobs, abs=1e-5)


def test_a_finished_completion_comes_back_as_it_is_and_none_is_asked_for(policy: Policy) -> None:
    asked: list[Prefix] = []

    def sampler(prefixes: Sequence[Prefix], settings: SampleSettings) -> list[Completion]:
        asked.extend(prefixes)
        return [Completion("b", (12,), True) for _ in prefixes]

    done, cut = Completion("x", (5, 2), True), Completion("a", (11,), False, (-0.5,))
    joined = continue_from(sampler, [[1, 4], [1, 7]], completions=[done, cut], settings=GREEDY)
    assert joined == [done, Completion("ab", (11, 12), True)]
    assert asked == [[1, 7, 11]]


def test_digits_that_a_tokenizer_would_join_stay_apart(policy: Policy) -> None:
    one, two = (policy.tokenizer(digit)["input_ids"] for digit in "12")
    assert len(policy.tokenizer("12")["input_ids"]) == 1
    cut = Completion("12", (*one, *two), False)
    (done,) = continue_from(transformers_sampler(policy), ["1>"], completions=[cut], settings=GREEDY)
    assert done.tokens[:2] == (*one, *two)
    assert done.text.startswith("12")


def test_a_sampler_without_a_tokenizer_needs_ids() -> None:
    with pytest.raises(ValueError, match="give prefixes as ids"):
        continue_from(lambda prefixes, settings: [], ["1"], completions=[Completion("", (), False)], settings=GREEDY)
