"""Whether a recorded result holds on later code: its first two seeds run again, and compared by a rule.

The recorded measures, verdicts and hashes stay as they are. Each run is appended to `revalidations` of the result file,
whatever it says; the result is current again where one agrees that was made on the code of today.

**What is run.** The first two seeds of the recording, every arm that a claim reads. They are fixed, so that nobody can
look for two that agree. A rule that has changed is no case for this: a rule is fixed before a recording, so it needs a
new one. Where the deciding code has changed, today's has to give the stored verdicts and numbers from the stored
measures first; where nothing else has changed, that is all, for no seed would be measured in another way.

**What agrees.** Each claim (each part of one) is compared by its contrasts, c on the recorded run and c' on the new:

- *Same kind of device, a CPU.* One thread with the same seed gives the same numbers to the last digit, so only a
  changed computation makes a difference. Every |c' - c| has to be at most a hundredth of the margin: what is smaller
  cannot matter, and what is larger is no rounding (measures keep six digits).
- *Another kind of CPU, or a GPU.* Sums in another order make trajectories part within some steps, and a run with the
  same seed is then, at worst, a fresh draw from the spread between seeds. With n recorded seeds of standard deviation
  s, the mean of m fresh ones lies in the prediction interval

      mean(c) +- t_{0.975, n-1} * s * sqrt(1/m + 1/n)

  in 95% of cases (Hahn, 1969, "Factors for calculating two-sided prediction intervals"). The same seeds share items and
  starts with the recorded ones, which makes it hold more often. And the verdict has to stay the same when the two new
  contrasts take the place of the recorded ones. There is no correction for the number of parts: to fail wrongly costs
  a recording, to pass wrongly costs the truth of a page. Two seeds see only shifts beyond that interval, so its
  half-width is kept as `tolerance` and shown.

A seed that diverged in one run and not in the other agrees with nothing. For a claim across seeds, whose statistic
has no value per seed, c is the jackknife pseudo-value n * S(all) - (n - 1) * S(all but this seed) (Tukey, 1958), and c'
the same with the seed's new measures in its place; for a share or a mean it is the value of that seed.

Seeds s = 0.03, n = 8: the tolerance on another CPU is 2.365 * 0.03 * sqrt(1/2 + 1/8) = 0.056.
"""

import math
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from tooling.errors import Invalid, NotFound
from tooling.runs.assembly import evidence_of, gather, redecide, stored_evidence
from tooling.runs.claim import AcrossSeeds, All, Claim, Rule, SeedMeasures
from tooling.runs.decision import Evidence, decide, rounded
from tooling.runs.device import device, gpu_names, versions
from tooling.runs.plan import Plan, Request
from tooling.runs.recording import clean_commit, result_path
from tooling.runs.result import ClaimResult, Result, load_result, write_result
from tooling.runs.run import Told, now
from tooling.runs.script import Script
from tooling.runs.staleness import changed_rules, hashes_of, last_run, measured_alike
from tooling.runs.statistic import t_quantile
from tooling.runs.table import columns

SEEDS_AGAIN = 2
SHARE_OF_MARGIN = 0.01
KEPT_HASHES = ("script", "size", "modules", "deciding")
TIGHT = "same kind of CPU: a hundredth of the margin"
BY_SPREAD = "the spread between seeds"
WORDS = ("rule", "why", "scope", "contrast", "parts")  # parts are compared by themselves
JUDGED = tuple(each.name for each in fields(ClaimResult) if each.name not in WORDS)
JUDGED_AGAIN = "the rules on the stored measures"


class Comparison(NamedTuple):
    """A claim, or a part of one, on the recorded and on the new run; `why` says what does not agree."""

    recorded: tuple[float | None, ...]
    again: tuple[float | None, ...]
    shift: float | None
    tolerance: float | None
    why: str | None

    @property
    def agrees(self) -> bool:
        """Whether the two runs agree."""
        return self.why is None


@dataclass(frozen=True, kw_only=True)
class Revalidation:
    """A run of recorded seeds on today's code; of none where only the judging has changed."""

    plan: Plan
    result: Result
    commit: str
    path: Path
    seeds: tuple[int, ...]

    def start(self) -> str | None:
        """Which seeds are run again."""
        seeds = ", ".join(str(seed) for seed in self.seeds)
        what = f"seeds {seeds}" if seeds else "its measures judged again: nothing that measures has changed"
        return f"revalidation of recording {self.result.recording} of {self.result.slug}, {what}"

    def finish(self, jobs: int) -> Told:
        """Append the revalidation to the result file."""
        cells = gather(self.plan)
        tight = same_device(self.result.device, device()) and not gpu_names()
        found = compare(self.plan.rules, self.result, again=evidence_of(cells), tight=tight) if self.seeds else {}
        agrees = all(each.agrees for each in found.values())
        rule = TIGHT if tight else BY_SPREAD
        hashes = self.plan.script.hashes(self.plan.scale)
        entry: dict[str, Any] = {
            "commit": self.commit,
            "date": now(),
            "agrees": agrees,
            "rule": rule if self.seeds else JUDGED_AGAIN,
            "seeds": list(self.seeds),
            "claims": {name: {**each._asdict(), "agrees": each.agrees} for name, each in found.items()},
            "hashes": {name: hashes[name] for name in KEPT_HASHES if hashes[name] != self.result.hashes.get(name)},
        }
        if self.seeds:
            seconds = round(sum(cell.seconds for cell in cells), 1)
            entry |= {"versions": versions(), "device": device(), "seconds": seconds}
        # judging again says only that today's rules find the same, so it takes the place of having judged before
        kept = [each for each in self.result.revalidations if self.seeds or each["seeds"]]
        written = replace(load_result(self.path), revalidations=(*kept, entry))
        write_result(self.path, written)
        return _told(self.result.slug, entry, found, path=self.path)


def revalidation(script: Script, request: Request) -> Revalidation:
    """The run that revalidates the recorded result of a script at a scale.

    Raises `NotFound` where nothing is recorded, `Invalid` on a dirty tree, a changed rule, or a deciding module that
    gives another verdict or number to the stored measures.
    """
    path = result_path(script.root, script.slug, scale=request.scale)
    if not path.is_file():
        raise NotFound(
            f"`{script.slug}` has no recorded result at `{request.scale}` to revalidate; `--record` makes one"
        )
    result = load_result(path)
    commit = clean_commit(script.root, script.slug)
    if changed := changed_rules(result, script.hashes(request.scale)):
        raise Invalid(
            f"{script.name}: the rule of `{changed[0]}` has changed since the recording; a rule is fixed before a "
            "recording, so record anew (`--record`)"
        )
    _check_decisions(script, result)
    rules = {key: rule for key, rule in script.claims.items() if key in result.claims}
    seeds = () if only_judging_changed(result, script.hashes(request.scale)) else first_seeds(result)
    read = {arm for rule in rules.values() for arm in rule.arms} if seeds else set()
    arms = {arm: config for arm, config in script.arms(request.scale).items() if arm in read}
    plan = Plan(
        script=script,
        scale=request.scale,
        rules=rules,
        seeds=dict.fromkeys(rules, seeds),
        arms=arms,
        control_seeds=(),
    )
    return Revalidation(plan=plan, result=result, commit=commit, path=path, seeds=seeds)


def first_seeds(result: Result) -> tuple[int, ...]:
    """The first two seeds that every claim of a result has; `Invalid` where there is none."""
    shared = set.intersection(*(set(claim.seeds) for claim in result.claims.values()))
    if not shared:
        raise Invalid(f"the claims of `{result.slug}` share no seed to run again; record anew (`--record`)")
    return tuple(sorted(shared)[:SEEDS_AGAIN])


def only_judging_changed(result: Result, now: Mapping[str, Any]) -> bool:
    """Whether what measures is as it was when seeds last ran on it and agreed, and only what judges is not."""
    last = last_run(result, now)
    holds = last["agrees"] if last else measured_alike(result.hashes, now)
    settled = [result.hashes, *(hashes_of(result, each) for each in result.revalidations if each["agrees"])]
    judged = [hashes.get("deciding") for hashes in settled if measured_alike(hashes, now)]
    return holds and now["deciding"] not in judged


def judged_otherwise(stored: ClaimResult, today: ClaimResult) -> list[tuple[str, Any, Any]]:
    """What differs between two results of a claim and of its parts, but for words: the name, and both values."""
    return [
        (name, getattr(old, name), getattr(new, name))
        for old, new in zip((stored, *stored.parts), (today, *today.parts), strict=True)
        for name in JUDGED
        if getattr(old, name) != getattr(new, name)
    ]


def _check_decisions(script: Script, result: Result) -> None:
    """Raise `Invalid` where today's rules give the stored measures another verdict or number than the stored one."""
    for key, claim in redecide(script.root, result).items():
        for name, then, today in judged_otherwise(result.claims[key], claim)[:1]:
            raise Invalid(
                f"`{key}`: the deciding code has changed, and `{name}` of the stored measures is {today} instead of "
                f"{then}; record anew (`--record`)"
            )


def same_device(one: str, other: str) -> bool:
    """Whether two devices in words are of one kind: the number of cores does not count, for a cell uses one."""
    return re.sub(r", \d+ cores?", "", one) == re.sub(r", \d+ cores?", "", other)


def compare(rules: Mapping[str, Rule], result: Result, *, again: Evidence, tight: bool) -> dict[str, Comparison]:
    """Each claim, or each part of one as `<claim>: <part>`, on the recorded and on the new measures."""
    then, seeds = stored_evidence(result), first_seeds(result)
    found: dict[str, Comparison] = {}
    for key, rule in rules.items():
        stored = result.claims[key]
        for name, part, recorded in parts_of(key, rule, stored=stored):
            pair = _Pair(part, recorded, then=then, again=again, seeds=seeds)
            found[name] = pair.tight() if tight else pair.by_spread()
        if not tight and (verdict := _verdict_with(rule, stored, then=then, again=again)) != stored.verdict:
            name = next(name for name in found if name.partition(": ")[0] == key)
            why = f"with the new contrasts in place of the recorded ones the claim is {verdict}"
            found[name] = found[name]._replace(why=found[name].why or why)
    return found


def parts_of(key: str, rule: Rule, *, stored: ClaimResult) -> list[tuple[str, Claim | AcrossSeeds, ClaimResult]]:
    """The name, the rule and the stored result of a claim, or of each of its parts."""
    if isinstance(rule, All):
        by_name = {part.name: part for part in stored.parts}
        return [(f"{key}: {name}", part, by_name[name]) for name, part in rule.parts.items()]
    return [(key, rule, stored)]


@dataclass(frozen=True)
class _Pair:
    """A rule of one part with the recorded and the new evidence."""

    rule: Claim | AcrossSeeds
    stored: ClaimResult
    then: Evidence
    again: Evidence
    seeds: tuple[int, ...]

    def tight(self) -> Comparison:
        """Compared to a hundredth of the margin."""
        recorded, again = self.contrasts()
        tolerance = SHARE_OF_MARGIN * self.rule.margin
        differences = [abs(b - a) for a, b in zip(recorded, again, strict=True) if a is not None and b is not None]
        return self._compared(recorded, again, shift=max(differences, default=None), tolerance=tolerance)

    def by_spread(self) -> Comparison:
        """Compared by the prediction interval from the spread between the recorded seeds."""
        recorded, again = self.contrasts()
        everyone = [value for value in self._recorded_contrasts() if value is not None]
        fresh = [value for value in again if value is not None]
        shift = statistics.fmean(fresh) - statistics.fmean(everyone) if fresh and everyone else None
        return self._compared(recorded, again, shift=shift, tolerance=prediction_half_width(everyone, len(fresh)))

    def _compared(
        self,
        recorded: Sequence[float | None],
        again: Sequence[float | None],
        *,
        shift: float | None,
        tolerance: float,
    ) -> Comparison:
        why = None
        if self._diverged(self.then) != self._diverged(self.again):
            why = "a seed diverged in one run and not in the other"
        elif [value is None for value in recorded] != [value is None for value in again]:
            why = "a contrast can be computed in one run and not in the other"
        elif shift is not None and not abs(shift) <= tolerance:
            why = f"the contrast moved by {shift:+.3g}, tolerated are {tolerance:.3g}"
        return Comparison(
            tuple(map(rounded, recorded)), tuple(map(rounded, again)), rounded(shift), rounded(tolerance), why
        )

    def _diverged(self, evidence: Evidence) -> set[tuple[str, int]]:
        return {(arm, seed) for arm in self.rule.arms for seed in self.seeds if (arm, seed) in evidence.diverged}

    def contrasts(self) -> tuple[list[float | None], list[float | None]]:
        """The contrast of each of the two seeds on the recorded run and on the new one."""
        places = [self.stored.seeds.index(seed) for seed in self.seeds]
        everyone = self._recorded_contrasts()
        recorded = [everyone[place] for place in places]
        if isinstance(self.rule, AcrossSeeds):
            return recorded, [self._pseudo_value(place, again=True) for place in places]
        return recorded, list(decide(self.rule, self.again, seeds=self.seeds).contrast_per_seed)

    def _recorded_contrasts(self) -> list[float | None]:
        if isinstance(self.rule, AcrossSeeds):
            return [self._pseudo_value(place) for place in range(len(self.stored.seeds))]
        return list(self.stored.contrast_per_seed)

    def _pseudo_value(self, place: int, *, again: bool = False) -> float | None:
        measures = [self._measures(self.then, seed) for seed in self.stored.seeds]
        if again:
            measures[place] = self._measures(self.again, self.stored.seeds[place])
        return pseudo_value(self.rule.statistic, measures, place=place)

    def _measures(self, evidence: Evidence, seed: int) -> SeedMeasures:
        return {arm: evidence.measures[arm][seed] for arm in self.rule.arms}  # type: ignore[misc]


def prediction_half_width(recorded: Sequence[float], fresh: int) -> float:
    """Half of the 95% prediction interval for the mean of `fresh` new values: t * s * sqrt(1/m + 1/n)."""
    if len(recorded) < 2 or not fresh:
        return 0.0
    error = statistics.stdev(recorded) * math.sqrt(1 / fresh + 1 / len(recorded))
    return t_quantile(0.975, len(recorded) - 1) * error


def pseudo_value(
    statistic: Callable[[Sequence[SeedMeasures]], float], seeds: Sequence[SeedMeasures], *, place: int
) -> float | None:
    """The jackknife pseudo-value of one seed; None where a diverged cell leaves the statistic undefined."""
    count = len(seeds)
    without = [each for index, each in enumerate(seeds) if index != place]
    try:
        value = count * float(statistic(seeds)) - (count - 1) * float(statistic(without))
    except Exception:  # the statistic is the script's own, and a diverged cell may lack what it reads
        return None
    return value if math.isfinite(value) else None


def _verdict_with(rule: Rule, stored: ClaimResult, *, then: Evidence, again: Evidence) -> str:
    """The verdict when the new measures take the place of the recorded ones."""
    measures = {
        arm: {**then.measures[arm], **again.measures[arm]} for arm in then.measures.keys() & again.measures.keys()
    }
    renewed = {(arm, seed) for arm, own in again.measures.items() for seed in own}
    diverged = (then.diverged - renewed) | again.diverged
    try:
        return decide(rule, Evidence(measures, frozenset(diverged)), seeds=stored.seeds).verdict
    except Invalid as error:
        return f"not decidable ({error})"


def _told(slug: str, entry: Mapping[str, Any], found: Mapping[str, Comparison], *, path: Path) -> Told:
    rows = [("claim", "recorded", "again", "shift", "tolerated", "")]
    for name, each in found.items():
        shift = "none" if each.shift is None else f"{each.shift:+.3g}"
        words = (_numbers(each.recorded), _numbers(each.again), shift, f"{each.tolerance:.3g}", each.why or "agrees")
        rows.append((name, *words))
    commit = entry["commit"][:13]
    if entry["agrees"]:
        closing = f"Revalidated at {commit}: the result is current again. Commit it."
    else:
        closing = f"Revalidation failed at {commit}: the result stays stale. Commit it, and record anew (`--record`)."
    line = f"{slug}: {'revalidated' if entry['agrees'] else 'revalidation failed'}"
    table = columns(rows) if found else []
    return Told("\n".join([f"Compared by {entry['rule']}", *table, "", closing, f"Written to {path}"]), line)


def _numbers(values: Sequence[float | None]) -> str:
    return ", ".join("none" if value is None else f"{value:+.4g}" for value in values)
