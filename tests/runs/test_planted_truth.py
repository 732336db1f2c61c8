"""The engine on planted truth: known effects, 4,000 repeats each, through the same `decide` that judges recordings.

A repeat is a recording of 8 seeds (12 for equivalence) with two arms. Each seed shifts the effect by a normal draw of 3
points (training runs differ) and each arm is tested on 500 items of its own (so is what is measured of them). The
analysis that pools items and seeds as if independent fails the bar that the engine keeps.
"""

from collections import Counter
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from tooling.runs import Above, Below, Claim, Within
from tooling.runs.decision import Evidence, decide
from tooling.runs.region import Region
from tooling.runs.result import ClaimResult

REPEATS = 4000
MARGIN = 0.06
ITEMS = 500
SPREAD_OF_SEEDS = 0.03
START = 0.3

FALSE_DIRECTION = 0.035
FALSE_EQUIVALENCE = 0.06
COVERAGE = (0.94, 0.96)


class Planted(NamedTuple):
    """The shares of verdicts over the repeats, and how often the interval holds the truth."""

    verdicts: dict[str, float]
    coverage: float


def drawn(effect: float, seeds: int) -> np.ndarray:
    """Measured pass@1, of shape (repeats, seeds, arms)."""
    generator = np.random.default_rng([int(1000 * effect) % 9973, seeds])
    shift = generator.normal(0, SPREAD_OF_SEEDS, (REPEATS, seeds))
    chance = np.stack([np.full((REPEATS, seeds), START), START + effect + shift], axis=-1)
    return generator.binomial(ITEMS, chance.clip(0, 1)) / ITEMS


def evidence(row: np.ndarray, diverged: frozenset[tuple[str, int]] = frozenset()) -> Evidence:
    """One repeat as measures of the arms."""
    arms = {arm: {seed: {"x": float(value)} for seed, value in enumerate(row[:, i])} for i, arm in enumerate("ab")}
    return Evidence(arms, diverged)


def rule(region: Region) -> Claim:
    """The claim that the second arm differs as the region says."""
    contrast = lambda m: m["b"]["x"] - m["a"]["x"]  # noqa: E731
    return Claim(arms=("a", "b"), contrast=contrast, region=region, margin=MARGIN, unit="pass@1")


@cache
def planted(region: Region, effect: float) -> Planted:
    """What the engine says when the truth is `effect`."""
    seeds = 12 if isinstance(region, Within) else 8
    judged = [decide(rule(region), evidence(row), seeds=range(seeds)) for row in drawn(effect, seeds)]
    counted = Counter(found.verdict for found in judged)
    held = sum(found.low <= effect <= found.high for found in judged)
    return Planted({name: counted[name] / REPEATS for name in counted}, held / REPEATS)


def share(region: Region, effect: float, verdict: str) -> float:
    return planted(region, effect).verdicts.get(verdict, 0.0)


def test_no_effect_is_rarely_called_one() -> None:
    assert share(Above(), 0.0, "supported") <= FALSE_DIRECTION
    assert share(Below(), 0.0, "supported") <= FALSE_DIRECTION


def test_an_effect_beyond_the_margin_is_rarely_contradicted() -> None:
    assert share(Above(), MARGIN, "contradicted") <= FALSE_DIRECTION
    assert share(Above(), 2 * MARGIN, "contradicted") <= 0.001


def test_an_effect_of_twice_the_margin_is_found() -> None:
    assert share(Above(), 2 * MARGIN, "supported") >= 0.99
    # an effect as large as the margin reaches it in half of all cases, one of half its size seldom
    assert 0.4 <= share(Above(), MARGIN, "supported") <= 0.6
    assert share(Above(), MARGIN / 2, "supported") <= 0.05


@pytest.mark.parametrize("side", [-1, 1])
def test_arms_that_differ_by_the_margin_are_rarely_called_equal(side: int) -> None:
    assert share(Within(), side * MARGIN, "supported") <= FALSE_EQUIVALENCE


def test_equal_arms_are_called_equal_and_unequal_ones_are_not() -> None:
    assert share(Within(), 0.0, "supported") >= 0.95
    assert share(Within(), 0.0, "contradicted") <= FALSE_DIRECTION
    assert share(Within(), 2 * MARGIN, "supported") == 0.0
    assert share(Within(), 2 * MARGIN, "contradicted") >= 0.99


@pytest.mark.parametrize("region", [Above(), Within()])
@pytest.mark.parametrize("effect", [0.0, MARGIN / 2, MARGIN, 2 * MARGIN])
def test_the_interval_holds_the_truth_as_often_as_it_says(region: Region, effect: float) -> None:
    low, high = COVERAGE
    assert low <= planted(region, effect).coverage <= high


def test_the_pooled_analysis_fails_the_bar_that_the_engine_keeps() -> None:
    rows = drawn(0.0, 8)
    chance = rows.mean(axis=1)
    difference = chance[:, 1] - chance[:, 0]
    error = np.sqrt((chance * (1 - chance)).sum(axis=1) / (8 * ITEMS))
    false_direction = (difference / error > 1.96).mean()
    false_any = (abs(difference) / error > 1.96).mean()
    assert false_direction > 2 * FALSE_DIRECTION
    assert false_any > 0.14
    covered = (abs(difference) <= 1.96 * error).mean()
    assert not COVERAGE[0] <= covered <= COVERAGE[1]


def collapsed(seed: int) -> list[ClaimResult]:
    """Repeats without an effect in which the arm `a` collapses at one seed, which looks like a large gain of `b`."""
    rows = drawn(0.0, 8).copy()
    rows[:, seed, 0] = 0.0
    gone = frozenset({("a", seed)})
    return [decide(rule(Above()), evidence(row, gone), seeds=range(8)) for row in rows]


def test_one_seed_in_eight_that_diverges_is_flagged_and_never_gives_support_by_accident() -> None:
    found = collapsed(3)
    assert all(result.diverged == ("a/3",) and result.sensitivity for result in found)
    supported = [result for result in found if result.verdict == "supported"]
    assert len(supported) / REPEATS <= FALSE_DIRECTION
    assert all("dropped: supported" in (result.sensitivity or "") for result in supported)
    assert all("at the worst value: supported" in (result.sensitivity or "") for result in supported)


def test_where_the_divergence_favours_the_claim_it_is_its_flag_that_prevents_false_support() -> None:
    # gains of half the margin: never support-worthy, but a lucky collapse lifts the estimate over the margin
    rows = drawn(MARGIN / 2, 8).copy()
    rows[:, 3, 0] = 0.15
    gone = frozenset({("a", 3)})
    rows = rows[: REPEATS // 4]
    unflagged = [decide(rule(Above()), evidence(row), seeds=range(8)).verdict for row in rows]
    flagged = [decide(rule(Above()), evidence(row, gone), seeds=range(8)).verdict for row in rows]
    assert flagged.count("supported") <= FALSE_DIRECTION * len(rows)
    assert unflagged.count("supported") > flagged.count("supported")
