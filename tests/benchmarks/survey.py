"""Time the command, the cards and the site on the real survey: a table on stdout, JSON in .build/bench/survey.json.

Each row is a fresh process, the best of its tries by processor time, with the figure to beat where there is one.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / ".build" / "bench" / "survey.json"
COMMAND = ("-m", "tooling.cli")
LOAD = "from pathlib import Path; from tooling.cards import load_library; load_library(Path('papers'))"


class Case(NamedTuple):
    """What is timed: words after `python`, the number of tries, and the processor seconds that it may take."""

    name: str
    words: Sequence[str]
    tries: int = 3
    bar_seconds: float | None = None


class Spent(NamedTuple):
    """What a process takes: wall and processor seconds, and the most memory that it held."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


class Row(NamedTuple):
    """One measured case: wall and processor seconds of the best try, and the most memory that a try held."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    bar_seconds: float | None


CASES = (
    Case("tooling --help", (*COMMAND, "--help"), 5, 0.2),
    Case("load all cards", ("-c", LOAD), 3, 2.0),
    Case("tooling check", (*COMMAND, "check"), 3),
    Case("tooling site", (*COMMAND, "site"), 1),
)


def spent(words: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> Spent:
    """What `python` takes with these words in a process of its own; raises `CalledProcessError` when it fails."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as talk:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=talk
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            talk.seek(0)
            print(*talk.read().decode(errors="replace").splitlines()[:20], sep="\n", file=sys.stderr)
            raise subprocess.CalledProcessError(process.returncode, process.args)
    return Spent(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def attempt(case: Case) -> Row:
    """One try of a case; raises `CalledProcessError` when it fails."""
    return Row(case.name, *spent(case.words, folder=ROOT, environment=os.environ), case.bar_seconds)


def measure(case: Case) -> Row:
    """The best of a case's tries by processor time."""
    rows = [attempt(case) for _ in range(case.tries)]
    best = min(rows, key=lambda row: row.cpu_seconds)
    return best._replace(peak_mb=max(row.peak_mb for row in rows))


def table(rows: Sequence[Row], title: str) -> Table:
    """The rows as a table for people."""
    made = Table("what", "seconds", "CPU seconds", "peak MB", "bar (CPU seconds)", title=title)
    for row in rows:
        bar = "" if row.bar_seconds is None else f"{row.bar_seconds:g}"
        made.add_row(row.name, f"{row.seconds:.2f}", f"{row.cpu_seconds:.2f}", f"{row.peak_mb:.0f}", bar)
    return made


def main() -> int:
    """1 when a case is over its bar, else 0; writes the table and the JSON file."""
    cards = len([path for path in (ROOT / "papers").glob("*.yaml") if not path.name.startswith("_")])
    rows = [measure(case) for case in CASES]
    Console().print(table(rows, f"{cards} cards, Python {platform.python_version()}, {os.cpu_count()} cores"))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    facts = {"cards": cards, "python": platform.python_version(), "cores": os.cpu_count()}
    OUTPUT.write_text(json.dumps({**facts, "rows": [row._asdict() for row in rows]}, indent=2) + "\n")
    print(f"written to {OUTPUT.relative_to(ROOT)}")
    return int(any(row.bar_seconds is not None and row.cpu_seconds > row.bar_seconds for row in rows))


if __name__ == "__main__":
    sys.exit(main())
