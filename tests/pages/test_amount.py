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


def test_an_effect_held_against_a_number_is_shown_as_it_was_measured() -> None:
    held = claim_result(unit="pass@64 above 0.03", estimate=-0.0317, low=-0.05, high=-0.01, margin=0.03, side="below")
    assert amount.interval(held) == "−0.0017 [−0.02, +0.02] pass@64, against +0.03"
    assert amount.margin(held) == "0.03 pass@64 below +0.03"
    assert amount.size(0.02, held.unit) == "0.02 pass@64"
    assert amount.before({"estimate": -0.01, "low": -0.02, "high": 0.04}, held.unit) == "0.02 [0.01, 0.07]"
    assert amount.per_seed(held) == "Contrast of seeds 1000, 1001, in pass@64 above 0.03: +0.1, +0.14"


def test_an_effect_may_be_held_against_a_loss() -> None:
    assert (
        amount.interval(claim_result(unit="share above -0.04", estimate=-0.17, low=None))
        == "−0.21 share, against −0.04"
    )


def test_a_contrast_may_be_a_number_less_what_was_measured() -> None:
    unit = "distance, as a share, below 0.2"
    held = claim_result(unit=unit, estimate=0.05, low=0.01, high=0.12, margin=0.1, side="above")
    assert amount.interval(held) == "+0.15 [+0.08, +0.19] distance, as a share, against +0.2"
    assert amount.margin(held) == "0.1 distance, as a share below +0.2"
    assert amount.before({"estimate": 0.05, "low": -0.02, "high": 0.14}, unit) == "0.15 [0.06, 0.22]"
    assert amount.margin(claim_result(unit=unit, margin=0.1, side="below")).endswith("above +0.2")


def test_a_unit_that_only_has_the_word_above_names_no_number() -> None:
    unit = "share right, above that of first attempts"
    assert amount.unit_and_bar(unit) == amount.Unit(unit, 0.0)
    assert amount.interval(claim_result(unit=unit)) == f"+0.12 [+0.05, +0.19] {unit}"


def test_a_claim_of_several_parts_names_the_part_whose_numbers_it_shows() -> None:
    parts = (claim_result(name="gains", estimate=0.5, low=0.4), claim_result(name="beyond dr grpo"))
    assert amount.weakest(claim_result(parts=parts)) == "beyond Dr. GRPO"
    assert amount.weakest(claim_result(parts=parts[:1])) == amount.weakest(claim_result()) == ""


@pytest.mark.parametrize(
    ("name", "written"),
    [("above rl", "above RL"), ("rft memorises more", "RFT memorises more"), ("pass at 1024 falls", "pass@1024 falls")]
    + [(name, name) for name in ("early", "girl", "more than a pause", "at 1")],
)
def test_the_name_of_a_part_is_written_as_people_write_it(name: str, written: str) -> None:
    assert amount.spoken(name) == written


def test_a_sure_but_small_effect_is_told_from_one_that_is_not_there() -> None:
    small = {"verdict": "contradicted", "estimate": 0.02, "low": 0.01, "high": 0.03}
    assert amount.too_small(claim_result(**small))
    assert amount.too_small(claim_result(**{**small, "side": "below", "low": -0.03, "high": -0.01}))
    assert not amount.too_small(claim_result(**{**small, "low": -0.01}))
    assert not amount.too_small(claim_result(**{**small, "side": "below"}))
    assert not amount.too_small(claim_result(**{**small, "side": "within"}))
    assert not amount.too_small(claim_result(**{**small, "verdict": "supported"}))
    assert not amount.too_small(claim_result(**{**small, "low": None}))


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
