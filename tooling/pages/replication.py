"""Whether a recording lies where the one before led one to expect it.

The mean of m fresh seeds lies within t_{0.975, n-1} * s * sqrt(1/m + 1/n) of that of n recorded ones in 95% of cases
(Hahn, 1969, "Factors for calculating two-sided prediction intervals"). The half-width of the stored 95% interval is
t * s / sqrt(n), or more where the items of the test are the larger part, so this one is that times sqrt(1 + n/m).
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tooling.pages.amount import plain, spoken, unit_and_bar
from tooling.runs.result import ClaimResult, Result


class Foreseen(NamedTuple):
    """The ends within which an earlier recording expects a contrast; `name` is that of a part, if it is one."""

    name: str
    low: str
    high: str
    holds: bool


def foreseen(past: Mapping[str, Any], claim: ClaimResult) -> list[Foreseen]:
    """What a claim's entry in the history expected of a later recording, by part where there are several.

    Empty where the entry keeps too little: no interval, no seeds, or a claim of parts from before parts were kept.
    """
    if not claim.parts:
        return list(_expected(past, claim, name=""))
    kept = past.get("parts", {})
    return [
        found
        for part in claim.parts
        if part.name in kept
        for found in _expected(kept[part.name], part, name=spoken(part.name))
    ]


def _expected(past: Mapping[str, Any], claim: ClaimResult, *, name: str) -> Iterator[Foreseen]:
    before, fresh = _measured(past.get("contrast_per_seed", ())), _measured(claim.contrast_per_seed)
    if past["low"] is None or claim.estimate is None or not before or not fresh:
        return
    half = (past["high"] - past["low"]) / 2 * math.sqrt(1 + before / fresh)
    center = (past["high"] + past["low"]) / 2
    unit = unit_and_bar(claim.unit)
    low, high = sorted(unit.measured(end) for end in (center - half, center + half))
    yield Foreseen(name, plain(low), plain(high), abs(claim.estimate - center) <= half)


def _measured(contrasts: Any) -> int:
    return sum(each is not None for each in contrasts)


def script_changed(past: Mapping[str, Any], result: Result) -> bool:
    """Whether an entry of the history is of another script or size, as far as it tells."""
    return any(result.hashes.get(name) != then for name, then in past.get("hashes", {}).items())


def expectation(found: list[Foreseen], *, changed: bool = False) -> str:
    """In words, whether the estimates lie where they were expected; empty where nothing can be said."""
    if not found:
        return ""
    if changed:
        return f" Its script has changed since, so this one need not agree.{expectation(found)}"
    outside = [each for each in found if not each.holds]
    if not found[0].name:
        where = "outside" if outside else "inside"
        return f" The estimate above lies {where} its 95% prediction interval, {found[0].low} to {found[0].high}."
    inside = len(found) - len(outside)
    share = f"{inside} of {len(found)} parts {'lies' if inside == 1 else 'lie'}" if outside else "Every part above lies"
    names = "; ".join(f"{each.name} ({each.low} to {each.high})" for each in outside)
    return f" {share} inside its 95% prediction interval{f'; not so: {names}' if outside else ''}."
