"""Content addresses: hashes of source code by its syntax tree, and the cache folder that they name things in."""

import ast
import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
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


@lru_cache(maxsize=1)
def lab_hashes() -> dict[str, str]:
    """The hash of the syntax tree of each module of the lab by its dotted name, as it was when first asked."""
    folders = ("verify", "tasks", "models", "train", "evals")
    files = sorted(file for folder in folders for file in (PACKAGE / folder).glob("*.py"))
    names = (f"tooling.{file.parent.name}.{file.stem}" for file in files)
    return {name: tree_hash(ast.parse(file.read_bytes()).body) for name, file in zip(names, files, strict=True)}


def code_hash(*packages: str) -> str:
    """One hash for all modules of lab packages, such as `code_hash("tooling.models", "tooling.tasks")`."""
    parts = [item for item in lab_hashes().items() if item[0].startswith(tuple(f"{name}." for name in packages))]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock beside `path`: one process at a time. It goes with the process, so a killed one leaves none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{path}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
