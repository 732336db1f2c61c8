"""Compare each recording with the one before it, from the history of the repository: a line per contrast on stdout.

A contrast is inside where the new mean lies in the 95% prediction interval of the old one, and `half-widths` says how
far it moved. Recordings on one device share their trunk; the last lines count both kinds. Needs git's whole history.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tooling.runs.revalidation import prediction_half_width  # noqa: E402

Recording = dict[str, Any]


def git(*words: str) -> str:
    """What git says."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def recordings(path: str) -> list[Recording]:
    """The recordings that a file has held, each as it was first committed, the oldest first."""
    found: dict[int, Recording] = {}
    for commit in git("log", "--reverse", "--format=%H", "--", path).split():
        result = json.loads(git("show", f"{commit}:{path}"))
        found.setdefault(result["recording"], result)
    return [found[number] for number in sorted(found)]


def contrasts(result: Recording) -> Iterator[tuple[str, list[float]]]:
    """Each claim without parts, or part of a claim, with the contrasts of its seeds."""
    for key, claim in result["claims"].items():
        for part in claim.get("parts") or [{**claim, "name": ""}]:
            name = f"{key} {part['name']}".strip()
            yield name, [value for value in part["contrast_per_seed"] if value is not None]


def main() -> None:
    """Print all comparisons."""
    inside: Counter[str] = Counter()
    compared: Counter[str] = Counter()
    for path in sorted(ROOT.glob("repro/*/results/mini.json")):
        for old, new in pairwise(recordings(str(path.relative_to(ROOT)))):
            kind = "same device" if old["device"] == new["device"] else "other device"
            fresh = dict(contrasts(new))
            for name, values in contrasts(old):
                if name in fresh and len(values) > 1 and fresh[name]:
                    moved = (fmean(fresh[name]) - fmean(values)) / prediction_half_width(values, len(fresh[name]))
                    compared[kind] += 1
                    inside[kind] += abs(moved) <= 1
                    pair = f"{old['recording']} to {new['recording']}"
                    print(f"{name:90} {pair}  {kind:12}  {moved:+.2f} half-widths")
    for kind, number in compared.items():
        print(f"{kind}: {inside[kind]} of {number} inside")


if __name__ == "__main__":
    main()
