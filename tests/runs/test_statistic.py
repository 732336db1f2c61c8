"""Intervals over seeds agree with the textbook, and say when they have none."""

import math
import statistics
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from tooling.runs import Within
from tooling.runs.statistic import Bootstrap, bootstrap, paired, t_quantile

CONTRASTS = [0.11, 0.04, 0.09, 0.15, 0.02, 0.08, 0.12, 0.07]


def test_the_paired_interval_is_that_of_the_t_test() -> None:
    estimate = paired(CONTRASTS)
    expected = stats.ttest_1samp(CONTRASTS, 0.0).confidence_interval(0.95)
    assert estimate.interval(0.95) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert estimate.value == pytest.approx(statistics.fmean(CONTRASTS))


@pytest.mark.parametrize("null", [0.0, 0.05, 0.2])
def test_the_p_value_is_that_of_the_t_test(null: float) -> None:
    assert paired(CONTRASTS).p_value(null) == pytest.approx(stats.ttest_1samp(CONTRASTS, null).pvalue, rel=1e-9)


def test_the_smallest_visible_effect_has_a_power_of_four_in_five() -> None:
    visible = paired(CONTRASTS).smallest_visible
    error = statistics.stdev(CONTRASTS) / math.sqrt(8)
    assert visible == pytest.approx((2.3646 + 0.8960) * error, rel=1e-4)
    # the exact power of the t test at that effect, from the noncentral distribution
    power = 1 - stats.nct.cdf(t_quantile(0.975, 7), 7, visible / error)
    assert 0.75 < power < 0.85


def test_the_error_of_the_items_is_a_floor() -> None:
    wide = paired(CONTRASTS, item_errors=[0.2] * 8)
    assert wide.error == pytest.approx(0.2 / math.sqrt(8))
    narrow = paired(CONTRASTS, item_errors=[0.001] * 8)
    assert narrow.error == pytest.approx(statistics.stdev(CONTRASTS) / math.sqrt(8))


def test_one_seed_has_no_interval() -> None:
    assert paired([0.4]).flaw == "one seed: no interval"


def test_seeds_without_spread_have_no_interval_unless_the_items_give_one() -> None:
    same = [0.3 - 0.2, 0.1, 0.4 - 0.3]
    assert "every seed gives the same contrast" in (paired(same).flaw or "")
    assert paired(same, item_errors=[0.05] * 3).flaw is None


def test_no_contrast_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one seed"):
        paired([])


def test_the_bootstrap_gives_the_same_draws_each_time_and_needs_thirty_seeds() -> None:
    values = [float(number % 7) for number in range(30)]
    one, two = bootstrap(statistics.fmean, values, started=30), bootstrap(statistics.fmean, values, started=30)
    assert one == two
    assert one.flaw is None
    assert "needs 30 or more" in (bootstrap(statistics.fmean, values[:29], started=29).flaw or "")


def test_the_bootstrap_of_a_mean_is_the_t_interval() -> None:
    values = [math.sin(number * 1.7) for number in range(40)]
    found, expected = bootstrap(statistics.fmean, values, started=40), paired(values)
    for level in (0.90, 0.95):
        width = expected.interval(level).high - expected.interval(level).low
        assert found.interval(level) == pytest.approx(expected.interval(level), abs=0.03 * width)
    assert found.error == statistics.stdev(found.draws) * math.sqrt(40 / 39)
    assert found.smallest_visible == pytest.approx(expected.smallest_visible, rel=0.03)


@pytest.mark.parametrize("level", [0.90, 0.95, 0.99])
def test_the_p_value_of_the_bootstrap_belongs_to_its_interval(level: float) -> None:
    shares = [float(number < 19) for number in range(30)]
    found = bootstrap(statistics.fmean, shares, started=30)
    for end in found.interval(level):
        assert found.p_value(end) == pytest.approx(1 - level, rel=1e-6)
    assert found.p_value(19 / 30) > 0.9
    assert 0 < found.p_value(-1.0) < 2e-3  # what 10,000 resamples can tell


def test_quantiles_of_a_share_lie_on_its_mid_distribution_function() -> None:
    # four resamples of two seeds, in their true proportions: 0, 1/2, 1/2, 1 with the shares below 1/8, 1/2, 7/8
    found = Bootstrap(0.5, (0.0, 0.5, 0.5, 1.0), resampled=40, started=40)
    tail = stats.norm.cdf(-stats.t.ppf(0.75, 39) * math.sqrt(40 / 39))
    low = 0.5 * (tail - 1 / 8) / (1 / 2 - 1 / 8)
    assert found.interval(0.5) == pytest.approx((low, 1 - low))
    # beyond the outermost half tie there is nothing to interpolate
    assert found.interval(0.95) == (0.0, 1.0)


def test_a_share_that_ties_with_the_margin_is_a_tie() -> None:
    def less_a_half(seeds: Sequence[float]) -> float:
        return sum(seeds) / len(seeds) - 0.5

    assert less_a_half([1.0] * 21 + [0.0] * 9) < 0.2  # by a rounding of the machine
    assert bootstrap(less_a_half, [1.0] * 21 + [0.0] * 9, started=30).value == 0.2


def test_a_bootstrap_without_width_says_so() -> None:
    assert "no width" in (bootstrap(statistics.fmean, [1.0] * 30, started=30).flaw or "")


def test_a_statistic_that_is_not_finite_on_a_resample_is_an_error() -> None:
    with pytest.raises(ValueError, match="not finite"):
        bootstrap(lambda seeds: math.nan, [1.0] * 30, started=30)


def test_the_bootstrap_over_seeds_covers_what_it_says_for_a_ratio_of_spreads() -> None:
    # by weights of the resamples, so that many repeats are quick; the interval of plain percentiles covers 92.5%
    seeds, resamples, repeats = 30, 1000, 2500
    generator = np.random.default_rng(5)
    weights = generator.multinomial(seeds, [1 / seeds] * seeds, resamples) / seeds

    def spread(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return np.log(weights @ values**2 - (weights @ values) ** 2) / 2

    one, two = generator.normal(0, 1, (seeds, repeats)), generator.normal(0, 2, (seeds, repeats))
    drawn = np.sort(spread(two, weights) - spread(one, weights), axis=0).T
    ends = [Bootstrap(0.0, tuple(row), seeds, seeds).interval(0.95) for row in drawn.tolist()]
    held = np.mean([low <= math.log(2) <= high for low, high in ends])
    assert 0.932 < held < 0.96


def test_equality_has_the_larger_p_value_of_its_two_sides_also_where_resamples_are_skewed() -> None:
    draws = tuple(sorted(float(value) for value in np.random.default_rng(3).exponential(1.0, 4000) - 0.9))
    found = Bootstrap(0.006, draws, resampled=30, started=30)
    for margin in (0.5, 1.0, 2.0, 3.0):
        low, high = found.interval(0.90)
        assert (Within().p_value(found, margin) < 0.05) == (-margin < low and high < margin)


def test_equality_of_paired_seeds_is_two_one_sided_t_tests() -> None:
    found = paired(CONTRASTS)
    sides = [
        stats.ttest_1samp(CONTRASTS, 0.1, alternative="less").pvalue,
        stats.ttest_1samp(CONTRASTS, -0.1, alternative="greater").pvalue,
    ]
    assert Within().p_value(found, 0.1) == pytest.approx(max(sides), rel=1e-9)
