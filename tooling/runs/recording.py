"""Recordings: fresh seeds, a clean tree, a number, and a history from which nothing is taken away.

Recording r of a scale uses the seeds from 1000 * r on, and no seed twice. A recording that was started and then left,
with the script or its rules changed in between, may have been seen: it is kept in the history as abandoned, and its
seeds are spent.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tooling.errors import Invalid
from tooling.runs.assembly import kept_of_recording
from tooling.runs.card import claim_problems
from tooling.runs.claim import AcrossSeeds, All, Rule
from tooling.runs.git import changed_paths, head_commit
from tooling.runs.plan import Plan, seed_count
from tooling.runs.region import Within
from tooling.runs.result import Result, load_result, write_atomic
from tooling.runs.script import Script
from tooling.runs.statistic import FEWEST_ACROSS_SEEDS

SEEDS_APART = 1000
RESULT_LINE = re.compile(r".. repro/([a-z0-9.-]+)/results/[a-z0-9.-]*")
FEWEST_SEEDS = {"mini": 8, "gpu": 5, "paper": 1}
FEWEST_FOR_EQUIVALENCE = {"mini": 12, "gpu": 5, "paper": 1}


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A recording that is under way: its number, its plan, and the history before it.

    `abandoned` are those of the history that were started and left; `fresh` says that it is not in the ledger yet.
    """

    number: int
    commit: str
    started: str
    plan: Plan
    history: tuple[Mapping[str, Any], ...]
    abandoned: tuple[Mapping[str, Any], ...] = ()
    fresh: bool = True

    def open(self) -> None:
        """Enter it in the ledger, from which on its seeds count as started."""
        if self.fresh:
            _open_ledger(self, list(self.abandoned))


def result_path(root: Path, slug: str, *, scale: str) -> Path:
    """The file of the recorded result of a work at a scale."""
    return root / "repro" / slug / "results" / f"{scale}.json"


def clean_commit(root: Path, slug: str) -> str:
    """The commit that a recording of a work belongs to; `Invalid` where the tree differs from it or there is none.

    Results of other works may differ: no cell and no rule depends on them, and one command can make many recordings.
    """
    commit = head_commit(root)
    if commit is None:
        raise Invalid("a recording needs a commit that holds the script and its rules; commit them first")
    if changed := [line for line in changed_paths(root) if not _is_result_of_another(line, slug)]:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise Invalid(
            f"the tree differs from its commit (`{changed[0].strip()}`{more}); commit or put away the changes first"
        )
    return commit


def _is_result_of_another(line: str, slug: str) -> bool:
    """Whether a line of `git status --porcelain` is of a result that the harness wrote for another work."""
    found = RESULT_LINE.fullmatch(line)
    return found is not None and found.group(1) != slug


def has_uncommitted_result(root: Path, slug: str) -> bool:
    """Whether a result of the work differs from the commit, as after a recording."""
    return any((found := RESULT_LINE.fullmatch(line)) and found.group(1) == slug for line in changed_paths(root))


def check_rules(script: Script, scale: str) -> None:
    """Raise `Invalid` where a claim has too few seeds for a recording, is on no card, or is untestable by its card."""
    problems = claim_problems(script)
    for key, rule in script.claims.items():
        count, fewest = seed_count(script, rule, scale=scale), _fewest(rule, scale)
        if count < fewest:
            problems.append(
                f"{script.name}: `{key}` has {count} seeds at `{scale}` and needs {fewest}; raise SEEDS or its `seeds`"
            )
    if problems:
        raise Invalid("\n".join(problems))


def _fewest(rule: Rule, scale: str) -> int:
    if isinstance(rule, All):
        return max(_fewest(part, scale) for part in rule.parts.values())
    if isinstance(rule, AcrossSeeds):
        return FEWEST_ACROSS_SEEDS
    return (FEWEST_FOR_EQUIVALENCE if isinstance(rule.region, Within) else FEWEST_SEEDS)[scale]


def begin(script: Script, scale: str, *, make: Callable[[int], Plan], now: str) -> Recording:
    """The recording to go on with, or a new one; `make(first_seed)` gives the plan on the seeds from there on.

    A new one is started by its `open`. Raises `Invalid` on a dirty tree and on rules that cannot be recorded.
    """
    check_rules(script, scale)
    commit = clean_commit(script.root, script.slug)
    path = result_path(script.root, script.slug, scale=scale)
    history = _history_of(load_result(path)) if path.is_file() else ()
    last = max((entry["recording"] for entry in history), default=0)
    ledger = _read_ledger(_ledger_path(script, scale))
    abandoned = [entry for entry in ledger.get("abandoned", []) if entry["recording"] > last]
    number = max([last, *(entry["recording"] for entry in abandoned)]) + 1
    if ledger.get("recording") == number:
        plan = make(SEEDS_APART * number)
        if ledger["identity"] == _identity(plan):
            before, started = (*history, *abandoned), ledger["started"]
            return Recording(number=number, commit=commit, started=started, plan=plan, history=before, fresh=False)
        if _was_seen(script, ledger):
            abandoned.append(_abandoned(ledger))
            number += 1
    return Recording(
        number=number,
        commit=commit,
        started=now,
        plan=make(SEEDS_APART * number),
        history=(*history, *abandoned),
        abandoned=tuple(abandoned),
    )


def _history_of(result: Result) -> tuple[Mapping[str, Any], ...]:
    """The history of a result, its last recording with the parts of its claims: older results hold them there alone."""
    own = kept_of_recording(result.claims, hashes=result.hashes, device=result.device)
    return tuple(entry | own if entry["recording"] == result.recording else entry for entry in result.history)


def _identity(plan: Plan) -> str:
    """A hash of the cells and the rules: a recording goes on only with the same ones."""
    rules = plan.script.hashes(plan.scale)["rules"]
    text = json.dumps([[cell.key for cell in plan.cells], rules], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _was_seen(script: Script, ledger: Mapping[str, Any]) -> bool:
    """Whether a cell of a recording was finished, so that somebody may have looked at it."""
    folder = script.root / ".build" / "cells" / script.slug
    return any((folder / f"{key}.json").is_file() for key in ledger["cells"])


def _abandoned(ledger: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: ledger[name] for name in ("recording", "commit", "started")}
    return {
        **kept,
        "claims": {},
        "abandoned": "started, then left: the script, its rules or its surroundings were changed",
    }


def _ledger_path(script: Script, scale: str) -> Path:
    return script.root / ".build" / "recordings" / script.slug / f"{scale}.json"


def _read_ledger(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def _open_ledger(recording: Recording, abandoned: list[Mapping[str, Any]]) -> None:
    plan = recording.plan
    ledger = {
        "recording": recording.number,
        "commit": recording.commit,
        "started": recording.started,
        "identity": _identity(plan),
        "cells": [cell.key for cell in plan.cells],
        "abandoned": abandoned,
    }
    write_atomic(_ledger_path(plan.script, plan.scale), json.dumps(ledger, indent=1).encode())
