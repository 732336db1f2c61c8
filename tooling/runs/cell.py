"""A cell: one arm with one training seed. What it measures, how it is run, and where it is kept when it is finished.

Cells are addressed by content: script, shared modules, settings of the arm, seed, versions of the libraries and kind of
device. An interrupted run therefore goes on where it stopped, and a cell that nothing has touched is never run twice.
"""

import dataclasses
import hashlib
import json
import math
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tooling.errors import Invalid
from tooling.runs.decision import rounded
from tooling.runs.outcome import Packed, pack
from tooling.runs.result import write_atomic

FORMAT = 1
CURVE_POINTS = 48  # a figure is 700 pixels wide; more points are not seen


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measured:
    """What `measure(arm, config, seed)` of a script gives back.

    - `measures`: name -> number, finite unless the cell diverged; what contrasts read;
    - `curves`: name -> numbers along the way, all of one length, one of them `step`;
    - `outcomes`: name -> one boolean or small whole number per item (and sample), kept packed;
    - `fingerprint`: text that is the same for the same weights (or completions) and differs otherwise;
    - `tokens`: sampled while training and testing;
    - `spread`: share of groups whose rewards differ, None where nothing is trained by groups;
    - `diverged`: the run stopped itself; its measures may then be missing or not finite.
    """

    measures: Mapping[str, float]
    curves: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)
    outcomes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    fingerprint: str = ""
    tokens: int = 0
    spread: float | None = None
    diverged: bool = False


class Cell(NamedTuple):
    """An arm of the script `slug` with a training seed at a scale; `key` is its address."""

    scale: str
    arm: str
    seed: int
    key: str
    slug: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finished:
    """A finished cell as it is stored: numbers are rounded, outcomes packed."""

    scale: str
    arm: str
    seed: int
    measures: Mapping[str, float | None]
    curves: Mapping[str, Sequence[float | None]]
    outcomes: Mapping[str, Packed]
    fingerprint: str
    tokens: int
    spread: float | None
    diverged: bool
    seconds: float


def plain(value: Any) -> Any:
    """The value as data that JSON can hold, the same for equal settings; `Invalid` on what has no stable form."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
        return {"(class)": type(value).__qualname__, **inside}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=repr)
    if isinstance(value, (type, Path)) or callable(value) and hasattr(value, "__qualname__"):
        return str(getattr(value, "__qualname__", value))
    raise Invalid(f"a setting is a `{type(value).__name__}`; keep settings to numbers, text, tuples and dataclasses")


def flat(settings: Any, prefix: str = "") -> dict[str, Any]:
    """The settings by dotted name: `Config(recipe=Recipe(width=96))` gives `{"recipe.width": 96}`."""
    found: dict[str, Any] = {}
    for name, value in _fields(settings):
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            found.update(flat(value, f"{prefix}{name}."))
        else:
            found[prefix + name] = plain(value)
    return found


def _fields(settings: Any) -> Iterator[tuple[str, Any]]:
    return ((item.name, getattr(settings, item.name)) for item in dataclasses.fields(settings))


def cell_key(identity: Mapping[str, Any], arm: str, *, config: Any, seed: int) -> str:
    """The address of a cell: a hash of what its measures depend on. `identity` is that of the script."""
    what = {"format": FORMAT, **identity, "arm": arm, "config": plain(config), "seed": seed}
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:32]


def one_thread() -> None:
    """Keep torch, where the script has imported it, to one thread: more are slower for small models."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


def _start_from(seed: int) -> None:
    """Seed the global generators, so that a cell does not depend on the cells before it in the same process."""
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)


def run_cell(measure: Any, config: Any, *, cell: Cell) -> Finished:
    """The finished cell; raises `Invalid` on a measure that is not finite though the run did not diverge."""
    one_thread()
    _start_from(cell.seed)
    started, spared = time.monotonic(), _spared_seconds()
    measured = measure(cell.arm, config, cell.seed)
    if not isinstance(measured, Measured):
        raise Invalid(f"`measure` gave back a `{type(measured).__name__}`; it has to be a `Measured`")
    return Finished(
        scale=cell.scale,
        arm=cell.arm,
        seed=cell.seed,
        measures=_measures(measured),
        curves=_curves(measured.curves),
        outcomes={name: pack(values) for name, values in measured.outcomes.items()},
        fingerprint=str(measured.fingerprint),
        tokens=int(measured.tokens),
        spread=None if measured.spread is None else rounded(float(measured.spread)),
        diverged=bool(measured.diverged),
        seconds=round(time.monotonic() - started + _spared_seconds() - spared, 2),
    )


def _spared_seconds() -> float:
    """The seconds of training that this process took from the cache so far: a cell costs what it would cost alone."""
    stages = sys.modules.get("tooling.train.stage")
    return stages.spared_seconds() if stages else 0.0


def _measures(measured: Measured) -> dict[str, float | None]:
    values = {name: float(value) for name, value in measured.measures.items()}
    wrong = [f"`{name}` is {value}" for name, value in values.items() if not math.isfinite(value)]
    if wrong and not measured.diverged:
        raise Invalid(f"{', '.join(wrong)} in a cell that did not diverge; a finished measure is a finite number")
    return {name: rounded(value) if math.isfinite(value) else None for name, value in values.items()}


def _curves(curves: Mapping[str, Sequence[float]]) -> dict[str, list[float | None]]:
    """The curves with at most 48 points each, evenly taken, the first and the last among them."""
    lengths = {name: len(values) for name, values in curves.items()}
    if len(set(lengths.values())) > 1:
        raise Invalid(f"curves of different lengths: {lengths}; give every curve a value at each step")
    return {name: [_point(values[index]) for index in _indices(len(values))] for name, values in curves.items()}


def _indices(length: int) -> list[int]:
    if length <= CURVE_POINTS:
        return list(range(length))
    return [round(place * (length - 1) / (CURVE_POINTS - 1)) for place in range(CURVE_POINTS)]


def _point(value: float) -> float | None:
    number = float(value)
    return float(f"{number:.4g}") if math.isfinite(number) else None


def cell_path(root: Path, slug: str, *, key: str) -> Path:
    """The file of a finished cell."""
    return root / ".build" / "cells" / slug / f"{key}.json"


def write_cell(path: Path, cell: Finished) -> None:
    """Keep a finished cell, atomically."""
    values = {item.name: getattr(cell, item.name) for item in dataclasses.fields(cell)}
    values["outcomes"] = {name: packed._asdict() for name, packed in cell.outcomes.items()}
    write_atomic(path, json.dumps({"format": FORMAT, **values}, allow_nan=False).encode())


def read_cell(path: Path) -> Finished | None:
    """The finished cell in a file, None where there is none that can be read: it is then run again."""
    try:
        values = json.loads(path.read_bytes())
        if values.pop("format") != FORMAT:
            return None
        packed = {
            name: Packed(tuple(item["shape"]), item["width"], item["data"]) for name, item in values["outcomes"].items()
        }
        return Finished(**{**values, "outcomes": packed})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def earlier_seconds(root: Path, slug: str, *, scale: str) -> dict[str, float]:
    """The mean seconds of a finished cell of a scale by arm, over what is kept in the repository's scratch."""
    found: dict[str, list[float]] = {}
    for path in (root / ".build" / "cells" / slug).glob("*.json"):
        cell = read_cell(path)
        if cell and cell.scale == scale:
            found.setdefault(cell.arm, []).append(cell.seconds)
    return {arm: sum(seconds) / len(seconds) for arm, seconds in found.items()}
