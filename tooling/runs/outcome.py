"""Per-item outcomes, packed: a few bits per item, in one `.npz` file beside a result.

The file has two arrays. `bits` holds all outcomes as one stream of bits; `index` is the UTF-8 text of a JSON list with
one entry `[arm, seed, name, shape, width]` per array of outcomes, in the order of the stream. An array of shape
(items, samples) takes items * samples * width bits, value by value, the lowest bit of a value first, filled up to whole
bytes at its end. Width 1 is right or wrong, wider ones are small codes or counts. A third array, `curves`, is that of
`tooling.runs.curve`.
"""

import base64
import io
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tooling.errors import Invalid
from tooling.runs.curve import Curves, pack_curves

if TYPE_CHECKING:
    import numpy as np


class Packed(NamedTuple):
    """An array of outcomes as text: its shape, bits per value, and the compressed bits in base64."""

    shape: tuple[int, ...]
    width: int
    data: str


def pack(values: Any) -> Packed:
    """The outcomes packed; booleans or whole numbers from 0 on, of any shape. Raises `Invalid` on anything else."""
    import numpy as np

    array = np.asarray(values)
    whole = array.size == 0 or array.dtype == bool or np.issubdtype(array.dtype, np.integer)
    if not whole or (array.size and int(array.min()) < 0):
        raise Invalid(f"outcomes of type `{array.dtype}` cannot be packed; give booleans or whole numbers from 0 on")
    width = max(1, int(array.max()).bit_length()) if array.size else 1
    planes = (array.reshape(-1, 1).astype(np.int64) >> np.arange(width)) & 1
    bits = np.packbits(planes.astype(np.uint8).ravel(), bitorder="little").tobytes()
    return Packed(tuple(array.shape), width, base64.b64encode(zlib.compress(bits, 9)).decode())


def _stream(packed: Packed) -> bytes:
    return zlib.decompress(base64.b64decode(packed.data))


def unpack(packed: Packed) -> "np.ndarray":
    """The outcomes as an array: booleans for width 1, whole numbers otherwise."""
    return _unpack(_stream(packed), shape=packed.shape, width=packed.width)


def _unpack(stream: bytes, *, shape: tuple[int, ...], width: int) -> "np.ndarray":
    import numpy as np

    count = int(np.prod(shape, dtype=np.int64))
    bits = np.unpackbits(np.frombuffer(stream, np.uint8), count=count * width, bitorder="little").reshape(count, width)
    values = (bits.astype(np.int64) << np.arange(width)).sum(axis=1).reshape(shape)
    return values.astype(bool) if width == 1 else values


def archive(outcomes: Mapping[tuple[str, int, str], Packed], curves: Mapping[str, Curves] | None = None) -> bytes:
    """The content of the `.npz` file for outcomes by (arm, seed, name) and curves by arm; empty without either.

    The same bytes for the same outcomes and curves.
    """
    import numpy as np

    drawn = {"curves": np.frombuffer(pack_curves(curves or {}), np.uint8)} if any((curves or {}).values()) else {}
    if not outcomes and not drawn:
        return b""

    entries = sorted(outcomes.items())
    index = json.dumps([[arm, seed, name, list(packed.shape), packed.width] for (arm, seed, name), packed in entries])
    bits = b"".join(_stream(packed) for _, packed in entries)
    buffer = io.BytesIO()
    arrays = {"index": np.frombuffer(index.encode(), np.uint8), "bits": np.frombuffer(bits, np.uint8), **drawn}
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def read_outcomes(path: Path) -> dict[tuple[str, int, str], "np.ndarray"]:
    """The outcomes of a result's `.npz` file: (arm, seed, name) -> array."""
    import numpy as np

    with np.load(path, allow_pickle=False) as stored:
        index, bits = json.loads(bytes(stored["index"]).decode()), bytes(stored["bits"])
    found, start = {}, 0
    for arm, seed, name, shape, width in index:
        count = int(np.prod(shape, dtype=np.int64)) * width
        stop = start + -(-count // 8)
        found[arm, seed, name] = _unpack(bits[start:stop], shape=tuple(shape), width=width)
        start = stop
    return found
