"""Puts finished cells together: evidence, verdicts, arms, cost, and the result that holds it all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tooling.runs.card import statement_hashes
from tooling.runs.cell import Finished, flat, read_cell
from tooling.runs.cost import cost
from tooling.runs.decision import Evidence, decide
from tooling.runs.device import device, gpu_names, versions
from tooling.runs.outcome import Packed
from tooling.runs.plan import Plan
from tooling.runs.result import ArmResult, ClaimResult, Result
from tooling.runs.script import Script, load_script


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What a result is besides its cells: a recording with its number and history, or an exploration (number 0)."""

    started: str
    jobs: int
    recording: int = 0
    commit: str | None = None
    history: tuple[Mapping[str, Any], ...] = ()


def gather(plan: Plan) -> tuple[Finished, ...]:
    """The finished cells of a plan; raises `FileNotFoundError` when one is not there."""
    found = []
    for cell in plan.cells:
        finished = read_cell(plan.path(cell))
        if finished is None:
            raise FileNotFoundError(f"cell {cell.arm}/{cell.seed} is not finished: {plan.path(cell)}")
        found.append(finished)
    return tuple(found)


def evidence_of(cells: Sequence[Finished]) -> Evidence:
    """What the cells measured, by arm and seed."""
    measures: dict[str, dict[int, Mapping[str, float | None]]] = {}
    for cell in cells:
        measures.setdefault(cell.arm, {})[cell.seed] = cell.measures
    return Evidence(measures, frozenset((cell.arm, cell.seed) for cell in cells if cell.diverged))


def stored_evidence(result: Result) -> Evidence:
    """What a stored result measured, by arm and seed."""
    measures = {name: arm.measures for name, arm in result.arms.items()}
    return Evidence(measures, frozenset((name, seed) for name, arm in result.arms.items() for seed in arm.diverged))


def verdicts(
    script: Script, scale: str, *, evidence: Evidence, seeds: Mapping[str, Sequence[int]]
) -> dict[str, ClaimResult]:
    """The verdict on each claim of which seeds are given, with its scope and its contrast as text."""
    scope = script.scope(scale)
    return {
        key: _worded(script, key, decided=decide(script.claims[key], evidence, seeds=seeds[key]), scope=scope)
        for key in seeds
    }


def _worded(script: Script, key: str, *, decided: ClaimResult, scope: str) -> ClaimResult:
    texts = script.contrasts.get(key, {})
    parts = tuple(replace(part, contrast=texts.get(part.name, "")) for part in decided.parts)
    return replace(decided, scope=scope, contrast=texts.get("", ""), parts=parts)


def redecide(root: Path, result: Result) -> dict[str, ClaimResult]:
    """The verdicts that the script's present rules give to the stored measures of a result.

    Loads the script (and with it torch, where it needs it). Claims whose rule is gone are left out.
    """
    script = load_script(root, result.slug)
    seeds = {key: claim.seeds for key, claim in result.claims.items() if key in script.claims}
    return verdicts(script, result.scale, evidence=stored_evidence(result), seeds=seeds)


def assemble(plan: Plan, cells: Sequence[Finished], *, occasion: Occasion) -> Result:
    """The result of finished cells."""
    script, scale = plan.script, plan.scale
    decided = verdicts(script, scale, evidence=evidence_of(cells), seeds=plan.seeds)
    seconds = round(sum(cell.seconds for cell in cells), 1)
    spent = cost(seconds, scale=scale, gpus=len(gpu_names()), jobs=occasion.jobs)
    hashes = {**script.hashes(scale), "statements": statement_hashes(script)}
    return Result(
        slug=script.slug,
        scale=scale,
        recording=occasion.recording,
        quick=scale == "quick",
        commit=occasion.commit,
        script=script.name,
        claims=decided,
        arms=_arms(plan, cells),
        sizes=differing({name: flat(size) for name, size in script.module.SIZES.items()})[scale],
        hashes=hashes,
        versions=versions(),
        device=device(),
        seconds=seconds,
        tokens=sum(cell.tokens for cell in cells),
        cost_usd=float(f"{spent.usd:.3g}"),
        price=spent.price,
        started=occasion.started,
        history=_history(occasion, decided, hashes=hashes),
    )


def _history(
    occasion: Occasion, decided: Mapping[str, ClaimResult], *, hashes: Mapping[str, Any]
) -> tuple[Mapping[str, Any], ...]:
    """The history with this recording at its end; of an exploration, none."""
    if not occasion.recording:
        return ()
    this = {
        "recording": occasion.recording,
        "commit": occasion.commit,
        "started": occasion.started,
        **kept_of_recording(decided, hashes=hashes, device=device()),
    }
    return (*occasion.history, this)


def kept_of_recording(decided: Mapping[str, ClaimResult], *, hashes: Mapping[str, Any], device: str) -> dict[str, Any]:
    """What the history keeps of a recording to compare a later one with: device, script, size and rules, its claims."""
    settings = {name: hashes.get(name) for name in ("script", "size", "rules")}
    return {"device": device, "hashes": settings, "claims": claims_of_history(decided)}


def claims_of_history(decided: Mapping[str, ClaimResult]) -> dict[str, dict[str, Any]]:
    """What the history keeps of each claim, and of each of its parts: enough to compare a later recording with it."""
    found = {}
    for key, claim in sorted(decided.items()):
        found[key] = {**_kept(claim), "contrast_per_seed": claim.contrast_per_seed}
        if claim.parts:
            found[key]["parts"] = {part.name: {**_kept(part), "seeds": len(part.seeds)} for part in claim.parts}
    return found


def _kept(claim: ClaimResult) -> dict[str, Any]:
    return {name: getattr(claim, name) for name in ("verdict", "estimate", "low", "high")}


def _arms(plan: Plan, cells: Sequence[Finished]) -> dict[str, ArmResult]:
    settings = differing({arm: flat(config) for arm, config in plan.arms.items()})
    arms = {}
    for arm in plan.arms:
        own = [cell for cell in cells if cell.arm == arm]
        arms[arm] = ArmResult(
            note=plan.script.note(arm, settings[arm]),
            settings=settings[arm],
            measures={cell.seed: cell.measures for cell in own},
            curves={cell.seed: cell.curves for cell in own if cell.curves},
            diverged=tuple(cell.seed for cell in own if cell.diverged),
            seconds={cell.seed: cell.seconds for cell in own},
            tokens={cell.seed: cell.tokens for cell in own},
        )
    return arms


def differing(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of settings by name, those that are not the same everywhere: what makes an arm, or a size."""
    names = list(dict.fromkeys(name for own in settings.values() for name in own))
    shared = {name for name in names if len({repr(own.get(name, ...)) for own in settings.values()}) == 1}
    differ = [name for name in names if name not in shared]
    return {key: {name: own[name] for name in differ if name in own} for key, own in settings.items()}


def packed_outcomes(cells: Sequence[Finished]) -> dict[tuple[str, int, str], Packed]:
    """The packed outcomes of cells by (arm, seed, name)."""
    return {(cell.arm, cell.seed, name): packed for cell in cells for name, packed in cell.outcomes.items()}
