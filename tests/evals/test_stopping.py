"""Replays of stored traces charge what a stopped trace has cost and count only the votes that remain."""

import numpy as np
import pytest

from tooling.evals import Table
from tooling.evals.stopping import Stopping, Trace, at_random, by_confidence, by_length, never, replay, stopped
from tooling.tasks import Completion, Item
from tooling.verify import Grade, Why

SURE, UNSURE = (5.0, 5.0, 5.0, 5.0), (5.0, 5.0, 1.0, 5.0)
NOBODY = np.random.default_rng(0)


def trace(vote: str | None, groups: tuple[float, ...], tokens: int = 8) -> Trace:
    """A trace whose answer `a` is right."""
    return Trace(vote, vote == "a", tokens, groups)


def pool(sure: int, unsure: int) -> list[Trace]:
    """Right traces that are sure and wrong ones, which agree, that are not."""
    return [trace("a", SURE)] * sure + [trace("b", UNSURE)] * unsure


def test_a_trace_is_charged_up_to_the_group_that_stops_it() -> None:
    settings = Stopping(by_confidence, warmup=2, keep=0.5, window=3)
    traces = [trace("a", SURE), trace("b", UNSURE)] * 2
    stops = by_confidence(traces, settings, source=NOBODY)
    assert stops.tolist() == [np.inf, 5.0, np.inf, 5.0], "the third group is complete behind 2 + 3 tokens"


def test_stopping_by_confidence_turns_a_wrong_majority_and_saves_tokens() -> None:
    traces = pool(sure=8, unsure=12)
    whole = replay(traces, Stopping(never, warmup=8, consensus=2, weighted=False))
    stopped = replay(traces, Stopping(by_confidence, warmup=8, keep=0.2, consensus=2, window=3))
    assert (whole.correct, whole.tokens, whole.voters) == (0.0, 160.0, 20.0)
    assert stopped.correct == 1.0
    assert stopped.voters == 8
    assert 8 * 8 < stopped.tokens < whole.tokens


def test_a_random_stop_spends_the_same_tokens_and_leaves_the_majority_wrong() -> None:
    traces = pool(sure=8, unsure=12)
    meant, dealt = (
        replay(traces, Stopping(rule, warmup=8, keep=0.2, consensus=2, weighted=False, window=3), orders=400)
        for rule in (by_confidence, at_random)
    )
    assert dealt.tokens == pytest.approx(meant.tokens, rel=0.02)
    assert dealt.voters == pytest.approx(meant.voters, rel=0.1)
    assert meant.correct > 0.9, "a warm-up of wrong traces alone sets no bar"
    assert dealt.correct < 0.5


def test_a_stop_by_length_keeps_the_short_traces() -> None:
    traces = [trace("a", SURE, tokens) for tokens in (4, 8, 4, 9)]
    settings = Stopping(by_length, warmup=2, keep=0.1)
    assert by_length(traces, settings, source=NOBODY).tolist() == [np.inf, 5.0, np.inf, 5.0]


def test_agreement_ends_a_question_after_the_warm_up() -> None:
    found = replay([trace("a", SURE)] * 20, Stopping(never, warmup=4))
    assert (found.correct, found.tokens, found.voters) == (1.0, 32.0, 4.0)


def test_traces_without_an_answer_are_no_agreement() -> None:
    found = replay([trace(None, SURE)] * 6, Stopping(never, warmup=2))
    assert (found.correct, found.tokens) == (0.0, 48.0)


def test_tied_answers_win_with_equal_chance() -> None:
    traces = [trace("a", SURE)] * 3 + [trace("b", SURE)] * 3
    assert replay(traces, Stopping(never, warmup=2, consensus=2)).correct == 0.5


def test_a_pool_no_larger_than_the_warm_up_is_refused() -> None:
    with pytest.raises(ValueError, match="give more traces"):
        replay(pool(2, 2), Stopping(never, warmup=4))


def test_over_a_table_tokens_are_saved_against_all_of_its_traces() -> None:
    grade = Grade(True, 1.0, "a", Why.OK)
    row = [Completion("a", (1, 2, 3), True)] * 10
    table = Table([Item("", "a", {}, "")] * 2, [row, row], [[grade] * 10] * 2)
    found = stopped(table, [[[5.0, 5.0, 5.0]] * 10] * 2, settings=Stopping(never, warmup=4))
    assert found.right == 1.0
    assert found.saved == pytest.approx(0.6), "both questions end behind the warm-up of 4 of 10"
