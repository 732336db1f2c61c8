"""Estimates over training seeds with their intervals: the paired t interval and the bootstrap over seeds.

The training seed is the unit of replication. Prompts within a seed are never counted as independent of one another:
pooling prompts and seeds gives 14 to 20% false positives where seeds vary.
"""

import math
import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from statistics import NormalDist
from typing import Any, NamedTuple, Protocol

RESAMPLES = 10_000
FEWEST_ACROSS_SEEDS = 30  # below it, percentile intervals of a share are too short
DECIMALS_ACROSS = 12  # 21/30 - 0.5 is 0.2 and no hair less: a tie with the margin is one
SPREAD_OF_ROUNDING = 1e-9  # measures keep 6 digits, so differences below this are arithmetic, not measurement


class Interval(NamedTuple):
    """The two ends of an interval."""

    low: float
    high: float


class Estimate(Protocol):
    """A value over seeds with its uncertainty; `flaw` says why it has no interval, None where it has one."""

    @property
    def value(self) -> float:
        """The point estimate."""

    @property
    def error(self) -> float:
        """Its standard error."""

    @property
    def flaw(self) -> str | None:
        """Why there is no interval."""

    def interval(self, level: float) -> Interval:
        """The two-sided interval at a level such as 0.95."""

    def p_value(self, null: float) -> float:
        """The two-sided p-value of "the truth is `null`"."""

    def below(self, null: float) -> float:
        """The one-sided p-value of "the truth is `null` or more": small where the estimate lies far below it."""

    def above(self, null: float) -> float:
        """The one-sided p-value of "the truth is `null` or less": small where the estimate lies far above it."""

    @property
    def smallest_visible(self) -> float:
        """The smallest true effect that such an interval would exclude 0 for in four cases of five."""


@lru_cache(maxsize=512)
def t_quantile(probability: float, freedom: int) -> float:
    """The quantile of Student's t distribution, e.g. 2.365 for 0.975 and 7 degrees of freedom."""
    from scipy.special import stdtrit  # takes a tenth of a second to import, which readers of results need not pay

    return float(stdtrit(freedom, probability))


@dataclass(frozen=True)
class Paired:
    """The mean of per-seed contrasts with its standard error and degrees of freedom."""

    value: float
    error: float
    freedom: int

    @property
    def flaw(self) -> str | None:
        """Why there is no interval: one seed, or seeds that all give the same contrast."""
        if self.freedom < 1:
            return "one seed: no interval"
        if self.error <= 0:
            return "every seed gives the same contrast, so their spread is not known (an `item_error` would help)"
        return None

    def interval(self, level: float) -> Interval:
        """The t interval: value -/+ t * error."""
        half = t_quantile(0.5 + level / 2, self.freedom) * self.error
        return Interval(self.value - half, self.value + half)

    def p_value(self, null: float) -> float:
        """The two-sided p-value of the t test of "the mean contrast is `null`"."""
        from scipy.special import stdtr

        return float(2 * stdtr(self.freedom, -abs(self.value - null) / self.error))

    def below(self, null: float) -> float:
        """The one-sided p-value of the t test of "the mean contrast is `null` or more"."""
        from scipy.special import stdtr

        return float(stdtr(self.freedom, (self.value - null) / self.error))

    def above(self, null: float) -> float:
        """The one-sided p-value of the t test of "the mean contrast is `null` or less"."""
        from scipy.special import stdtr

        return float(stdtr(self.freedom, (null - self.value) / self.error))

    @property
    def smallest_visible(self) -> float:
        """The smallest effect seen with a power of 80%: (t_{0.975} + t_{0.80}) * s / sqrt(n).

        With 8 seeds whose contrasts spread by s = 0.05 it is (2.365 + 0.896) * 0.05 / sqrt(8) = 0.058.
        """
        return (t_quantile(0.975, self.freedom) + t_quantile(0.80, self.freedom)) * self.error


def paired(contrasts: Sequence[float], *, item_errors: Sequence[float] = ()) -> Paired:
    """The paired estimate of per-seed contrasts: mean, standard error s / sqrt(n), n - 1 degrees of freedom.

    `item_errors` holds per seed the standard error that the finite number of test items alone gives to the contrast;
    the standard error of the mean is then not below sqrt(sum of squares) / n.
    """
    count = len(contrasts)
    if count == 0:
        raise ValueError("no contrast: every claim needs at least one seed")
    value = statistics.fmean(contrasts)
    spread = math.sqrt(math.fsum((each - value) ** 2 for each in contrasts) / (count - 1)) if count > 1 else 0.0
    if spread <= SPREAD_OF_ROUNDING * max(1.0, abs(value)):
        spread = 0.0
    floor = math.sqrt(math.fsum(error * error for error in item_errors)) / count
    return Paired(value, max(spread / math.sqrt(count), floor), count - 1)


@dataclass(frozen=True)
class Bootstrap:
    """A statistic over seeds with the sorted values that it takes on resampled seeds.

    The interval is the expanded percentile interval (Hesterberg, "What Teachers Should Know About the Bootstrap",
    arXiv:1411.5279): a resample of n seeds spreads by sqrt((n-1)/n) too little and has the tails of a normal
    distribution, so its quantiles are taken farther out, at Phi(-sqrt(n/(n-1)) * t). With 30 seeds that is 1.9% in
    place of 2.5%. Shares take few values; their quantiles are interpolated on the mid-distribution function, which
    counts half of a tie (Ma, Genton and Parzen, 2011, "Asymptotic properties of sample quantiles of discrete
    distributions"). How often it holds the truth stands on the page on planted truth.
    """

    value: float
    draws: tuple[float, ...]
    resampled: int  # seeds, those that diverged left out
    started: int

    @property
    def flaw(self) -> str | None:
        """Why there is no interval: too few seeds, or resamples that all give the same value."""
        if self.started < FEWEST_ACROSS_SEEDS:
            return f"{self.started} seeds: a statistic over seeds needs {FEWEST_ACROSS_SEEDS} or more"
        if self.error <= SPREAD_OF_ROUNDING * max(1.0, abs(self.value)):
            return "every resample of the seeds gives the same value, so the bootstrap has no width"
        return None

    @property
    def error(self) -> float:
        """The standard deviation over the resamples, times sqrt(n / (n - 1))."""
        return statistics.stdev(self.draws) * self._stretch if len(self.draws) > 1 else 0.0

    def interval(self, level: float) -> Interval:
        """The expanded percentile interval."""
        import numpy as np

        tail = NormalDist().cdf(-t_quantile(0.5 + level / 2, self._freedom) * self._stretch)
        values, below = self._distribution
        low, high = np.interp([tail, 1 - tail], below, values)
        return Interval(float(low), float(high))

    def p_value(self, null: float) -> float:
        """The two-sided p-value that belongs to the interval: below 0.05 where the 95% interval leaves `null` out."""
        return 2 * min(self.below(null), self.above(null))

    def below(self, null: float) -> float:
        """The one-sided p-value that belongs to the interval, of "the truth is `null` or more"."""
        from scipy.special import stdtr

        return float(stdtr(self._freedom, -self._deviate(null)))

    def above(self, null: float) -> float:
        """The one-sided p-value that belongs to the interval, of "the truth is `null` or less"."""
        from scipy.special import stdtr

        return float(stdtr(self._freedom, self._deviate(null)))

    def _deviate(self, null: float) -> float:
        """The t value of `null` by the share of resamples below it, half of those at it counted."""
        import numpy as np

        values, below = self._distribution
        fewest = 1 / (len(self.draws) + 1)
        share = min(max(float(np.interp(null, values, below, left=0.0, right=1.0)), fewest), 1 - fewest)
        return NormalDist().inv_cdf(share) / self._stretch

    @property
    def smallest_visible(self) -> float:
        """The smallest effect seen with a power of 80%, as of a mean: (t_{0.975} + t_{0.80}) * error."""
        return (t_quantile(0.975, self._freedom) + t_quantile(0.80, self._freedom)) * self.error

    @property
    def _freedom(self) -> int:
        return max(self.resampled - 1, 1)

    @property
    def _stretch(self) -> float:
        return math.sqrt(1 + 1 / self._freedom)

    @cached_property
    def _distribution(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The values of the resamples, each once, and the share of resamples below each, half of those at it added."""
        sizes = Counter(self.draws)
        upto = accumulate(sizes.values())
        below = tuple((end - size / 2) / len(self.draws) for end, size in zip(upto, sizes.values(), strict=True))
        return tuple(sizes), below


def bootstrap(statistic: Callable[[Sequence[Any]], float], seeds: Sequence[Any], *, started: int) -> Bootstrap:
    """The statistic of the seeds and of 10,000 resamples of whole seeds (arms stay paired); the same draws each time.

    `started` is the number of seeds that were started, of which some may have diverged and be left out.
    """
    generator = random.Random(20250120)
    draws = [float(statistic(generator.choices(seeds, k=len(seeds)))) for _ in range(RESAMPLES)]
    value = float(statistic(seeds))
    if not all(math.isfinite(draw) for draw in (value, *draws)):
        raise ValueError("the statistic over seeds is not finite on the seeds or on a resample of them")
    kept = sorted(round(draw, DECIMALS_ACROSS) for draw in draws)
    return Bootstrap(round(value, DECIMALS_ACROSS), tuple(kept), len(seeds), started)
