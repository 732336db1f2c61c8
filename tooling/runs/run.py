"""A run: a plan, what its cells are going to take, and what becomes of them when they are finished."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from tooling.errors import ToolingError
from tooling.runs.assembly import Occasion, assemble, gather, packed_outcomes
from tooling.runs.cell import Cell, earlier_seconds
from tooling.runs.cost import Expectation, expected, words
from tooling.runs.git import head_commit
from tooling.runs.outcome import archive
from tooling.runs.plan import Plan, Request, make_plan
from tooling.runs.recording import Recording, begin, result_path
from tooling.runs.result import LARGEST_RECORDING_BYTES, Result, load_result, write_atomic, write_result
from tooling.runs.script import Script
from tooling.runs.table import arm_table, verdict_table


class Run(Protocol):
    """Cells to run, and what is made of them."""

    plan: Plan

    def start(self) -> str | None:
        """Enter what has to be known before the first cell; a line for the user, if there is one."""

    def finish(self, jobs: int) -> "Told":
        """Write what the finished cells give; `jobs` cells ran side by side."""


@dataclass(frozen=True)
class Told:
    """What a run says at its end: the whole text, one line of it, and a warning where there is one."""

    text: str
    line: str
    warning: str | None = None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A run whose result is written to a file: an exploration, a quick look or a recording."""

    plan: Plan
    occasion: Occasion
    path: Path
    outcomes: Path
    closing: str
    recording: Recording | None = None

    def start(self) -> str | None:
        """Open the ledger of a recording, and say which seeds it uses."""
        if self.recording is None:
            return None
        self.recording.open()
        slug, number, first = self.plan.script.slug, self.recording.number, self.plan.cells[0].seed
        return f"recording {number} of {slug} at {self.plan.scale}, seeds from {first} on"

    def finish(self, jobs: int) -> Told:
        """Write the result and its outcomes, each atomically, the outcomes first."""
        cells = gather(self.plan)
        result = assemble(self.plan, cells, occasion=replace(self.occasion, jobs=jobs))
        archived = archive(packed_outcomes(cells), {name: arm.curves for name, arm in result.arms.items()})
        if archived:
            result = replace(result, beside=self.outcomes.name)
        try:
            if archived:
                write_atomic(self.outcomes, archived)
            write_result(self.path, result)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ToolingError(
                f"{self.path}: cannot be written ({reason}); every cell is kept: make room and start again"
            ) from error
        size = self.path.stat().st_size + len(archived)
        return Told(f"{self._text(result)}\n{self.closing}", _line(result), _warning(size))

    def _text(self, result: Result) -> str:
        spent = f"{words(result.seconds)} of cells, {result.tokens} tokens, {result.cost_usd:.2g} USD at {result.price}"
        tables = f"{verdict_table(result)}\n\n{arm_table(result)}\n"
        return f"{tables}\nCost: {spent}\nDevice: {result.device}\nWritten to {self.path}"


def _line(result: Result) -> str:
    return f"{result.slug}: " + ", ".join(f"`{key}` {claim.verdict}" for key, claim in result.claims.items())


def _warning(size: int) -> str | None:
    if size <= LARGEST_RECORDING_BYTES:
        return None
    limit = LARGEST_RECORDING_BYTES // 1000
    return f"  the result takes {size // 1000} KB; a recording may take {limit} KB: return fewer outcomes or curves"


def exploration(script: Script, request: Request) -> Measurement:
    """The run of an exploration or a quick look; its result goes to scratch, or where the user says."""
    root, scale = script.root, request.scale
    scratch = root / ".build" / ("quick" if scale == "quick" else "runs")
    path = (request.out or scratch) / script.slug / f"{scale}.json"
    closing = "This is not a recording: the recorded result, if any, stays as it is (`--record` makes one)."
    return Measurement(
        plan=make_plan(script, request),
        occasion=Occasion(started=now(), jobs=1, commit=head_commit(root)),
        path=path,
        outcomes=path.with_name(f"{scale}-outcomes.npz"),
        closing="This is a quick look at few seeds: it decides nothing." if scale == "quick" else closing,
    )


def recording(script: Script, request: Request) -> Measurement:
    """The run of a recording; raises `Invalid` on a dirty tree and on rules that cannot be recorded."""
    begun = begin(script, request.scale, make=lambda first: make_plan(script, request, first_seed=first), now=now())
    path = result_path(script.root, script.slug, scale=request.scale)
    return Measurement(
        plan=begun.plan,
        occasion=Occasion(
            started=begun.started, jobs=1, recording=begun.number, commit=begun.commit, history=begun.history
        ),
        path=path,
        outcomes=path.with_name(f"{request.scale}-{begun.number}-outcomes.npz"),
        closing=f"Recording {begun.number}. Commit it together with its outcomes.",
        recording=begun,
    )


@dataclass(frozen=True)
class Forecast:
    """What is left to do of a plan, and what that is going to take."""

    plan: Plan

    @cached_property
    def todo(self) -> tuple[Cell, ...]:
        """The cells that have to run."""
        return self.plan.unfinished()

    @cached_property
    def expectation(self) -> Expectation:
        """The seconds that they take in sum, and where the figure comes from."""
        return expectation(self.plan, self.todo)

    def seconds(self, jobs: int) -> float | None:
        """The seconds by the clock with so many cells side by side; None where nothing is known."""
        known = self.expectation.seconds
        return None if known is None else known / min(jobs, max(len(self.todo), 1))


def expectation(plan: Plan, todo: Sequence[Cell]) -> Expectation:
    """What cells of a plan are going to take."""
    script = plan.script
    path = result_path(script.root, script.slug, scale=plan.scale)
    recorded = load_result(path).arms if path.is_file() else {}
    means = {name: sum(arm.seconds.values()) / len(arm.seconds) for name, arm in recorded.items() if arm.seconds}
    earlier = earlier_seconds(script.root, script.slug, scale=plan.scale)
    return expected([cell.arm for cell in todo], earlier, recorded=means, hint=script.hint(plan.scale))


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
