"""The curves of a result in the `.npz` file beside it: compressed text, read back without numpy.

The file has an array `curves` of bytes: the JSON text `{arm: {seed: {name: [numbers]}}}`, compressed by bz2. The curves
of 48 cells with ten measures take about 25 KB so, a sixth of what they take as plain text.
"""

import bz2
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

Curves = Mapping[int, Mapping[str, Sequence[float | None]]]  # seed -> name -> numbers along the way
MEMBER = "curves.npy"
MAGIC = b"\x93NUMPY\x01\x00"
HEAD = len(MAGIC) + 2


def pack_curves(curves: Mapping[str, Curves]) -> bytes:
    """The bytes of the curves by arm; the same bytes for the same curves. Whole numbers lose their `.0`."""
    plain = {
        arm: {
            str(seed): {name: [_short(value) for value in values] for name, values in own.items()}
            for seed, own in seeds.items()
        }
        for arm, seeds in curves.items()
    }
    return bz2.compress(json.dumps(plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode())


def read_curves(path: Path) -> dict[str, Curves]:
    """The curves of an `.npz` file by arm; empty where it holds none.

    Raises `OSError` where there is no such file, and `ValueError` where it is none that the harness wrote.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if MEMBER not in archive.namelist():
                return {}
            stored = archive.read(MEMBER)
        plain = json.loads(bz2.decompress(_payload(stored)))
    except (zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error
    return {arm: {int(seed): own for seed, own in seeds.items()} for arm, seeds in plain.items()}


def _payload(stored: bytes) -> bytes:
    """The bytes of an array of bytes in numpy's format 1.0: magic, length of the header, header, data."""
    if not stored.startswith(MAGIC):
        raise ValueError("`curves` is no array in numpy's format 1.0")
    return stored[HEAD + int.from_bytes(stored[len(MAGIC) : HEAD], "little") :]


def _short(value: float | None) -> float | int | None:
    return int(value) if isinstance(value, float) and value.is_integer() else value
