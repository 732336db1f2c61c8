"""The process that runs cells: `python -m tooling.runs.worker ROOT`, one cell per line of JSON on stdin.

It has one thread, serves cells of any script of the repository, loads each script once, writes each finished cell
itself and answers with a line of JSON. Whatever the script prints goes to stderr, so that it cannot be taken for an
answer. When the parent is gone, so is the worker: at the end of its input it leaves with every process that it
started.
"""

import json
import os
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from tooling.runs.cell import Cell, cell_path, run_cell, write_cell


class Work:
    """The scripts of a repository in this process, each loaded when its first cell comes."""

    def __init__(self, root: Path) -> None:
        """Remember where the scripts are."""
        self.root = root
        self.scripts: dict[str, Any] = {}

    def answer(self, line: str) -> dict[str, Any]:
        """Run the cell of a line: its seconds and whether it diverged, or the traceback of what went wrong."""
        try:
            cell = Cell(**json.loads(line))
            script = self.script(cell.slug)
            config = script.arms(cell.scale)[cell.arm]
            if script.key(cell.arm, config, seed=cell.seed) != cell.key:
                return {
                    "error": "the script or a shared module was changed while the run was starting; start it again\n"
                }
            finished = run_cell(script.measure, config, cell=cell)
            write_cell(cell_path(self.root, cell.slug, key=cell.key), finished)
            return {"seconds": finished.seconds, "diverged": finished.diverged}
        except Exception:  # whatever the script raises is reported by the parent, and the other cells go on
            return {"error": traceback.format_exc()}

    def script(self, slug: str) -> Any:
        """The script of a work."""
        if slug not in self.scripts:
            from tooling.runs.script import load_script

            self.scripts[slug] = load_script(self.root, slug)
        return self.scripts[slug]


def leave_with_all() -> None:
    """End this process and every process that it started, at once."""
    os.killpg(os.getpgid(0), signal.SIGKILL)


def serve(work: Work, answers: Any) -> None:
    """Answer the lines of stdin until its end; an end in the middle of a cell means that the parent is gone."""
    lines: queue.Queue[str | None] = queue.Queue()
    busy = threading.Event()

    def read() -> None:
        for line in sys.stdin:
            busy.set()
            lines.put(line)
        if busy.is_set():
            leave_with_all()
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while (line := lines.get()) is not None:
        answer = work.answer(line)
        busy.clear()
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(Work(Path(sys.argv[1])), channel)
