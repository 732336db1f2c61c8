"""Numbers as a reader wants to see them: effects with their unit, durations, money, counts."""

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from statistics import fmean, stdev
from typing import Any, NamedTuple

SHORT_FORM = re.compile(r"\b(?:dapo|dpo|grpo|kl|ppo|rft|rl|rloo|sft)\b")
HELD_AGAINST = re.compile(r"(.+?),? (above|below) (-?\d+(?:\.\d+)?)")


class Unit(NamedTuple):
    """A unit without the number that it is held against, and that number: `pass@64 above 0.03` is (`pass@64`, 0.03)."""

    name: str
    bar: float
    below: bool = False  # the contrast is the number less what was measured

    def measured(self, contrast: float) -> float:
        """What was measured, of a contrast."""
        return self.bar - contrast if self.below else self.bar + contrast

    def side(self, side: str) -> str:
        """The side of the number on which what was measured lies, where the contrast lies on `side` of zero."""
        return {"above": "below", "below": "above"}.get(side, side) if self.below else side


def unit_and_bar(unit: str) -> Unit:
    """What was measured and the number that it is held against, 0 where the unit names none.

    A contrast "above 0.03" is the measured effect less 0.03, one "below 0.2" is 0.2 less the measured effect: its zero
    is where the claim draws the line.
    """
    held = HELD_AGAINST.fullmatch(unit)
    return Unit(held[1], float(held[3]), below=held[2] == "below") if held else Unit(unit, 0.0)


def signed(value: float, unit: str) -> str:
    """An effect with its sign, points as hundredths: `+12.0` for 0.12 `points of pass@1`, `−0.034` for other units."""
    if unit.startswith("point"):
        return f"{value * 100:+.1f}".replace("-", "−")
    return f"{value:+.3g}".replace("-", "−")


def plain(value: float) -> str:
    """A measure with three digits that matter: `0.412`, `1520`, `−3.1`."""
    if not math.isfinite(value):
        return "–"
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return text.replace("-", "−")


def interval(claim: Any) -> str:
    """The estimate with its interval and unit: `+12.0 [+5.0, +19.0] points of pass@1`.

    An effect that is held against a number is shown as measured, then the number: `+0.01 pass@64, against +0.03`.
    """
    if claim.estimate is None:
        return "no estimate"
    unit = unit_and_bar(claim.unit)
    ends = ""
    if claim.low is not None and claim.high is not None:
        low, high = sorted(map(unit.measured, (claim.low, claim.high)))
        ends = f" [{signed(low, unit.name)}, {signed(high, unit.name)}]"
    held = f", against {signed(unit.bar, unit.name)}" if unit.bar else ""
    return f"{signed(unit.measured(claim.estimate), unit.name)}{ends} {unit.name}{held}"


def weakest(claim: Any) -> str:
    """The name of the part whose numbers stand for a claim of several parts; empty where it has none."""
    numbers = claim.estimate, claim.unit, claim.low
    return next((spoken(part.name) for part in claim.parts if (part.estimate, part.unit, part.low) == numbers), "")


def spoken(part: str) -> str:
    """The name of a part, made from an identifier, as one writes it: `beyond dr grpo` is `beyond Dr. GRPO`."""
    named = SHORT_FORM.sub(lambda found: found[0].upper(), part)
    return re.sub(r"\bpass at (?=\d)", "pass@", named).replace("dr GRPO", "Dr. GRPO")


def too_small(claim: Any) -> bool:
    """Whether a contradicted effect goes the claimed way for certain, and is only smaller than what would matter."""
    if claim.verdict != "contradicted" or claim.low is None or claim.high is None:
        return False
    return claim.low > 0 if claim.side == "above" else claim.side == "below" and claim.high < 0


def before(claim: Any, unit: str) -> str:
    """The estimate of a past recording with its interval, without unit: `0.12 [0.05, 0.19]`; as `interval` counts."""
    measured = unit_and_bar(unit).measured
    ends = ""
    if claim["low"] is not None:
        low, high = sorted(map(measured, (claim["low"], claim["high"])))
        ends = f" [{plain(low)}, {plain(high)}]"
    return f"{plain(measured(claim['estimate']))}{ends}"


def margin(claim: Any) -> str:
    """The margin with its unit: `5.0 points of pass@1`; `0.03 pass@64 below +0.03` where a number is held against."""
    if not claim.margin:
        return "no margin"
    unit = unit_and_bar(claim.unit)
    held = f" {unit.side(claim.side)} {signed(unit.bar, unit.name)}" if unit.bar else ""
    return f"{size(claim.margin, claim.unit)}{held}"


def size(value: float, unit: str) -> str:
    """How large a positive effect is, with its unit: `5.0 points of pass@1`, `0.03 pass@64`."""
    return f"{signed(value, unit)[1:]} {unit_and_bar(unit).name}"


def mean_and_spread(values: Iterable[float]) -> str:
    """The mean over seeds with the standard deviation: `0.412 ± 0.031`."""
    return _mean_and_spread(tuple(value for value in values if math.isfinite(value)))


@lru_cache(maxsize=10_000)  # an exact spread costs more than the rest of a page, and a preview makes pages again
def _mean_and_spread(numbers: tuple[float, ...]) -> str:
    if not numbers:
        return "–"
    if len(numbers) == 1:
        return plain(numbers[0])
    spread = stdev(numbers)
    # of a spread between few seeds the third digit says nothing
    return f"{plain(fmean(numbers))} ± {f'{spread:.2g}' if spread < 10 else plain(spread)}"


def duration(seconds: float) -> str:
    """How long something took: `41 s`, `20 min`, `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def count(number: float) -> str:
    """A large count in words of three digits: `850`, `12 thousand`, `2.1 million`."""
    for size, word in ((1e9, "billion"), (1e6, "million"), (1e4, "thousand")):
        if number >= size:
            return f"{number / (1e3 if size == 1e4 else size):.3g} {word}"
    return f"{number:g}"


def money(dollars: float) -> str:
    """A price: `$0.02`, `less than $0.01`."""
    return f"${dollars:,.2f}" if dollars >= 0.01 else "less than $0.01"


def several(number: int, noun: str) -> str:
    """A count with its noun: `1 work`, `3 works`; a noun in -y becomes -ies."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def per_seed(claim: Any) -> str:
    """The contrast of each seed: `Contrast of seeds 2000 to 2002: +0.1, −0.2, diverged`; else the seeds alone."""
    seeds = _seeds(claim.seeds)
    if not claim.contrast_per_seed:
        return f"Seeds: {seeds}"
    values = ("diverged" if each is None else signed(each, claim.unit) for each in claim.contrast_per_seed)
    unit = f", in {claim.unit}" if unit_and_bar(claim.unit).bar else ""
    return f"Contrast of seeds {seeds}{unit}: {', '.join(values)}"


def _seeds(seeds: Sequence[int]) -> str:
    """The seeds: `2000 to 2011` where they are consecutive."""
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))
