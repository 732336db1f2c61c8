"""Verdicts follow from measures by the rules of science, and say why where they decide nothing."""

import math
from collections.abc import Callable, Sequence
from statistics import fmean

import pytest

from tooling.errors import Invalid
from tooling.runs import Above, AcrossSeeds, All, Below, Claim, Fit, Within
from tooling.runs.claim import SeedMeasures
from tooling.runs.decision import Evidence, decide
from tooling.runs.region import Region


def contrast(m: SeedMeasures) -> float:
    """How much more the second arm solves."""
    return m["large"]["x"] - m["small"]["x"]


def claim(region: Region | None = None, **changes: object) -> Claim:
    """A claim on two arms with a margin of 0.05."""
    given = {"arms": ("small", "large"), "contrast": contrast, "margin": 0.05, "unit": "x", **changes}
    return Claim(region=region or Above(), **given)


def evidence(contrasts: Sequence[float], *, diverged: Sequence[tuple[str, int]] = ()) -> Evidence:
    """Measures with these contrasts, seeds 0, 1, ..."""
    small = {seed: {"x": 0.3} for seed in range(len(contrasts))}
    large = {seed: {"x": 0.3 + value} for seed, value in enumerate(contrasts)}
    return Evidence({"small": small, "large": large}, frozenset(diverged))


def spread(mean: float, width: float = 0.01) -> list[float]:
    """Eight contrasts around a mean; the 95% interval is mean -/+ 0.84 width."""
    return [mean + width * side for side in (-1, 1, -1, 1, -1, 1, -1, 1)]


def verdict(region: Region, contrasts: Sequence[float]) -> str:
    return decide(claim(region), evidence(contrasts), seeds=range(len(contrasts))).verdict


@pytest.mark.parametrize(
    ("mean", "width", "expected"),
    [
        (0.10, 0.01, "supported"),
        (0.051, 0.01, "supported"),
        (0.049, 0.01, "inconclusive"),  # an effect, but short of the margin, and the interval reaches it
        (0.03, 0.01, "contradicted"),  # above 0, and wholly short of the margin
        (0.0, 0.01, "contradicted"),
        (-0.10, 0.01, "contradicted"),
        (0.0, 0.20, "inconclusive"),
        (0.10, 0.20, "inconclusive"),
    ],
)
def test_a_direction_is_judged_by_its_interval_and_the_margin(mean: float, width: float, expected: str) -> None:
    assert verdict(Above(), spread(mean, width)) == expected
    assert verdict(Below(), spread(-mean, width)) == expected


@pytest.mark.parametrize(
    ("mean", "width", "expected"),
    [
        (0.0, 0.01, "supported"),
        (0.03, 0.01, "supported"),
        (0.049, 0.01, "inconclusive"),
        (0.0, 0.20, "inconclusive"),
        (0.051, 0.01, "contradicted"),
        (-0.20, 0.01, "contradicted"),
        (0.20, 0.50, "inconclusive"),
    ],
)
def test_equivalence_is_judged_by_the_90_percent_interval(mean: float, width: float, expected: str) -> None:
    assert verdict(Within(), spread(mean, width)) == expected


def test_equivalence_may_be_supported_where_the_95_percent_interval_sticks_out() -> None:
    found = decide(claim(Within()), evidence(spread(0.0422)), seeds=range(8))
    assert found.verdict == "supported"
    assert found.high is not None and found.high_90 is not None
    assert found.high > 0.05 > found.high_90


def test_a_result_carries_its_numbers() -> None:
    found = decide(claim(), evidence(spread(0.1)), seeds=range(8))
    assert found.estimate == pytest.approx(0.1)
    assert (found.low, found.high) == (pytest.approx(0.0910626), pytest.approx(0.108937))
    assert found.contrast_per_seed == pytest.approx(spread(0.1))
    assert (found.seeds, found.level, found.arms, found.region) == (tuple(range(8)), 0.95, ("small", "large"), "above")
    assert found.p_value is not None and found.p_value < 1e-6
    assert "0.05" in found.rule


def test_one_seed_decides_nothing() -> None:
    found = decide(claim(), evidence([0.5]), seeds=[0])
    assert (found.verdict, found.why, found.low) == ("inconclusive", "one seed: no interval", None)


def test_seeds_without_any_spread_decide_nothing() -> None:
    assert verdict(Above(), [0.5] * 8) == "inconclusive"
    assert verdict(Within(), [0.0] * 8) == "inconclusive"


def test_the_items_error_widens_the_interval() -> None:
    floored = claim(item_error=lambda m: 0.5)
    assert decide(claim(), evidence(spread(0.1)), seeds=range(8)).verdict == "supported"
    assert decide(floored, evidence(spread(0.1)), seeds=range(8)).verdict == "inconclusive"


def test_each_claim_reads_its_own_seeds() -> None:
    first_eight = decide(claim(), evidence([*spread(0.1), -5.0, -5.0]), seeds=range(8))
    assert first_eight.verdict == "supported"


def test_a_missing_seed_is_an_error() -> None:
    with pytest.raises(Invalid, match="seed 8 of arm `small` is missing"):
        decide(claim(), evidence(spread(0.1)), seeds=range(9))


def test_a_missing_measure_is_an_error_that_names_it() -> None:
    with pytest.raises(Invalid, match="the contrast of seed 0 cannot be computed .KeyError: 'y'"):
        decide(claim(contrast=lambda m: m["small"]["y"]), evidence(spread(0.1)), seeds=range(8))


def test_a_contrast_that_reads_an_arm_that_the_claim_does_not_name_is_an_error() -> None:
    with pytest.raises(Invalid, match="KeyError: 'large'"):
        decide(claim(arms=("small",)), evidence(spread(0.1)), seeds=range(8))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_contrast_that_is_not_finite_is_an_error(value: float) -> None:
    with pytest.raises(Invalid, match="seed 0 is (nan|inf)"):
        decide(claim(), evidence([value, *spread(0.1)]), seeds=range(8))


def test_an_unfit_miniature_decides_nothing_whatever_the_numbers() -> None:
    fit = (Fit("the base solves 40 to 60%", lambda m: m["small"]["x"], 0.4, 0.6),)
    found = decide(claim(fit=fit), evidence(spread(0.1)), seeds=range(8))
    assert found.verdict == "inconclusive"
    assert not found.fit
    assert found.unfit == ("the base solves 40 to 60%: 0.3 instead of 0.4 to 0.6",)
    assert found.why == "miniature unfit: the base solves 40 to 60%: 0.3 instead of 0.4 to 0.6"
    assert found.estimate == pytest.approx(0.1)


def test_a_fit_band_is_judged_on_the_mean_over_seeds() -> None:
    fit = (Fit("gain", contrast, 0.09, 0.11),)
    assert decide(claim(fit=fit), evidence(spread(0.1, 0.03)), seeds=range(8)).fit


def test_a_diverged_cell_that_makes_the_verdict_takes_it_away() -> None:
    # without seed 7 the gain is short of the margin; the collapse of the arm `small` there makes it look large
    measured = [0.03, 0.05, 0.04, 0.05, 0.03, 0.05, 0.06, 0.30]
    assert decide(claim(), evidence(measured), seeds=range(8)).verdict == "supported"
    found = decide(claim(), evidence(measured, diverged=[("small", 7)]), seeds=range(8))
    assert found.verdict == "inconclusive"
    assert found.diverged == ("small/7",)
    assert found.sensitivity == (
        "small/7 diverged; as measured: supported (+0.0762); at the worst value: inconclusive (+0.0425); "
        "dropped: inconclusive (+0.0443)"
    )
    assert found.why == "the verdict hangs on the diverged cells"


def test_a_verdict_that_survives_its_diverged_cells_stands_and_is_flagged() -> None:
    found = decide(claim(), evidence(spread(0.1), diverged=[("large", 3)]), seeds=range(8))
    assert found.verdict == "supported"
    assert found.diverged == ("large/3",)
    assert found.sensitivity is not None and "at the worst value: supported" in found.sensitivity


def test_a_diverged_cell_of_another_arm_changes_nothing() -> None:
    found = decide(claim(), evidence(spread(0.1), diverged=[("third", 3)]), seeds=range(8))
    assert (found.verdict, found.diverged, found.sensitivity) == ("supported", (), None)


def unmeasured(contrasts: Sequence[float], seed: int) -> Evidence:
    """Evidence in which the cell of the arm `large` diverged before anything was measured."""
    found = evidence(contrasts, diverged=[("large", seed)])
    return Evidence({**found.measures, "large": {**found.measures["large"], seed: {"x": None}}}, found.diverged)


def test_a_diverged_cell_without_measures_takes_the_worst_value() -> None:
    found = decide(claim(), unmeasured(spread(0.1), 3), seeds=range(8))
    assert found.verdict == "supported"
    assert found.contrast_per_seed[3] is None
    assert found.estimate == pytest.approx((0.1 * 8 - 0.02) / 8)


def test_where_all_cells_diverged_unmeasured_there_is_no_estimate() -> None:
    nothing = Evidence({"small": {0: {}, 1: {}}, "large": {0: {}, 1: {}}}, frozenset({("large", 0), ("small", 1)}))
    found = decide(claim(), nothing, seeds=[0, 1])
    assert (found.verdict, found.estimate) == ("inconclusive", None)


def test_a_claim_about_collapse_counts_diverged_cells_as_measured() -> None:
    collapse = claim(diverged="counts")
    found = decide(collapse, evidence(spread(0.1), diverged=[("large", seed) for seed in range(8)]), seeds=range(8))
    assert (found.verdict, found.sensitivity, len(found.diverged)) == ("supported", None, 8)
    with pytest.raises(Invalid, match="leaves a contrast undefined"):
        decide(collapse, unmeasured(spread(0.1), 3), seeds=range(8))


def both(first: Callable[[SeedMeasures], float], second: Callable[[SeedMeasures], float]) -> All:
    return All(it_rises=claim(contrast=first), it_falls=claim(Below(), contrast=second))


def test_all_is_supported_if_every_part_is_and_contradicted_if_one_is() -> None:
    measured = evidence(spread(0.1))
    assert decide(both(contrast, lambda m: -contrast(m)), measured, seeds=range(8)).verdict == "supported"
    assert decide(both(contrast, contrast), measured, seeds=range(8)).verdict == "contradicted"
    unsure = decide(both(contrast, lambda m: -contrast(m) * 20 + 1.95), measured, seeds=range(8))
    assert unsure.verdict == "inconclusive"
    assert unsure.why is not None and unsure.why.startswith("it falls: ")


def test_all_shows_the_numbers_of_its_weakest_part() -> None:
    found = decide(both(contrast, lambda m: -contrast(m) - 1), evidence(spread(0.1)), seeds=range(8))
    assert (found.region, found.side, found.estimate) == ("all", "above", pytest.approx(0.1))
    assert [part.name for part in found.parts] == ["it rises", "it falls"]
    assert found.p_value == max(part.p_value or 0 for part in found.parts)


def test_an_unfit_part_makes_all_inconclusive_even_beside_a_contradicted_one() -> None:
    fit = (Fit("never", lambda m: m["small"]["x"], 0.8, 0.9),)
    rule = All(one=claim(fit=fit), two=claim(Below()))
    found = decide(rule, evidence(spread(0.1)), seeds=range(8))
    assert (found.verdict, found.fit) == ("inconclusive", False)


def share(seeds: Sequence[SeedMeasures]) -> float:
    """The share of seeds that gain, above one half."""
    return fmean(contrast(m) > 0.05 for m in seeds) - 0.5


def across(**changes: object) -> AcrossSeeds:
    given = {"arms": ("small", "large"), "statistic": share, "margin": 0.1, "unit": "share", **changes}
    return AcrossSeeds(region=Above(), **given)


def test_a_share_of_seeds_is_judged_by_the_bootstrap() -> None:
    mostly = evidence([0.1] * 27 + [0.0] * 4)
    found = decide(across(), mostly, seeds=range(31))
    assert (found.verdict, found.region, found.side) == ("supported", "across", "above")
    assert found.estimate == pytest.approx(27 / 31 - 0.5, abs=1e-6)
    half = decide(across(), evidence([0.1, 0.0] * 15), seeds=range(30))
    assert half.verdict == "inconclusive"


def test_a_claim_across_seeds_needs_thirty() -> None:
    found = decide(across(), evidence([0.1] * 20 + [0.0] * 4), seeds=range(24))
    assert (found.verdict, found.low) == ("inconclusive", None)
    assert found.why == "24 seeds: a statistic over seeds needs 30 or more"


def test_a_diverged_seed_across_seeds_is_flagged_and_must_not_decide() -> None:
    contrasts = [0.1] * 27 + [0.0] * 4
    stands = decide(across(), evidence(contrasts, diverged=[("large", 0)]), seeds=range(31))
    assert (stands.verdict, stands.diverged) == ("supported", ("large/0",))
    tipped = decide(across(), evidence(contrasts, diverged=[("large", s) for s in range(22)]), seeds=range(31))
    assert tipped.verdict == "inconclusive"


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"margin": 0.0}, "`margin` is 0"), ({"arms": "small"}, "give a tuple"), ({"diverged": "drop"}, "`diverged`")],
)
def test_a_rule_that_could_decide_nothing_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        claim(**changes)


def test_all_of_one_part_and_an_empty_band_are_refused() -> None:
    with pytest.raises(Invalid, match="fewer than two parts"):
        All(one=claim())
    with pytest.raises(Invalid, match="give a band"):
        Fit("x", contrast, 0.5, 0.5)
