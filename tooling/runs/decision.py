"""The verdict of a rule on the measures of its arms and seeds: the whole of what decides, and nothing that runs.

The same function serves a fresh run and the check of a stored result, on measures that are already rounded, so that a
stored verdict follows exactly from the stored measures.
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tooling.errors import Invalid
from tooling.runs.claim import AcrossSeeds, All, Claim, Rule, SeedMeasures
from tooling.runs.result import ClaimResult
from tooling.runs.statistic import Estimate, bootstrap, paired

DIGITS = 6  # more than any measure of a few hundred items carries, and few enough to keep results small
STANDING = {"contradicted": 0, "inconclusive": 1, "supported": 2}


@dataclass(frozen=True)
class Evidence:
    """What was measured: arm -> seed -> name -> value, and the cells that diverged.

    A value is None where a diverged cell has none; a finished cell has a finite number for each.
    """

    measures: Mapping[str, Mapping[int, Mapping[str, float | None]]]
    diverged: frozenset[tuple[str, int]] = frozenset()


class Judged(NamedTuple):
    """A verdict on one reading of the evidence, with the estimate it rests on and the reason if inconclusive."""

    verdict: str
    estimate: Estimate
    why: str | None


def rounded(value: float | None) -> float | None:
    """The value to six significant digits, as it is stored; None stays None."""
    return None if value is None else float(f"{value:.{DIGITS}g}")


def decide(rule: Rule, evidence: Evidence, *, seeds: Sequence[int]) -> ClaimResult:
    """The verdict of the rule on the given seeds.

    Raises `Invalid` when a seed of an arm is missing or a finished cell gives no finite contrast.
    """
    if isinstance(rule, All):
        parts = {name: decide(part, evidence, seeds=seeds) for name, part in rule.parts.items()}
        return _together(rule, [replace(part, name=name) for name, part in parts.items()])
    reading = Reading(rule, evidence, tuple(seeds))
    reading.check_complete()
    unfit = reading.unfit()
    decided = _decide_across(reading) if isinstance(rule, AcrossSeeds) else _decide_claim(reading)
    if not unfit:
        return decided
    return replace(decided, verdict="inconclusive", why=_unfit_words(unfit), fit=False, unfit=tuple(unfit))


@dataclass(frozen=True)
class Reading:
    """A rule of one part with the evidence and the seeds that it reads."""

    rule: Claim | AcrossSeeds
    evidence: Evidence
    seeds: tuple[int, ...]

    def check_complete(self) -> None:
        """Raise `Invalid` when an arm lacks a seed."""
        for arm in self.rule.arms:
            for seed in self.seeds:
                if seed not in self.evidence.measures.get(arm, {}):
                    raise Invalid(f"seed {seed} of arm `{arm}` is missing; every started seed belongs in the result")

    def measures(self, seed: int) -> SeedMeasures:
        """The measures of a seed, by arm."""
        return {arm: self.evidence.measures[arm][seed] for arm in self.rule.arms}  # type: ignore[misc]

    def stopped(self, seed: int) -> bool:
        """Whether a cell of the seed diverged."""
        return any((arm, seed) in self.evidence.diverged for arm in self.rule.arms)

    def per_seed(self, function: Callable[[SeedMeasures], float], what: str) -> list[float | None]:
        """The function's value of each seed; None where a diverged cell leaves it undefined."""
        return [self._value(function, what, seed=seed) for seed in self.seeds]

    def _value(self, function: Callable[[SeedMeasures], float], what: str, *, seed: int) -> float | None:
        try:
            value = float(function(self.measures(seed)))
        except Exception as error:  # the function is the script's own: whatever it raises is reported with its place
            if self.stopped(seed):
                return None
            reason = f"{type(error).__name__}: {error}"
            raise Invalid(f"{what} of seed {seed} cannot be computed ({reason})") from error
        if math.isfinite(value):
            return value
        if self.stopped(seed):
            return None
        raise Invalid(f"{what} of seed {seed} is {value}; finished cells have to give a finite number")

    def unfit(self) -> list[str]:
        """One sentence for each fit band that the mean over seeds misses."""
        sentences = []
        for fit in self.rule.fit:
            present = [value for value in self.per_seed(fit.value, f"fit `{fit.name}`") if value is not None]
            if not present:
                sentences.append(f"{fit.name}: not measured, since every seed diverged")
            elif not fit.low <= (mean := statistics.fmean(present)) <= fit.high:
                sentences.append(f"{fit.name}: {mean:.3g} instead of {fit.low:g} to {fit.high:g}")
        return sentences

    def judge(self, estimate: Estimate) -> Judged:
        """The verdict of the rule's region on an estimate; inconclusive where it has no interval."""
        if estimate.flaw:
            return Judged("inconclusive", estimate, estimate.flaw)
        region, margin = self.rule.region, self.rule.margin
        verdict = region.verdict(estimate, margin)
        return Judged(verdict, estimate, region.why(estimate, margin) if verdict == "inconclusive" else None)

    def resampled(self, seeds: Sequence[int]) -> Estimate:
        """The rule's statistic over some of the seeds, with its bootstrap."""
        try:
            return bootstrap(self.rule.statistic, [self.measures(seed) for seed in seeds], started=len(self.seeds))
        except Exception as error:  # the statistic is the script's own
            reason = f"{type(error).__name__}: {error}"
            raise Invalid(f"the statistic over seeds cannot be computed ({reason})") from error

    def result(self, judged: Judged, contrasts: Sequence[float | None]) -> ClaimResult:
        """The result of a verdict with its numbers."""
        verdict, estimate, why = judged
        numbers = {} if estimate.flaw else self._numbers(estimate)
        return replace(
            self.without_numbers(why),
            verdict=verdict,
            estimate=rounded(estimate.value),
            contrast_per_seed=tuple(rounded(value) for value in contrasts),
            **numbers,
        )

    def _numbers(self, estimate: Estimate) -> dict[str, float | None]:
        """What an estimate with an interval gives beyond its value."""
        region, outer = self.rule.region, estimate.interval(0.95)
        inner = estimate.interval(0.90) if region.name == "within" else (None, None)
        return {
            "low": rounded(outer.low),
            "high": rounded(outer.high),
            "low_90": rounded(inner[0]),
            "high_90": rounded(inner[1]),
            "p_value": rounded(region.p_value(estimate, self.rule.margin)),
            "smallest_visible": rounded(estimate.smallest_visible),
        }

    def without_numbers(self, why: str | None) -> ClaimResult:
        """An inconclusive result: what is known of the rule, the seeds and the diverged cells."""
        rule, across = self.rule, isinstance(self.rule, AcrossSeeds)
        method = "bootstrap over seeds" if across else "paired t interval over seeds"
        cells = [(arm, seed) for arm in rule.arms for seed in self.seeds]
        return ClaimResult(
            verdict="inconclusive",
            estimate=None,
            low=None,
            high=None,
            level=0.95,
            unit=rule.unit,
            margin=rule.margin,
            region="across" if across else rule.region.name,
            side=rule.region.name,
            rule=f"{rule.region.rule(f'{rule.margin:g}')} ({rule.unit}; {method})",
            seeds=self.seeds,
            contrast_per_seed=() if across else (None,) * len(self.seeds),
            diverged=tuple(f"{arm}/{seed}" for arm, seed in cells if (arm, seed) in self.evidence.diverged),
            smallest_visible=None,
            fit=True,
            unfit=(),
            sensitivity=None,
            arms=tuple(rule.arms),
            why=why,
        )


def _decide_claim(reading: Reading) -> ClaimResult:
    rule = reading.rule
    measured = reading.per_seed(rule.contrast, "the contrast")
    present = [value for value in measured if value is not None]
    if not present:
        return reading.without_numbers("every seed diverged before it could be measured")
    if rule.diverged == "counts" and len(present) < len(measured):
        raise Invalid(
            'a diverged cell leaves a contrast undefined though its claim says `diverged="counts"`; measure it'
        )
    errors = [error or 0.0 for error in reading.per_seed(rule.item_error, "the item error")] if rule.item_error else []
    worst = rule.region.worst(present)
    main = reading.judge(paired([worst if value is None else value for value in measured], item_errors=errors))
    decided = reading.result(main, measured)
    stopped = [reading.stopped(seed) for seed in reading.seeds]
    if rule.diverged == "counts" or not any(stopped):
        return decided
    at_worst = [worst if gone or value is None else value for value, gone in zip(measured, stopped, strict=True)]
    others = {"at the worst value": reading.judge(paired(at_worst, item_errors=errors))}
    kept = [index for index, gone in enumerate(stopped) if not gone]
    if kept:
        values, floors = [at_worst[index] for index in kept], [errors[index] for index in kept if errors]
        others["dropped"] = reading.judge(paired(values, item_errors=floors))
    return _with_sensitivity(decided, main, others=others)


def _decide_across(reading: Reading) -> ClaimResult:
    kept = [seed for seed in reading.seeds if not reading.stopped(seed)]
    if reading.rule.diverged == "counts" or len(kept) == len(reading.seeds):
        return reading.result(reading.judge(reading.resampled(reading.seeds)), ())
    if not kept:
        return reading.without_numbers("every seed diverged")
    dropped = reading.judge(reading.resampled(kept))
    try:
        main = reading.judge(reading.resampled(reading.seeds))
    except Invalid:
        # a statistic has no worst value, so diverged cells that cannot be measured leave the claim open
        unmeasured = Judged("inconclusive", dropped.estimate, "the statistic leaves out the diverged cells")
        return _with_sensitivity(reading.result(unmeasured, ()), unmeasured, others={"dropped": dropped})
    return _with_sensitivity(reading.result(main, ()), main, others={"dropped": dropped})


def _with_sensitivity(decided: ClaimResult, main: Judged, *, others: Mapping[str, Judged]) -> ClaimResult:
    """The result with a line on what the diverged cells change; inconclusive when they change the verdict."""
    readings = {"as measured": main, **others}
    line = f"{', '.join(decided.diverged)} diverged; " + "; ".join(
        f"{name}: {judged.verdict} ({judged.estimate.value:+.3g})" for name, judged in readings.items()
    )
    if "dropped" in others and all(judged.verdict == main.verdict for judged in others.values()):
        return replace(decided, sensitivity=line)
    why = main.why or "the verdict hangs on the diverged cells"
    return replace(decided, verdict="inconclusive", why=why, sensitivity=line)


def _unfit_words(unfit: Sequence[str]) -> str:
    return "miniature unfit: " + "; ".join(unfit)


def _together(rule: All, parts: Sequence[ClaimResult]) -> ClaimResult:
    """The result of a claim of several parts; its numbers are those of the weakest."""
    unfit = tuple(dict.fromkeys(sentence for part in parts for sentence in part.unfit))
    weakest = min(parts, key=lambda part: (STANDING[part.verdict], _reach(part)))
    verdict = "inconclusive" if unfit else weakest.verdict
    why = f"{weakest.name}: {weakest.why}" if verdict == "inconclusive" else None
    sensitivity = [f"{part.name}: {part.sensitivity}" for part in parts if part.sensitivity]
    return replace(
        weakest,
        verdict=verdict,
        region="all",
        name="",
        rule="supported if every part is supported; contradicted if one is; else inconclusive",
        diverged=tuple(dict.fromkeys(cell for part in parts for cell in part.diverged)),
        fit=not unfit,
        unfit=unfit,
        sensitivity="; ".join(sensitivity) or None,
        arms=rule.arms,
        p_value=_p_together(verdict, weakest, parts=parts),
        why=_unfit_words(unfit) if unfit else why,
        parts=tuple(parts),
    )


def _p_together(verdict: str, weakest: ClaimResult, *, parts: Sequence[ClaimResult]) -> float | None:
    """The largest p-value of the parts (intersection-union test); of a contradiction its part's, times the parts."""
    if verdict == "contradicted":
        return None if weakest.p_value is None else rounded(min(1.0, weakest.p_value * len(parts)))
    known = [part.p_value for part in parts if part.p_value is not None]
    return max(known) if len(known) == len(parts) else None


def _reach(part: ClaimResult) -> float:
    """How far a part is past its margin, in half-widths of its interval: comparable between units."""
    if part.estimate is None or part.low is None or part.high is None:
        return -math.inf
    past = {
        "above": part.estimate - part.margin,
        "below": -part.margin - part.estimate,
        "within": part.margin - abs(part.estimate),
    }
    return past[part.side] / max((part.high - part.low) / 2, 1e-12)
