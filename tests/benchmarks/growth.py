"""Time what grows with the library at 100, 1,000 and 5,000 cards: a table on stdout, JSON in .build/bench/growth.json.

The cards are the real ones over and over under other names, titles and ids, written to a folder of their own; the first
round keeps its names, so that links and results find their claims. Each figure is that of a process of its own.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / ".build" / "bench" / "growth.json"
SIZES = (100, 1_000, 5_000)
MOST_MB = 1_000.0
# the time for a card may grow by so much between the two larger sizes; what starts a process weighs on the smallest
MOST_GROWTH = 1.5


class Job(NamedTuple):
    """What is timed: a function of the folder that gives how much it did, and its bar in processor seconds."""

    do: Callable[[Path], int]
    bar_seconds: float


def check(root: Path) -> int:
    """Check all cards as the command does; how many problems there are."""
    from tooling.cards.check import check as check_all
    from tooling.cards.load import read_library

    library, problems = read_library(root / "papers")
    return len([*problems, *check_all(library, root)])


def exports(root: Path) -> int:
    """Write all exports; the bytes."""
    from tooling.cards import load_library
    from tooling.exports import exports as all_exports
    from tooling.runs.result import load_results

    return sum(len(file.text.encode()) for file in all_exports(load_library(root / "papers"), load_results(root)))


def twins(root: Path) -> int:
    """Look for cards about one work; how many pairs there are."""
    from tooling.cards import load_library
    from tooling.cards.twin import twins as all_twins

    return len(list(all_twins(load_library(root / "papers"))))


def plan(root: Path) -> int:
    """Read a list that has each work of the library and as many others; how many of them are lacking."""
    from tooling.cards import load_library
    from tooling.cards.awesome import read_list
    from tooling.cards.plan import plan_import

    library = load_library(root / "papers")
    lines = ["# A list\n\n## Efficiency\n"]
    for number, card in enumerate(library.values()):
        named = f"- [{card.title}](https://arxiv.org/abs/{card.arxiv})" if card.arxiv else f'- "{card.title}" is here'
        lines += [named, f"- **Unheard of {number}** [[paper]](https://arxiv.org/abs/2511.{number + 1:05}): adds well"]
    return len(plan_import(read_list("\n".join(lines), "list.md"), library).missing)


def load(root: Path) -> int:
    """Read all cards; how many there are. The others do this first."""
    from tooling.cards import load_library

    return len(load_library(root / "papers"))


JOBS = {
    "load": Job(load, 10.0),
    "check": Job(check, 10.0),
    "exports": Job(exports, 20.0),
    "import": Job(plan, 20.0),
    "twins": Job(twins, 12.0),
}


def write_library(root: Path, size: int) -> None:
    """Put a library of so many cards and the real reproductions into the folder `root`."""
    papers, real = root / "papers", sorted((ROOT / "papers").glob("[a-z0-9]*.yaml"))
    papers.mkdir(exist_ok=True)
    (root / "repro").symlink_to(ROOT / "repro")
    (papers / "_vocabulary.yaml").write_bytes((ROOT / "papers" / "_vocabulary.yaml").read_bytes())
    for number, file in enumerate(islice(cycle(real), max(size, len(real)))):
        text = file.read_text("utf-8")
        if number < len(real):
            (papers / file.name).write_text(text, "utf-8")
        else:
            (papers / f"{file.stem}-{number}.yaml").write_text(_renamed(text, number), "utf-8")


def _renamed(text: str, number: int) -> str:
    """The card of another work of the same month, with a title that nobody takes for the other's."""
    place = "".join("bcdfghjklm"[int(digit)] + "aeiouaeiou"[int(digit)] for digit in str(number))
    arxiv = re.search(r"^arxiv: ['\"]?(([0-9]{4})\.[0-9]+)", text, re.MULTILINE)
    title = re.search(r"^title: ['\"]?(.*(?:\n  .*)*)", text, re.MULTILINE)
    words = re.findall(r"[A-Za-z]+", title[1])[:8] if title else []
    text = re.sub(
        r"^title: .*(?:\n  .*)*", f"title: {' '.join(words)} of {place.title()} and {place}", text, flags=re.M
    )
    if arxiv:
        # claims name their source by it too
        text = re.sub(rf"{re.escape(arxiv[1])}(?![0-9])", f"{arxiv[2]}.{90000 + number}", text)
        text = re.sub(r"(^  paper: ).*", rf"\g<1>https://arxiv.org/abs/{arxiv[2]}.{90000 + number}", text, flags=re.M)
    text = re.sub(r"^(citation_key: .*)", rf"\g<1>x{number}", text, flags=re.MULTILINE)
    return re.sub(r"^repro: .*\n", "", text, flags=re.MULTILINE)


def once(name: str, root: Path) -> dict[str, Any]:
    """Processor seconds, peak memory and the result of a job, in this process."""
    made = JOBS[name].do(root)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "peak_mb": round(used.ru_maxrss / 1024),
        "made": made,
    }


def rows() -> list[dict[str, Any]]:
    """Each job at each size, the smallest first."""
    found = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            write_library(Path(folder), size)
            for name in JOBS:
                command = [sys.executable, __file__, name, folder]
                started = time.perf_counter()
                answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
                seconds = round(time.perf_counter() - started, 2)
                found.append({"job": name, "cards": size, "seconds": seconds, **json.loads(answer.stdout)})
    return found


def over(found: list[dict[str, Any]]) -> list[str]:
    """What is over its bar in time or memory at the largest size, or grows faster than the library."""
    by = {(row["job"], row["cards"]): row for row in found}
    said = []
    for name, job in JOBS.items():
        middle, last = by[name, SIZES[-2]], by[name, SIZES[-1]]
        growth = (last["cpu_seconds"] / last["cards"]) / (middle["cpu_seconds"] / middle["cards"])
        if last["cpu_seconds"] > job.bar_seconds:
            said.append(f"{name}: {last['cpu_seconds']} s at {last['cards']} cards, at most {job.bar_seconds}")
        if last["peak_mb"] > MOST_MB:
            said.append(f"{name}: {last['peak_mb']} MB at {last['cards']} cards, at most {MOST_MB:.0f}")
        if growth > MOST_GROWTH:
            said.append(f"{name}: a card takes {growth:.1f} times as long at {last['cards']} as at {middle['cards']}")
    return said


def main() -> int:
    """1 when something is over its bar, else 0; writes the table and the JSON file."""
    found = rows()
    made = Table("job", "cards", "CPU seconds", "ms per card", "peak MB", "bar (CPU seconds)", title="growth")
    for row in sorted(found, key=lambda row: (list(JOBS).index(row["job"]), row["cards"])):
        bar = f"{JOBS[row['job']].bar_seconds:g}" if row["cards"] == SIZES[-1] else ""
        each = f"{row['cpu_seconds'] / row['cards'] * 1000:.2f}"
        made.add_row(row["job"], f"{row['cards']:,}", f"{row['cpu_seconds']:.2f}", each, str(row["peak_mb"]), bar)
    Console().print(made)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps({"rows": found, "cores": os.cpu_count()}, indent=2) + "\n")
    said = over(found)
    for line in said:
        print(line)
    return int(bool(said))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(once(sys.argv[1], Path(sys.argv[2]))))
        sys.exit(0)
    sys.exit(main())
