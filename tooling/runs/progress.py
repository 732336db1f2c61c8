"""Progress of a run on stderr: a bar on a terminal, plain lines elsewhere; cells done, time gone, time left."""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tooling.runs.cell import Cell
from tooling.runs.cost import words
from tooling.runs.schedule import Reply

SECONDS_BETWEEN_LINES = 30.0
SECONDS_FOR_A_LINE = 2.0  # cells that take less do not get a line each


class Progress(Protocol):
    """What hears of a run."""

    def tell(self, cell: Cell, reply: Reply) -> None:
        """A cell has ended."""

    def tick(self, doing: Sequence[str]) -> None:
        """About a second has gone; `doing` are the steps that the workers tell of."""

    def close(self) -> None:
        """The run is over."""


class Clock:
    """Counts cells and reckons the time left, at the pace of the cells done; before the first, at the one expected.

    `weights` has the expected seconds of each cell where cells of several scripts differ; without it all count alike.
    """

    def __init__(
        self, count: int, *, jobs: int, expected_seconds: float | None, weights: Mapping[Cell, float] | None = None
    ) -> None:
        """Start with no cell done."""
        self.count = count
        self.jobs = max(1, min(jobs, count))
        self.expected_seconds = expected_seconds
        self.weights = weights or {}
        self.done = 0
        self.weight_done = 0.0
        self.weight_in_all = sum(self.weights.values()) or float(count)
        self.cell_seconds = 0.0
        self.started = time.monotonic()

    def add(self, cell: Cell, reply: Reply) -> None:
        """Count a cell that has ended; one that was skipped is no longer expected."""
        weight = self.weights.get(cell, 1.0)
        if reply.skipped:
            self.count -= 1
            self.weight_in_all -= weight
            return
        self.done += 1
        self.weight_done += weight
        self.cell_seconds += reply.seconds

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def left(self) -> float | None:
        """The seconds left, None while nothing is known."""
        if self.weight_done and self.cell_seconds:
            in_all = self.cell_seconds / self.weight_done * self.weight_in_all / self.jobs
        elif self.expected_seconds is not None:
            in_all = self.expected_seconds / self.jobs
        else:
            return None
        return max(in_all - self.elapsed, 0.0) if self.done < self.count else 0.0

    def __str__(self) -> str:
        """The state in words: `5 of 24 cells, 2 min gone, about 14 min left`."""
        left = "time left not known yet" if self.left is None else f"about {words(self.left)} left"
        return f"{self.done} of {self.count} cells, {words(self.elapsed)} gone, {left}"


def ended(cell: Cell, reply: Reply) -> str:
    """How a cell ended, in words."""
    how = "failed" if reply.error else "diverged" if reply.diverged else "done"
    work = f"{cell.slug}: " if cell.slug else ""
    return f"{work}{cell.arm}, seed {cell.seed}: {how}"


class Lines:
    """A line per cell (at most one in 2 s, unless something went wrong), and one every 30 s while none ends."""

    def __init__(self, clock: Clock) -> None:
        """Report what the clock says."""
        self.clock = clock
        self.last = time.monotonic()

    def tell(self, cell: Cell, reply: Reply) -> None:
        """Print a line on the cell."""
        self.clock.add(cell, reply)
        if reply.skipped:
            return
        lately = time.monotonic() - self.last < SECONDS_FOR_A_LINE
        if reply.error or reply.diverged or self.clock.done == self.clock.count or not lately:
            self._say(f"  {self.clock} ({ended(cell, reply)})")

    def tick(self, doing: Sequence[str]) -> None:
        """Print a line where the last is long ago."""
        if time.monotonic() - self.last >= SECONDS_BETWEEN_LINES:
            self._say("; ".join((f"  {self.clock}", *doing)))

    def close(self) -> None:
        """Nothing is open."""

    def _say(self, line: str) -> None:
        self.last = time.monotonic()
        print(line, file=sys.stderr, flush=True)


class Bar:
    """A bar with the last cell's end beside it."""

    def __init__(self, clock: Clock) -> None:
        """Draw the empty bar."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self.clock = clock
        columns = (BarColumn(), TextColumn("{task.description}"))
        self.bar: Any = Progress(*columns, console=Console(stderr=True), transient=True)
        self.task = self.bar.add_task(str(clock), total=clock.count)
        self.last = ""
        self.bar.start()

    def tell(self, cell: Cell, reply: Reply) -> None:
        """Move the bar."""
        self.clock.add(cell, reply)
        if not reply.skipped:
            self.last = f" ({ended(cell, reply)})"
        self.bar.update(self.task, completed=self.clock.done, total=self.clock.count)
        self.tick(())

    def tick(self, doing: Sequence[str]) -> None:
        """Show the time, and below it what the workers do."""
        self.bar.update(self.task, description="\n".join((f"{self.clock}{self.last}", *doing)))

    def close(self) -> None:
        """Take the bar away."""
        self.bar.stop()


def progress(clock: Clock) -> Progress:
    """A bar where stderr is a terminal, lines elsewhere."""
    return Bar(clock) if sys.stderr.isatty() else Lines(clock)
