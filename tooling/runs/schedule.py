"""Runs cells side by side in worker processes of one thread each; what is finished is kept, whatever happens next."""

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tooling.runs.cell import Cell
from tooling.runs.device import ONE_THREAD

SECONDS_BETWEEN_TICKS = 1.0
SECONDS_TO_LEAVE = 5.0
LINES_OF_LOG = 15
BYTES_OF_LOG = 400
STAGE_LINE = re.compile(r": step \d+ of \d+")  # as `tooling.progress` writes them


class Reply(NamedTuple):
    """What a worker says of a cell; `error` is a traceback, None where the cell is finished.

    A cell that was `skipped` was not begun, because it would not have ended in time.
    """

    seconds: float = 0.0
    diverged: bool = False
    error: str | None = None
    skipped: bool = False


class Worker:
    """One worker process, started when it gets its first cell and again after it has died."""

    def __init__(self, root: Path, *, log: Path) -> None:
        """Remember what to start."""
        self.root = root
        self.log = log
        self.process: subprocess.Popen[str] | None = None
        self.stopped = False
        self._starting = threading.Lock()

    def run(self, cell: Cell) -> Reply:
        """Run a cell to its end."""
        with self._starting:
            if self.stopped:
                return Reply(error="stopped\n")
            if self.process is not None and self.process.poll() is not None:
                self._close()
                self.process = None
            if self.process is None:
                self.process = self._start()
            process = self.process
        try:
            process.stdin.write(json.dumps(cell._asdict()) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (BrokenPipeError, ValueError):
            line = ""
        return Reply(**json.loads(line)) if line else Reply(error=self._death(process))

    def doing(self) -> str:
        """The step that the last stage told of in the log, e.g. `trunk 3x64: step 200 of 800, ...`; else nothing."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - BYTES_OF_LOG))
                last = log.read().decode("utf-8", errors="replace").splitlines()[-1:]
        except OSError:
            return ""
        return last[0].strip() if last and STAGE_LINE.search(last[0]) else ""

    def stop(self) -> None:
        """End the process with all that it started, whatever it does."""
        with self._starting:
            self.stopped = True
            process = self.process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def finish(self) -> None:
        """Let an idle process leave by itself, then make sure."""
        if self.process is None:
            return
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(SECONDS_TO_LEAVE)
        self.stop()
        self._close()

    def _close(self) -> None:
        """Close the pipes to a process that has ended."""
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()

    def _start(self) -> "subprocess.Popen[str]":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        package = str(Path(__file__).parents[2])
        path = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH")) if part)
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tooling.runs.worker", str(self.root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.root,
                env={**os.environ, **ONE_THREAD, "PYTHONPATH": path, "PYTHONHASHSEED": "0"},
                text=True,
                start_new_session=True,  # Ctrl-C reaches the parent alone, which then ends its workers
            )

    def _death(self, process: "subprocess.Popen[str]") -> str:
        code = process.wait()
        how = f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        hint = "; out of memory? fewer `--jobs` need less" if code == -signal.SIGKILL else ""
        tail = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_OF_LOG:]
        return "\n".join([*tail, f"the process of the cell was {how}{hint}"]) + "\n"


def run_cells(
    workers: Sequence[Worker],
    cells: Sequence[Cell],
    *,
    tell: Callable[[Cell, Reply], None],
    tick: Callable[[], None],
    in_time: Callable[[Cell], bool] = lambda cell: True,
) -> None:
    """Run the cells in their order on the workers; `tell` hears of each end, `tick` comes once a second.

    Both are called in the calling thread. On an exception there, Ctrl-C among them, the workers are stopped before it
    goes on up. `in_time` is asked in the worker's thread before a cell begins; where it says no, the cell is skipped.
    """
    waiting: queue.SimpleQueue[Cell] = queue.SimpleQueue()
    ended: queue.SimpleQueue[tuple[Cell, Reply]] = queue.SimpleQueue()
    for cell in cells:
        waiting.put(cell)

    def serve(worker: Worker) -> None:
        with contextlib.suppress(queue.Empty):
            while not worker.stopped:
                cell = waiting.get_nowait()
                ended.put((cell, _run(worker, cell) if in_time(cell) else Reply(skipped=True)))

    threads = [threading.Thread(target=serve, args=(worker,), daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        for _ in cells:
            tell(*_next(ended, tick))
    except BaseException:
        for worker in workers:
            worker.stop()
        raise
    finally:
        for worker, thread in zip(workers, threads, strict=True):
            thread.join()
            worker.finish()


def _run(worker: Worker, cell: Cell) -> Reply:
    try:
        return worker.run(cell)
    except Exception:  # a full disk, a torn answer: it costs the cell, and the run goes on to report it
        return Reply(error=traceback.format_exc())


def _next(ended: "queue.SimpleQueue[tuple[Cell, Reply]]", tick: Callable[[], None]) -> tuple[Cell, Reply]:
    while True:
        try:
            return ended.get(timeout=SECONDS_BETWEEN_TICKS)
        except queue.Empty:
            tick()
