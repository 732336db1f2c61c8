"""The measures of confidence are those that one computes by hand."""

import doctest
import math

import pytest

from tooling.evals import (
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


def test_the_example_of_the_docstring_holds() -> None:
    assert doctest.testmod(confidence) == (0, 1)
