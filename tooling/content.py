"""Content addresses: hashes of source code by its syntax tree, and the cache folder that they name things in."""

import ast
import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent


def cache_folder() -> Path:
    """The folder of everything that can be made or fetched again, shared by all checkouts of a user.

    `TOOLING_CACHE`, else `post-deepseek-r1` in the user's cache folder.
    """
    if own := os.environ.get("TOOLING_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "post-deepseek-r1"


def tree_hash(trees: Sequence[ast.AST]) -> str:
    """The hash of syntax trees, such as the statements of a module, 16 hex digits.

    Comments, docstrings and layout do not change it. The trees are written out here rather than by `ast.dump`, whose
    text differs between versions of Python, so that what is recorded on one stays current on another.
    """
    return hashlib.sha256(_plain(list(trees)).encode()).hexdigest()[:16]


def _plain(node: Any) -> str:
    """A tree as text: nodes and their fields, without places, contexts, empty fields and strings as statements."""
    if isinstance(node, list):
        return "[" + ",".join(_plain(item) for item in node if not _is_remark(item)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    present = [(name, value) for name, value in ast.iter_fields(node) if name not in ("ctx", "kind", "type_comment")]
    if isinstance(node, ast.JoinedStr):
        # Python 3.12 ends some f-strings with an empty text that other versions leave out
        present = [("values", [part for part in node.values if getattr(part, "value", None) != ""])]
    inside = ",".join(f"{name}={_plain(value)}" for name, value in present if value is not None and value != [])
    return f"{type(node).__name__}({inside})"


def _is_remark(node: Any) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def digest(*parts: object) -> str:
    """The hash of values that have a stable `repr`, 16 hex digits: plain data and frozen dataclasses of it."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock beside `path`: one process at a time. It goes with the process, so a killed one leaves none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{path}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
