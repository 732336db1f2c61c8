"""Recorded results: what was measured, what it decides, and the history of decisions. Written by the harness only.

`repro/<slug>/results/<scale>.json` holds the last recording of a scale; `.build/quick/<slug>/quick.json` a quick look.
Reading needs nothing beyond the standard library.
"""

import glob
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from tooling.errors import Invalid
from tooling.runs.alias import with_current_names
from tooling.runs.curve import read_curves

SCHEMA = 2
READABLE = (1, 2)  # 1 kept the curves in the JSON text; both are read
LARGEST_RECORDING_BYTES = 100_000  # result and packed outcomes together: what a reader of the repository has to carry


@dataclass(frozen=True, kw_only=True)
class ClaimResult:
    """The verdict on a claim (or on a part of one) with all that it rests on.

    `low` and `high` are None where there is no interval (one seed, no spread); `why` says why an inconclusive verdict
    decides nothing. For a claim of several parts the numbers are those of the weakest part. `p_value` belongs to the
    null hypothesis that the verdict rejects.
    """

    verdict: str
    estimate: float | None
    low: float | None
    high: float | None
    level: float
    unit: str
    margin: float
    region: str
    side: str
    rule: str
    seeds: tuple[int, ...]
    contrast_per_seed: tuple[float | None, ...]
    diverged: tuple[str, ...]
    smallest_visible: float | None
    fit: bool
    unfit: tuple[str, ...]
    sensitivity: str | None
    arms: tuple[str, ...]
    low_90: float | None = None
    high_90: float | None = None
    p_value: float | None = None
    why: str | None = None
    name: str = ""
    scope: str = ""
    contrast: str = ""
    parts: tuple["ClaimResult", ...] = ()


@dataclass(frozen=True, kw_only=True)
class ArmResult:
    """What an arm is and what was measured in it, per seed.

    `settings` are those that are not the same in all arms; `diverged` the seeds whose cell stopped itself, `seconds`
    what each cell took on one core, `tokens` what it sampled.
    """

    note: str
    settings: Mapping[str, Any]
    measures: Mapping[int, Mapping[str, float | None]]
    curves: Mapping[int, Mapping[str, Sequence[float | None]]]
    diverged: tuple[int, ...] = ()
    seconds: Mapping[int, float] = field(default_factory=dict)
    tokens: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One result of a script at a scale. `recording` is 0 for an exploration or a quick look, which decide nothing.

    `seconds` is the sum over cells, `cost_usd` what they cost at `price`; `history` holds every recording, this one
    included, and those that were started and abandoned. `beside` names the file in the same folder that has the
    outcomes and the curves. `revalidations` are the runs of recorded seeds on later code (`tooling.runs.revalidation`).
    `stale` says why the result may no longer hold.
    """

    slug: str
    scale: str
    recording: int
    quick: bool
    commit: str | None
    script: str
    claims: Mapping[str, ClaimResult]
    arms: Mapping[str, ArmResult]
    sizes: Mapping[str, Any]
    hashes: Mapping[str, Any]
    versions: Mapping[str, str]
    device: str
    seconds: float
    tokens: int
    cost_usd: float
    price: str
    started: str
    history: tuple[Mapping[str, Any], ...]
    schema: int = SCHEMA
    beside: str | None = None
    revalidations: tuple[Mapping[str, Any], ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def revalidated(self) -> Mapping[str, Any] | None:
        """The last run of recorded seeds on later code that agreed with the recording, None where there is none."""
        return next((each for each in reversed(self.revalidations) if each["agrees"] and each["seeds"]), None)

    def reworded(self, claim_key: str, statement: str) -> bool:
        """Whether the card states the claim in other words than when the result was made; no reason to be stale."""
        then = self.hashes.get("statements", {}).get(claim_key)
        return then is not None and then != statement_hash(statement)


class VerdictAt(NamedTuple):
    """A verdict on a claim, with the scale and the result that it belongs to."""

    scale: str
    claim: ClaimResult
    result: Result


class Results(Mapping[str, Mapping[str, Result]]):
    """All recorded results: slug -> scale -> result. `quick` has the quick looks in the same shape."""

    def __init__(
        self, recorded: Mapping[str, Mapping[str, Result]], *, quick: Mapping[str, Mapping[str, Result]]
    ) -> None:
        """Keep both mappings."""
        self._recorded = recorded
        self.quick = quick

    def __getitem__(self, slug: str) -> Mapping[str, Result]:
        """The results of a work by scale."""
        return self._recorded[slug]

    def __iter__(self) -> Iterator[str]:
        """The slugs that have a result, in order."""
        return iter(self._recorded)

    def __len__(self) -> int:
        """The number of works that have a result."""
        return len(self._recorded)

    @cached_property
    def _by_claim(self) -> Mapping[str, list[VerdictAt]]:
        found: dict[str, list[VerdictAt]] = {}
        for by_scale in self._recorded.values():
            for scale, result in by_scale.items():
                for key, claim in result.claims.items():
                    found.setdefault(key, []).append(VerdictAt(scale, claim, result))
        return found

    def verdicts(self, claim_key: str) -> list[VerdictAt]:
        """The verdicts on a claim `<slug>/<claim id>` over all works and scales; empty where nothing was recorded."""
        return list(self._by_claim.get(claim_key, ()))


def load_results(root: Path) -> Results:
    """All recorded results and quick looks of a repository, each with its reasons for being stale.

    Raises `Invalid` with one line per result file that cannot be read. A quick look that cannot be read is left out:
    it is scratch, and the next run replaces it.
    """
    from tooling.runs.staleness import Freshness

    freshness, problems = Freshness(root), []
    recorded: dict[str, dict[str, Result]] = {}
    for path in sorted(root.glob("repro/*/results/*.json")):
        try:
            result = load_result(path)
        except Invalid as error:
            problems.append(str(error))
            continue
        recorded.setdefault(result.slug, {})[result.scale] = replace(result, stale=freshness.stale_reasons(result))
    if problems:
        raise Invalid("\n".join(problems))
    return Results(recorded, quick=_quick_looks(root, freshness))


def _quick_looks(root: Path, freshness: Any) -> Mapping[str, Mapping[str, Result]]:
    quick: dict[str, dict[str, Result]] = {}
    for path in sorted(root.glob(".build/quick/*/quick.json")):
        try:
            result = load_result(path)
        except Invalid:
            continue
        quick.setdefault(result.slug, {})[result.scale] = replace(result, stale=freshness.stale_reasons(result))
    return quick


def load_result(path: Path) -> Result:
    """The result in a file; `stale` is left empty. Raises `Invalid` naming the file and what is wrong.

    A work that was renamed since has its name of today there, and its claims have their keys of today.
    """
    folder = path.parent.parent if path.parent.name == "results" else path.parent
    try:
        plain = with_current_names(json.loads(path.read_text(encoding="utf-8")), _papers(path))
        result = _with_curves(from_json(plain), path.parent)
    except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise Invalid(
            f"{path}: not a result of the harness ({type(error).__name__}: {reason}); restore it from git"
        ) from error
    if (result.slug, result.scale) != (folder.name, path.stem):
        raise Invalid(f"{path}: says `{result.slug}` at `{result.scale}`; a result file is not to be moved or copied")
    return result


def _papers(path: Path) -> Path:
    """The cards beside a result: three folders above it, whether it is a recording or a quick look."""
    return path.resolve().parent.parent.parent.parent / "papers"


def _with_curves(result: Result, folder: Path) -> Result:
    """The result with the curves of the file beside it."""
    if result.beside is None:
        return result
    if Path(result.beside).name != result.beside:
        raise ValueError(f"`beside` is {result.beside!r}, which is no file of the same folder")
    curves = read_curves(folder / result.beside)
    return replace(result, arms={name: replace(arm, curves=curves.get(name, {})) for name, arm in result.arms.items()})


def statement_hash(statement: str) -> str:
    """The hash of a claim's statement, 16 hex digits; line breaks and indentation do not count."""
    return hashlib.sha256(" ".join(statement.split()).encode()).hexdigest()[:16]


def to_json(result: Result) -> dict[str, Any]:
    """The result as plain data, in the order of the file format.

    `stale` is no part of it, nor are the curves where a file beside it has them.
    """
    left_out = {"schema", "stale"} | {name for name in ("beside", "revalidations") if not getattr(result, name)}
    plain = {item.name: getattr(result, item.name) for item in fields(Result) if item.name not in left_out}
    plain["claims"] = {key: _claim_to_json(claim) for key, claim in sorted(result.claims.items())}
    plain["arms"] = {name: _arm_to_json(arm, curves=result.beside is None) for name, arm in result.arms.items()}
    return {"schema": result.schema, **plain, "history": list(result.history)}


def _claim_to_json(claim: ClaimResult) -> dict[str, Any]:
    plain = {item.name: getattr(claim, item.name) for item in fields(claim)}
    return {**plain, "parts": [_claim_to_json(part) for part in claim.parts]}


def _arm_to_json(arm: ArmResult, *, curves: bool) -> dict[str, Any]:
    plain = {item.name: getattr(arm, item.name) for item in fields(arm) if curves or item.name != "curves"}
    for name in plain.keys() & {"measures", "curves", "seconds", "tokens"}:
        plain[name] = {str(seed): value for seed, value in sorted(plain[name].items())}
    return plain


def from_json(plain: Mapping[str, Any]) -> Result:
    """The result that `to_json` made plain; raises `ValueError` or `TypeError` on anything else."""
    if plain.get("schema") not in READABLE:
        raise ValueError(f"schema {plain.get('schema')!r} instead of {SCHEMA}")
    kept = {**plain, "history": tuple(plain["history"]), "revalidations": tuple(plain.get("revalidations", ()))}
    kept["claims"] = {key: _claim_from_json(claim) for key, claim in plain["claims"].items()}
    kept["arms"] = {name: _arm_from_json(arm) for name, arm in plain["arms"].items()}
    return Result(**kept)


def _claim_from_json(plain: Mapping[str, Any]) -> ClaimResult:
    kept = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    return ClaimResult(**{**kept, "parts": tuple(_claim_from_json(part) for part in plain["parts"])})


def _arm_from_json(plain: Mapping[str, Any]) -> ArmResult:
    kept = {"curves": {}, **plain, "diverged": tuple(plain["diverged"])}
    for name in ("measures", "curves", "seconds", "tokens"):
        kept[name] = {int(seed): value for seed, value in kept[name].items()}
    return ArmResult(**kept)


def dump(plain: Mapping[str, Any]) -> str:
    """The JSON text of a result: indented for diffs, with lists and mappings of numbers on one line each."""
    return _layout(plain, 0) + "\n"


def _layout(value: Any, depth: int) -> str:
    # numbers are most of a result: no space behind a comma
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if not isinstance(value, (dict, list, tuple)):
        return flat
    items = value.values() if isinstance(value, dict) else value
    nested = any(isinstance(item, (dict, list, tuple)) for item in items)
    if not nested and not isinstance(value, dict):
        return json.dumps([_short(item) for item in value], ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if not nested and (len(flat) + depth <= 300 or all(isinstance(item, (int, float)) for item in items)):
        return flat
    pad = " " * (depth + 1)
    if isinstance(value, dict):
        lines = [
            f"{pad}{json.dumps(str(key), ensure_ascii=False)}: {_layout(item, depth + 1)}"
            for key, item in value.items()
        ]
        return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"
    return "[\n" + ",\n".join(pad + _layout(item, depth + 1) for item in value) + "\n" + " " * depth + "]"


def _short(value: Any) -> Any:
    """A number of a curve without the `.0` of a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file so that a crash or a full disk leaves the old one; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_bytes(content)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what processes that were killed while they wrote this file have left beside it."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
        number = left.name.rpartition(".")[2]
        if number.isdigit() and not _is_alive(int(number)):
            left.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is there and belongs to somebody else
        return True
    return True


def write_result(path: Path, result: Result) -> None:
    """Write the result to its file, atomically."""
    write_atomic(path, dump(to_json(result)).encode())
