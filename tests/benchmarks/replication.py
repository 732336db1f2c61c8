"""Compare each recording with the one before it, from the history of the repository: a line per contrast on stdout.

A contrast is inside where the new mean lies in the 95% prediction interval of the old one, as on the cards
(`tooling.pages.replication`), and `half-widths` says how far it moved. Recordings on one device share their trunk.
Where script, size or rule has changed between them, another experiment is compared. The last lines count each kind.
Needs git's whole history.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tooling.pages.replication import prediction, rule_changed  # noqa: E402

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


def contrasts(result: Recording) -> Iterator[tuple[str, Recording]]:
    """Each claim without parts, or part of a claim, that has an interval."""
    for key, claim in result["claims"].items():
        for part in claim.get("parts") or [{**claim, "name": ""}]:
            if part["low"] is not None and part["contrast_per_seed"]:
                yield f"{key} {part['name']}".strip(), part


def kind(old: Recording, new: Recording, *, key: str) -> str:
    """What two recordings of a claim share."""
    if rule_changed(old, SimpleNamespace(hashes=new["hashes"]), key=key):
        return "other script"
    return "same device" if old["device"] == new["device"] else "other device"


def half_widths(old: Recording, new: Recording) -> float:
    """How far an estimate moved, in half-widths of the prediction interval of the old recording."""
    center, half = prediction(old, before=len(old["contrast_per_seed"]), fresh=len(new["contrast_per_seed"]))
    return (new["estimate"] - center) / half


def main() -> None:
    """Print all comparisons."""
    inside: Counter[str] = Counter()
    compared: Counter[str] = Counter()
    for path in sorted(ROOT.glob("repro/*/results/mini.json")):
        for old, new in pairwise(recordings(str(path.relative_to(ROOT)))):
            fresh = dict(contrasts(new))
            for name, part in contrasts(old):
                if name in fresh:
                    shared, moved = kind(old, new, key=name.split()[0]), half_widths(part, fresh[name])
                    compared[shared] += 1
                    inside[shared] += abs(moved) <= 1
                    pair = f"{old['recording']} to {new['recording']}"
                    print(f"{name:90} {pair}  {shared:12}  {moved:+.2f} half-widths")
    for shared, number in compared.items():
        print(f"{shared}: {inside[shared]} of {number} inside")


if __name__ == "__main__":
    main()
