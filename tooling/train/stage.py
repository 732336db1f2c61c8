"""Stages of training by content: what was trained once from the same start in the same way is read from the cache."""

import errno
import fcntl
import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import torch

from tooling.closure import code_hash
from tooling.content import cache_folder, digest, lock
from tooling.errors import ToolingError, UsageError
from tooling.models import Policy
from tooling.train.identity import identity
from tooling.train.probing import undisturbed
from tooling.train.trained import Trained

LARGEST_GB = 5.0  # of all stages together, unless TOOLING_CACHE_GB says otherwise
LIBRARIES = ("accelerate", "numpy", "tokenizers", "torch", "transformers", "trl")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
WEIGHTS, RECORD, SCRATCH = "weights.pt", "record.json", ".making-"

_cached: ContextVar[bool] = ContextVar("cached", default=True)


_spared: list[float] = []


def spared_seconds() -> float:
    """The seconds of training that this process has taken from the cache so far.

    What a cell would take by itself is the time that it took and the growth of this meanwhile.
    """
    return sum(_spared)


@contextmanager
def uncached() -> Iterator[None]:
    """Train inside this without looking into the cache or writing to it: to see whether a training is repeatable."""
    token = _cached.set(False)
    try:
        yield
    finally:
        _cached.reset(token)


def stage(
    kind: str, policy: Policy, *, code: Sequence[str], inputs: Mapping[str, object], make: Callable[[], Trained]
) -> Trained:
    """What `make` gives, from the cache where the same stage was made before.

    The same stage has the same `kind`, start `policy` (weights, configuration, tokenizer), `inputs` (by `identity`),
    lab modules `code` with all that they import, versions of the libraries, and kind of device. A stage is written
    beside its place and moved there, so that a killed process leaves nothing half; one that cannot be read is made
    again. Two processes that need the same one train once. Either way the policy that comes back is a new copy of
    `policy` with the trained weights, and no source of randomness of the process has moved.

    Raises `Invalid` for an input without a stable identity, and `ToolingError` where the disk is full.
    """
    if not _cached.get():
        with undisturbed():
            return _clean(make(), policy)
    most = _limit()
    folder = cache_folder() / "stages" / _key(kind, policy, code=code, inputs=inputs)
    try:
        with lock(folder), undisturbed():
            found = _read(folder, policy)
            if found:
                _spared.append(found.seconds)
            else:
                started = time.monotonic()
                made = make()
                _write(made, folder, seconds=time.monotonic() - started)
                found = _read(folder, policy)
        _make_room(folder, most=most)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise ToolingError(
            f"{folder.parent}: no space for the stage `{kind}` ({error.strerror}); free some, or let TOOLING_CACHE "
            "name a folder with more"
        ) from None
    if found is None:
        raise ToolingError(f"{folder}: what was written there cannot be read back; check the disk")
    return found.trained


def _clean(trained: Trained, policy: Policy) -> Trained:
    """The same training with its weights in a copy of the start, free of what a trainer left on the model."""
    copy = policy.copy()
    copy.model.load_state_dict(trained.policy.model.state_dict())
    return trained._replace(policy=copy)


def _key(kind: str, policy: Policy, *, code: Sequence[str], inputs: Mapping[str, object]) -> str:
    parts = {name: identity(value, f"the {name} of the stage `{kind}`") for name, value in inputs.items()}
    versions = [platform.python_version_tuple()[:2], *((name, version(name)) for name in LIBRARIES)]
    if torch.cuda.is_available():
        device = torch.cuda.get_device_name()
    else:
        device = f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"
    what = (kind, identity(policy, "the policy"), sorted(parts.items()), code_hash(*code), versions, device)
    return hashlib.sha256(repr(what).encode()).hexdigest()[:24]


class _Found(NamedTuple):
    trained: Trained
    seconds: float


def _read(folder: Path, policy: Policy) -> _Found | None:
    """The stage in a folder, None where there is none or something in it is not what was written."""
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
        with open(folder / WEIGHTS, "rb") as handle:
            intact = record["check"] == digest(record["training"], hashlib.file_digest(handle, "sha256").hexdigest())
        if not intact:
            return None
        weights = torch.load(folder / WEIGHTS, map_location="cpu", weights_only=True)
        os.utime(folder)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    copy = policy.copy()
    copy.model.load_state_dict(weights)
    kept = dict(record["training"])
    seconds, probes = kept.pop("seconds"), tuple(kept.pop("probes"))
    return _Found(Trained(copy, probes=probes, **kept), seconds)


def _write(trained: Trained, folder: Path, *, seconds: float) -> None:
    """Put a stage into its folder as a whole or not at all; the lock on the folder is held."""
    scratch = folder.with_name(SCRATCH + folder.name)
    for leftover in (scratch, folder):
        shutil.rmtree(leftover, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        with open(scratch / WEIGHTS, "w+b") as handle:
            _save(trained.policy.model.state_dict(), handle)
            handle.seek(0)
            weights = hashlib.file_digest(handle, "sha256").hexdigest()
        training = _plain(trained, seconds)
        text = json.dumps({"training": training, "check": digest(training, weights)})
        (scratch / RECORD).write_text(text, "utf-8")
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _save(weights: Mapping[str, torch.Tensor], handle: Any) -> None:
    try:
        torch.save(dict(weights), handle)
        handle.flush()
    except RuntimeError as error:
        # torch tells of a full disk by a line about its own archive
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise


def _plain(trained: Trained, seconds: float) -> dict[str, Any]:
    """All but the weights, as JSON gives it back."""
    plain = {
        "curves": {name: [_number(value) for value in values] for name, values in trained.curves.items()},
        "tokens": int(trained.tokens),
        "diverged": bool(trained.diverged),
        "probes": [{name: _number(value) for name, value in each.items()} for each in trained.probes],
        "seconds": seconds,
    }
    return json.loads(json.dumps(plain))


def _number(value: Any) -> float:
    return int(value) if isinstance(value, int) else float(value)


def _make_room(kept: Path, *, most: float) -> None:
    """Remove the stages that were used longest ago until the rest fits; never `kept`, and none that is locked."""
    with lock(kept.parent / "room"):
        stages = sorted(_kept_stages(kept.parent))
        total = sum(stage.size for stage in stages)
        for stage in stages:
            if total <= most:
                return
            if stage.folder != kept and _removed(stage.folder):
                total -= stage.size


def _limit() -> float:
    """The bound on all stages together, in bytes."""
    given = os.environ.get("TOOLING_CACHE_GB", str(LARGEST_GB))
    try:
        return float(given) * 1e9
    except ValueError:
        raise UsageError(f"TOOLING_CACHE_GB is `{given}`; give a number of gigabytes, such as 5") from None


class _Kept(NamedTuple):
    used: float
    size: int
    folder: Path


def _kept_stages(stages: Path) -> Iterator[_Kept]:
    """Each finished stage and each leftover of a killed process, with its last use and its bytes."""
    for folder in stages.iterdir():
        # one that another process moves or removes meanwhile is not counted
        with suppress(FileNotFoundError):
            if folder.is_dir():
                yield _Kept(folder.stat().st_mtime, sum(file.stat().st_size for file in folder.iterdir()), folder)


def _removed(folder: Path) -> bool:
    """Whether a folder was removed; one whose lock another process holds stays."""
    owner = folder.with_name(folder.name.removeprefix(SCRATCH))
    with open(f"{owner}.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        shutil.rmtree(folder)
        return True
