"""How many seeds a claim needs, from the spread between seeds of an exploration.

The per-seed contrasts are taken as normal with the true effect mu and the standard deviation sigma. Powers are exact
for the rules of `tooling.runs.region`: given s, the estimate is normal with the standard error sigma / sqrt(n), and
(n - 1) s^2 / sigma^2 has a chi-square distribution, over which the conditional power is averaged.

- *direction*: the 95% interval excludes 0, mean(d) > t_{0.975, n-1} s / sqrt(n), which is the power of the two-sided t
  test on one side (Student's t, noncentral; Cohen, 1988, chapter 2). By symmetry it is the power to exclude an effect
  of the margin where there is none.
- *equivalence*: the 90% interval lies inside (-margin, margin), |mean(d)| < margin - t_{0.95, n-1} s / sqrt(n): the two
  one-sided tests of Schuirmann (1987), with the exact power of Phillips (1990, "Power of the two one-sided tests
  procedure in bioequivalence").

A spread from k seeds is itself uncertain. `upper_spread` is its one-sided 80% upper limit, for which a study is planned
so that its true power is 80% or more in four cases of five (Browne, 1995, "On the use of a pilot sample for sample size
determination").
"""

import math
from collections.abc import Callable
from functools import lru_cache

from tooling.runs.statistic import t_quantile

POWER = 0.80
MOST_SEEDS = 500
POINTS = 400  # of the chi-square distribution; the average is then exact to three digits from 3 seeds on


def direction_power(effect: float, spread: float, *, seeds: int) -> float:
    """The chance that the 95% interval of `seeds` contrasts lies above 0 when the true effect is `effect`.

    An effect of one spread is seen by 8 seeds with a power of 0.68, by 12 with 0.88.
    """
    return _average(seeds, lambda s: _above(effect, spread, seeds=seeds, limit=t_quantile(0.975, seeds - 1) * s))


def equivalence_power(margin: float, spread: float, *, seeds: int) -> float:
    """The chance that the 90% interval of `seeds` contrasts lies inside (-margin, margin) when there is no effect."""

    def inside(s: float) -> float:
        room = margin / spread * math.sqrt(seeds) - t_quantile(0.95, seeds - 1) * s
        return max(0.0, 2 * _normal(room) - 1)

    return _average(seeds, inside)


def visible_effect(spread: float, *, seeds: int) -> float:
    """The smallest effect that `seeds` seeds tell from none with a power of 80%, on the scale of the spread.

    With 8 seeds whose contrasts spread by 0.05 it is 0.058.
    """
    low, high = 0.0, 64.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if direction_power(middle, 1.0, seeds=seeds) >= POWER else (middle, high)
    return spread * high


def seeds_for_direction(margin: float, spread: float) -> int | None:
    """The fewest seeds that tell an effect of the margin from none with a power of 80%; None above 500."""
    return _fewest(lambda seeds: direction_power(margin, spread, seeds=seeds))


def seeds_for_equivalence(margin: float, spread: float) -> int | None:
    """The fewest seeds that support equivalence with a power of 80% where there is no effect; None above 500."""
    return _fewest(lambda seeds: equivalence_power(margin, spread, seeds=seeds))


def upper_spread(spread: float, *, seeds: int) -> float:
    """The one-sided 80% upper limit of a spread that was estimated from `seeds` seeds.

    s * sqrt(df / chi2_{0.20, df}): 0.05 from 4 seeds may well be 0.086, from 20 seeds 0.059.
    """
    from scipy.special import gammaincinv

    freedom = seeds - 1
    return spread * math.sqrt(freedom / (2 * float(gammaincinv(freedom / 2, 0.20))))


def _fewest(power: Callable[[int], float]) -> int | None:
    """The fewest seeds with a power of 80%; the power grows with the seeds, so the interval is halved."""
    low, high = 1, 2
    while power(high) < POWER:
        if high >= MOST_SEEDS:
            return None
        low, high = high, min(2 * high, MOST_SEEDS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return high


def _above(effect: float, spread: float, *, seeds: int, limit: float) -> float:
    return _normal(effect / spread * math.sqrt(seeds) - limit)


def _normal(value: float) -> float:
    return 0.5 * math.erfc(-value / math.sqrt(2))


@lru_cache(maxsize=256)
def _spreads(freedom: int) -> tuple[float, ...]:
    """s / sigma at evenly spaced quantiles of its distribution."""
    from scipy.special import gammaincinv

    places = [(point + 0.5) / POINTS for point in range(POINTS)]
    return tuple(math.sqrt(2 * float(gammaincinv(freedom / 2, place)) / freedom) for place in places)


def _average(seeds: int, conditional: Callable[[float], float]) -> float:
    return math.fsum(conditional(s) for s in _spreads(seeds - 1)) / POINTS
