"""Time all exports at 100, 1,000 and 5,000 works: a table on stdout, JSON in .build/bench/exports.json.

The works are the real cards over and over under other names, with their verdicts. Each row is a process of its own.
"""

import json
import resource
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / ".build" / "bench" / "exports.json"
SIZES = (100, 1_000, 5_000)
MOST_SECONDS = 20.0
MOST_MB = 1_000.0


def once(size: int) -> dict[str, Any]:
    """Processor seconds, peak memory and bytes of all exports of so many works, in this process."""
    from tooling.cards import Library, load_library
    from tooling.exports import exports
    from tooling.runs.result import load_results

    real, results = load_library(ROOT / "papers"), load_results(ROOT)
    cards = {}
    for number, card in enumerate(islice(cycle(real.values()), size)):
        # the first round keeps its names, so that results find their claims
        name = card.slug if number < len(real) else f"{card.slug}-{number}"
        cards[name] = card.model_copy(update={"slug": name, "citation_key": f"{card.citation_key}x{number}"})
    shelf = Library(cards, vocabulary=real.vocabulary, folder=real.folder)
    started = time.process_time()
    written = sum(len(file.text.encode()) for file in exports(shelf, results))
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"works": size, "cpu_seconds": round(seconds, 2), "peak_mb": round(peak), "bytes": written}


def main() -> int:
    """1 when the largest size is over its bars, else 0; writes the table and the JSON file."""
    rows = []
    for size in SIZES:
        command = [sys.executable, __file__, str(size)]
        rows.append(json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout))
    made = Table("works", "CPU seconds", "ms per work", "peak MB", "MB written", title="all exports")
    for row in rows:
        each = row["cpu_seconds"] / row["works"] * 1000
        written = f"{row['bytes'] / 1e6:.1f}"
        made.add_row(f"{row['works']:,}", f"{row['cpu_seconds']:.2f}", f"{each:.2f}", f"{row['peak_mb']}", written)
    Console().print(made)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps({"rows": rows}, indent=2) + "\n")
    return int(rows[-1]["cpu_seconds"] > MOST_SECONDS or rows[-1]["peak_mb"] > MOST_MB)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(once(int(sys.argv[1]))))
        sys.exit(0)
    sys.exit(main())
