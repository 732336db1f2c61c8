"""Whether a recording lies where the one before led one to expect it.

The mean of m fresh seeds lies within t_{0.975, n-1} * s * sqrt(1/m + 1/n) of that of n recorded ones in 95% of cases
(Hahn, 1969, "Factors for calculating two-sided prediction intervals"). The half-width of the stored 95% interval is
t * s / sqrt(n), or more where the items of the test are the larger part, so this one is that times sqrt(1 + n/m).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
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
    before, fresh = past.get("seeds") or len(past.get("contrast_per_seed", ())), len(claim.seeds)
    if past["low"] is None or claim.estimate is None or not before or not fresh:
        return
    center, half = prediction(past, before=before, fresh=fresh)
    unit = unit_and_bar(claim.unit)
    low, high = sorted(unit.measured(end) for end in (center - half, center + half))
    yield Foreseen(name, plain(low), plain(high), abs(claim.estimate - center) <= half)


def prediction(past: Mapping[str, Any], *, before: int, fresh: int) -> tuple[float, float]:
    """The middle and half the width of the 95% prediction interval for the mean of `fresh` seeds, from `before`."""
    half = (past["high"] - past["low"]) / 2 * math.sqrt(1 + before / fresh)
    return (past["high"] + past["low"]) / 2, half


def rule_changed(past: Mapping[str, Any], result: Result, *, key: str) -> bool:
    """Whether an entry of the history is of another script, size or rule of the claim, as far as it tells."""
    then = past.get("hashes", {})
    if any(result.hashes.get(name) != then[name] for name in ("script", "size") if name in then):
        return True
    return "rules" in then and then["rules"].get(key) != result.hashes.get("rules", {}).get(key)


def expectation(found: Sequence[Foreseen], *, parts: int = 0, changed: bool = False) -> str:
    """In words, whether the estimates lie where they were expected; empty where nothing can be said.

    `parts` is the number of parts of the claim; those that cannot be compared are counted.
    """
    if not found:
        return ""
    if changed:
        words = " Its script, size or rule has changed since, so that the two need not agree."
        return words + expectation(found, parts=parts)
    outside = [each for each in found if not each.holds]
    if not found[0].name:
        says = "does not agree" if outside else "agrees"
        return f" The estimate above {says} with it (95% prediction interval {found[0].low} to {found[0].high})."
    inside = len(found) - len(outside)
    names = "; ".join(f"{each.name} ({each.low} to {each.high})" for each in outside)
    if outside:
        share = f"{inside} of {len(found)} parts {'agrees' if inside == 1 else 'agree'}"
        return f" {share} with it; not so, by the 95% prediction interval: {names}."
    share = "All parts above" if len(found) >= parts else f"The {len(found)} of {parts} parts that can be compared"
    return f" {share} agree with it."
