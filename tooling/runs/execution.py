"""Carries out runs: packs their cells on the workers, writes each result as soon as its last cell has ended.

Cells go in the order of the runs, and a worker serves any of them, so that no core waits for the end of one run before
the next begins. What is finished stays finished: a cell is in its file when its worker answers, and a result in its
file when its last cell is.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tooling.errors import ToolingError
from tooling.runs.cell import Cell
from tooling.runs.duration import Budget
from tooling.runs.progress import Clock, progress
from tooling.runs.run import Forecast, Run, Told
from tooling.runs.schedule import Reply, Worker, run_cells


class OutOfTime(Exception):
    """The budget is over; the cells that run are given up, those that have ended are kept."""


@dataclass
class Account:
    """What became of the runs: what each finished one told, failed cells, results that could not be made."""

    told: dict[str, Told] = field(default_factory=dict)
    failed: list[tuple[Cell, str]] = field(default_factory=list)
    problems: dict[str, ToolingError] = field(default_factory=dict)
    out_of_time: bool = False


class Execution:
    """The runs with what is left to do in each."""

    def __init__(self, runs: Sequence[Run], *, jobs: int, budget: Budget, logs: Path) -> None:
        """Look at what is left; nothing runs yet."""
        self.runs = {run.plan.script.slug: run for run in runs}
        self.forecasts = {slug: Forecast(run.plan) for slug, run in self.runs.items()}
        self.jobs, self.budget, self.logs = jobs, budget, logs
        self.todo = [cell for forecast in self.forecasts.values() for cell in forecast.todo]
        self.waiting = {slug: len(forecast.todo) for slug, forecast in self.forecasts.items()}
        self.account = Account()

    def carry_out(self) -> Account:
        """Run the cells until all have ended or the time is over; Ctrl-C goes on up when the workers are stopped."""
        for slug in [slug for slug, count in self.waiting.items() if count == 0]:
            self._finish(slug)
        if self.todo:
            self._run()
        return self.account

    def _run(self) -> None:
        root = next(iter(self.runs.values())).plan.script.root
        numbers = range(min(self.jobs, len(self.todo)))
        workers = [Worker(root, log=self.logs / f"worker-{number}.log") for number in numbers]
        shown = progress(self._clock())

        def tell(cell: Cell, reply: Reply) -> None:
            shown.tell(cell, reply)
            self._hear(cell, reply)

        def tick() -> None:
            shown.tick([step for worker in workers if (step := worker.doing())])
            self._check_time()

        try:
            run_cells(workers, self.todo, tell=tell, tick=tick, in_time=self._in_time)
        except OutOfTime:
            self.account.out_of_time = True
        finally:
            shown.close()

    def _hear(self, cell: Cell, reply: Reply) -> None:
        if reply.skipped:
            self.account.out_of_time = True
            return
        if reply.error:
            self.account.failed.append((cell, reply.error))
        else:
            self.waiting[cell.slug] -= 1
            if self.waiting[cell.slug] == 0:
                self._finish(cell.slug)
        self._check_time()

    def _check_time(self) -> None:
        if self.budget.left <= 0:
            raise OutOfTime

    def _in_time(self, cell: Cell) -> bool:
        """Whether a cell, as long as it is expected to take, ends within the budget."""
        return self.forecasts[cell.slug].expectation.each.get(cell.arm, 0.0) <= self.budget.left

    def _finish(self, slug: str) -> None:
        try:
            told = self.account.told[slug] = self.runs[slug].finish(self.jobs)
        except ToolingError as error:
            self.account.problems[slug] = error
            return
        if told.warning:
            say(told.warning)
        if len(self.runs) > 1:
            say(f"  finished: {told.line}")

    def _clock(self) -> Clock:
        """A clock on which a cell weighs the seconds that it is expected to take."""
        known = {
            cell: seconds
            for cell in self.todo
            if (seconds := self.forecasts[cell.slug].expectation.each.get(cell.arm)) is not None
        }
        usual = sum(known.values()) / len(known) if known else 1.0
        weights = {cell: known.get(cell, usual) for cell in self.todo}
        in_all = sum(weights.values()) if known else None
        return Clock(len(self.todo), jobs=self.jobs, expected_seconds=in_all, weights=weights)

    @property
    def kept(self) -> int:
        """How many cells of the runs are finished."""
        return self.count - self.left

    @property
    def count(self) -> int:
        """How many cells the runs have."""
        return sum(len(run.plan.cells) for run in self.runs.values())

    @property
    def left(self) -> int:
        """How many cells are not finished."""
        return sum(len(run.plan.unfinished()) for run in self.runs.values())


def say(line: str) -> None:
    """Print a line on stderr at once."""
    print(line, file=sys.stderr, flush=True)
