"""The measures of confidence are those that one computes by hand."""

import doctest
import math

import pytest

from tooling.evals import (
    auroc_within,
    bottom_confidence,
    confidence,
    group_confidences,
    lowest_confidence,
    mean_confidence,
    tail_confidence,
)

TRACE = [4.0, 4.0, 1.0, 3.0, 6.0, 6.0]


def test_groups_slide_by_one_token() -> None:
    assert group_confidences(TRACE, window=2) == pytest.approx([4.0, 2.5, 2.0, 4.5, 6.0])


def test_each_measure_looks_at_its_own_part() -> None:
    assert mean_confidence(TRACE) == 4.0
    assert tail_confidence(TRACE, window=2) == 6.0
    assert lowest_confidence(TRACE, window=2) == 2.0
    assert bottom_confidence(TRACE, window=2) == 2.0, "a tenth of five groups is at least one"
    assert bottom_confidence(TRACE, window=2, share=0.4) == pytest.approx((2.0 + 2.5) / 2)


def test_a_tenth_of_twenty_groups_is_two() -> None:
    assert bottom_confidence([9.0] * 18 + [1.0, 2.0], window=1) == pytest.approx(1.5)


def test_a_trace_shorter_than_the_window_is_one_group() -> None:
    for measure in (lowest_confidence, bottom_confidence, tail_confidence):
        assert measure(TRACE, window=100) == pytest.approx(mean_confidence(TRACE))


def test_a_trace_without_tokens_has_no_confidence() -> None:
    assert all(math.isnan(measure([])) for measure in (mean_confidence, lowest_confidence, tail_confidence))


def test_the_examples_of_the_docstrings_hold() -> None:
    assert doctest.testmod(confidence) == (0, 2)


def test_a_score_that_follows_correctness_has_an_auroc_of_one_within_each_question() -> None:
    # over both questions together the score would tell little: all of the second score above the first
    outcomes, scores = [[True, False], [True, False]], [[2.0, 1.0], [9.0, 8.0]]
    assert auroc_within(outcomes, scores).tolist() == [1.0, 1.0]


def test_a_question_without_both_outcomes_has_no_auroc() -> None:
    assert all(math.isnan(each) for each in auroc_within([[True, True], [False, False]], [[1.0, 2.0]] * 2))


def test_equal_scores_tell_nothing() -> None:
    assert auroc_within([[True, False, False]], [[3.0, 3.0, 3.0]]).tolist() == [0.5]
