"""A claim as a rule that is fixed before any recording: contrast, region, margin and unit.

    Claim(arms=("large", "small"), contrast=lambda m: m["large"]["pass@1"] - m["small"]["pass@1"],
          region=Above(), margin=0.05, unit="pass@1")

`contrast(m)` gets the measures of one seed, by arm and name, and returns one number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tooling.errors import Invalid
from tooling.runs.region import Region

SeedMeasures = Mapping[str, Mapping[str, float]]  # arm -> name of the measure -> value, of one seed
Diverged = Literal["worst", "counts"]


@dataclass(frozen=True)
class Fit:
    """A band in which the mean over seeds of a value must lie for the miniature to be fit to judge the claim.

    Outside it the verdict is "inconclusive: miniature unfit", whatever the numbers.
    """

    name: str
    value: Callable[[SeedMeasures], float]
    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse an empty band."""
        if not self.low < self.high:
            raise Invalid(
                f"fit `{self.name}`: `low` is {self.low} and `high` is {self.high}; give a band from low to high"
            )


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim about a number per seed.

    - `arms`: the arms that the contrast and the fit bands read, in the paper's words;
    - `contrast`: measures of one seed -> one number (difference, log ratio, slope);
    - `region`, `margin`, `unit`: where the number lies, the smallest size that matters, and its unit;
    - `seeds`: the number of seeds at `mini` and above, where the claim needs more than the script's;
    - `fit`: bands in which the miniature can judge the claim;
    - `item_error`: measures of one seed -> standard error of the contrast from its test items alone; a floor;
    - `diverged`: "worst": the verdict must survive dropping diverged cells and giving them the worst value;
      "counts": divergence is what the claim is about, so the cells count as they were measured.
    """

    arms: tuple[str, ...]
    contrast: Callable[[SeedMeasures], float]
    region: Region
    margin: float
    unit: str
    seeds: int | None = None
    fit: tuple[Fit, ...] = ()
    item_error: Callable[[SeedMeasures], float] | None = None
    diverged: Diverged = "worst"

    def __post_init__(self) -> None:
        """Refuse a rule that could decide nothing."""
        _check(self)


@dataclass(frozen=True, kw_only=True)
class AcrossSeeds:
    """A claim about what exists only over seeds, such as the share of seeds that succeed.

    `statistic(seeds)` gets the measures of all seeds (a list of what a contrast gets) and returns one number, of which
    the region judges the distance from 0: subtract the reference (`share - 0.5`), or one arm's share from the other's.
    Its interval is a bootstrap over seeds, and it needs 30 or more.
    """

    arms: tuple[str, ...]
    statistic: Callable[[Sequence[SeedMeasures]], float]
    region: Region
    margin: float
    unit: str
    seeds: int | None = 30
    fit: tuple[Fit, ...] = ()
    diverged: Diverged = "worst"

    def __post_init__(self) -> None:
        """Refuse a rule that could decide nothing."""
        _check(self)


class All:
    """A claim of several parts: supported if every part is, contradicted if one is.

    The keywords name the parts: `All(longer=Claim(...), no_less_accurate=Claim(...))`; underscores are shown as spaces.
    """

    def __init__(self, **parts: Claim | AcrossSeeds) -> None:
        """Keep the parts under their names."""
        if len(parts) < 2:
            raise Invalid("`All` has fewer than two parts; use the one claim alone")
        self.parts: Mapping[str, Claim | AcrossSeeds] = {name.replace("_", " "): part for name, part in parts.items()}

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms of all parts, each once."""
        return tuple(dict.fromkeys(arm for part in self.parts.values() for arm in part.arms))

    @property
    def seeds(self) -> int | None:
        """The largest number of seeds that a part asks for, if any does."""
        return max((part.seeds for part in self.parts.values() if part.seeds), default=None)


Rule = Claim | AcrossSeeds | All


def _check(rule: Claim | AcrossSeeds) -> None:
    if isinstance(rule.arms, str) or not rule.arms:
        raise Invalid(f"`arms` is {rule.arms!r}; give a tuple of the names of the arms that the claim reads")
    if not rule.margin > 0:
        raise Invalid(f"`margin` is {rule.margin}; give the smallest size that would matter, above 0")
    if rule.diverged not in ("worst", "counts"):
        raise Invalid(f'`diverged` is {rule.diverged!r}; give "worst" or "counts"')
