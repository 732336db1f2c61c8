"""Numbers as a reader wants to see them."""

import pytest

from tests.pages.sample import claim_result
from tooling.pages import amount


def test_points_are_shown_in_hundredths_and_other_units_as_they_are() -> None:
    assert amount.signed(0.12, "points of pass@1") == "+12.0"
    assert amount.signed(-0.034, "log ratio") == "−0.034"


def test_an_estimate_comes_with_its_interval_and_unit() -> None:
    assert amount.interval(claim_result()) == "+0.12 [+0.05, +0.19] pass@1"
    assert amount.interval(claim_result(low=None, high=None)) == "+0.12 pass@1"
    assert amount.interval(claim_result(estimate=None)) == "no estimate"


@pytest.mark.parametrize(("seconds", "words"), [(41.2, "41 s"), (1411, "24 min"), (12600, "3.5 h")])
def test_durations_use_the_unit_that_people_use(seconds: float, words: str) -> None:
    assert amount.duration(seconds) == words


@pytest.mark.parametrize(("number", "words"), [(850, "850"), (12_000, "12 thousand"), (2_104_000, "2.1 million")])
def test_counts_keep_three_digits(number: float, words: str) -> None:
    assert amount.count(number) == words


def test_nouns_follow_their_number() -> None:
    assert [amount.several(number, "work") for number in (0, 1, 2)] == ["0 works", "1 work", "2 works"]
    assert amount.several(2, "study") == "2 studies"


def test_a_spread_needs_two_seeds() -> None:
    assert amount.mean_and_spread([0.2, 0.4]) == "0.3 ± 0.14"
    assert amount.mean_and_spread([200, 400]) == "300 ± 141"
    assert amount.mean_and_spread([0.2]) == "0.2"
    assert amount.mean_and_spread([]) == "–"
