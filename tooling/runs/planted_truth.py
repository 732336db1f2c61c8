"""The rules of decision on effects that are known, thousands of repeats each.

A repeat is a recording of two arms. Each seed moves the effect by a normal draw (training runs differ), and each arm is
tested on items of its own (so is what is measured of them). The bars are those that the project set itself before any
recording. The verdicts are computed for all repeats at once; a test compares them with `decide`, one by one.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from tooling.runs.claim import AcrossSeeds
from tooling.runs.decision import Evidence, decide
from tooling.runs.region import Above
from tooling.runs.result import ClaimResult
from tooling.runs.statistic import t_quantile

if TYPE_CHECKING:
    import numpy as np

MARGIN = 0.06
ITEMS = 500
START = 0.3
SPREADS = (0.015, 0.03, 0.06)
EFFECTS = (0.0, 0.5, 1.0, 2.0)  # in margins
FALSE_DIRECTION = 0.035
FALSE_EQUIVALENCE = 0.06
COVERAGE = (0.94, 0.96)
RARE = 1e-6  # outcomes of a lower probability are not judged: below 0.01% in sum
PLACES = 100  # true shares within a step of one seed
COLLAPSED = 3  # the place of the seed that diverges

Kind = Literal["direction", "equivalence"]
VERDICTS = ("contradicted", "inconclusive", "supported")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A planted truth: the kind of claim, the true effect, the spread between seeds, and the number of seeds."""

    kind: Kind = "direction"
    effect: float = 0.0
    spread: float = 0.03
    seeds: int = 8
    repeats: int = 4000


class Found(NamedTuple):
    """What the rules say of a case: the share of each verdict, how often the interval holds the truth."""

    supported: float
    contradicted: float
    coverage: float


class Judged(NamedTuple):
    """The verdict of each repeat (a place in `VERDICTS`) and the ends of its 95% interval."""

    verdict: "np.ndarray"
    low: "np.ndarray"
    high: "np.ndarray"


def drawn(case: Case) -> "np.ndarray":
    """Measured pass@1, of shape (repeats, seeds, arms); the same for the same case."""
    import numpy as np

    generator = np.random.default_rng([int(1000 * case.effect) % 9973, case.seeds, int(1000 * case.spread)])
    shape = (case.repeats, case.seeds)
    shift = generator.normal(0, case.spread, shape)
    chance = np.stack([np.full(shape, START), START + case.effect + shift], axis=-1)
    return generator.binomial(ITEMS, chance.clip(0, 1)) / ITEMS


def judge(contrasts: "np.ndarray", kind: Kind, *, margin: float = MARGIN) -> Judged:
    """The verdicts on contrasts of shape (repeats, seeds): the rules of `Above` and `Within`, all at once."""
    import numpy as np

    seeds = contrasts.shape[1]
    estimate, error = contrasts.mean(axis=1), contrasts.std(axis=1, ddof=1) / math.sqrt(seeds)
    outer, inner = t_quantile(0.975, seeds - 1) * error, t_quantile(0.95, seeds - 1) * error
    low, high = estimate - outer, estimate + outer
    if kind == "direction":
        supported, contradicted = (low > 0) & (estimate >= margin), high < margin
    else:
        supported = (-margin < estimate - inner) & (estimate + inner < margin)
        contradicted = ((low > 0) | (high < 0)) & (abs(estimate) > margin)
    verdict = np.where(supported, 2, np.where(contradicted, 0, 1))
    # without a spread there is no interval, and so no verdict
    return Judged(np.where(error > 1e-9, verdict, 1), low, high)


def planted(case: Case) -> Found:
    """What the rules say when the truth is known."""
    rows = drawn(case)
    judged = judge(rows[:, :, 1] - rows[:, :, 0], case.kind)
    covered = (judged.low <= case.effect) & (case.effect <= judged.high)
    return Found(float((judged.verdict == 2).mean()), float((judged.verdict == 0).mean()), float(covered.mean()))


def pooled(case: Case) -> Found:
    """What an analysis says that pools items and seeds as if all were independent."""
    import numpy as np

    chance = drawn(case).mean(axis=1)
    estimate = chance[:, 1] - chance[:, 0]
    error = np.sqrt((chance * (1 - chance)).sum(axis=1) / (case.seeds * ITEMS))
    low, high = estimate - 1.96 * error, estimate + 1.96 * error
    covered = (low <= case.effect) & (case.effect <= high)
    return Found(float((low > 0).mean()), float((high < 0).mean()), float(covered.mean()))


def collapsed(case: Case, at: float, *, flagged: bool = True) -> float:
    """The share of `supported` where the first arm of one seed collapses to the value `at`, flagged as diverged or not.

    A flagged seed is judged as measured, at the worst value and dropped; the verdict has to be the same three times.
    """
    rows = drawn(case)
    rows[:, COLLAPSED, 0] = at
    contrasts = rows[:, :, 1] - rows[:, :, 0]
    supported = judge(contrasts, case.kind).verdict == 2
    if not flagged:
        return float(supported.mean())
    worst = contrasts.copy()
    worst[:, COLLAPSED] = contrasts.min(axis=1)
    dropped = contrasts[:, [seed for seed in range(case.seeds) if seed != COLLAPSED]]
    for reading in (worst, dropped):
        supported &= judge(reading, case.kind).verdict == 2
    return float(supported.mean())


SHARES = AcrossSeeds(
    arms=("a", "b"),
    statistic=lambda seeds: sum(m["b"]["success"] - m["a"]["success"] for m in seeds) / len(seeds),
    region=Above(),
    margin=0.2,
    unit="share of seeds",
)
SHARE = AcrossSeeds(
    arms=("a",),
    statistic=lambda seeds: sum(m["a"]["success"] for m in seeds) / len(seeds) - 0.5,
    region=Above(),
    margin=0.2,
    unit="share of seeds",
)


@cache
def shares_result(seeds: int, *, more: int, fewer: int) -> ClaimResult:
    """What `SHARES` says where the second arm alone succeeds at `more` seeds and the first alone at `fewer`."""
    first = {seed: {"success": float(more <= seed < more + fewer)} for seed in range(seeds)}
    second = {seed: {"success": float(seed < more)} for seed in range(seeds)}
    return decide(SHARES, Evidence({"a": first, "b": second}), seeds=range(seeds))


@cache
def share_result(seeds: int, successes: int) -> ClaimResult:
    """What `SHARE` says of so many successes among the seeds."""
    measures = {"a": {seed: {"success": float(seed < successes)} for seed in range(seeds)}}
    return decide(SHARE, Evidence(measures), seeds=range(seeds))


def planted_shares(effect: float, *, seeds: int) -> Found:
    """What the rule across seeds says where the first arm succeeds at 30% of seeds, the second at 30% + effect.

    Exact: every outcome but the rarest is judged, and weighed by its probability.
    """
    from scipy.stats import multinomial

    only_second, only_first = (START + effect) * (1 - START), START * (1 - START - effect)
    outcomes = multinomial(seeds, [only_second, only_first, 1 - only_second - only_first])
    chance = {
        (more, fewer): float(outcomes.pmf([more, fewer, seeds - more - fewer]))
        for more in range(seeds + 1)
        for fewer in range(seeds + 1 - more)
    }
    likely = {pair: each for pair, each in chance.items() if each > RARE}
    found = Found(0.0, 0.0, 0.0)
    for pair, each in likely.items():
        found = _added(found, shares_result(seeds, more=pair[0], fewer=pair[1]), truth=effect, chance=each)
    return found


def planted_share(effect: float, *, seeds: int) -> Found:
    """What the rule across seeds says of a share of successes that is 0.5 + effect, to half a step of 1 / seeds.

    A share of 30 is one of 31 numbers, and how often its interval holds one fixed truth hangs on where that lies
    between two of them (Brown, Cai and DasGupta, 2001, "Interval estimation for a binomial proportion"). So the figures
    are means over true shares that lie evenly in the step around the effect. Each is exact.
    """
    from scipy.stats import binom

    found = Found(0.0, 0.0, 0.0)
    for place in range(PLACES):
        truth = effect + ((place + 0.5) / PLACES - 0.5) / seeds
        for count in range(seeds + 1):
            chance = float(binom.pmf(count, seeds, 0.5 + truth)) / PLACES
            found = _added(found, share_result(seeds, count), truth=truth, chance=chance)
    return found


def _added(found: Found, result: ClaimResult, *, truth: float, chance: float) -> Found:
    """The shares so far with those of one more outcome."""
    holds = result.low is not None and result.low <= truth <= result.high
    says = (result.verdict == "supported", result.verdict == "contradicted", holds)
    return Found(*(share + chance * said for share, said in zip(found, says, strict=True)))
