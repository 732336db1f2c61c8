"""Content addresses: hashes of source code by its syntax tree, and the cache folder that they name things in."""

import ast
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).parent


def cache_folder() -> Path:
    """The folder of everything that can be made again: `TOOLING_CACHE`, else `.cache` in the repository."""
    return Path(os.environ.get("TOOLING_CACHE") or PACKAGE.parent / ".cache")


def syntax_hash(source: str) -> str:
    """The hash of a module's syntax tree, 16 hex digits; comments, docstrings and layout do not change it."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _has_docstring(body):
            node.body = body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:16]


def _has_docstring(body: list[ast.stmt]) -> bool:
    first = body[0] if body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


@lru_cache(maxsize=1)
def lab_hashes() -> dict[str, str]:
    """The syntax hash of each module of the lab by its dotted name, as it was when first asked."""
    folders = ("verify", "tasks", "models", "train", "evals")
    files = sorted(file for folder in folders for file in (PACKAGE / folder).glob("*.py"))
    return {".".join(("tooling", file.parent.name, file.stem)): syntax_hash(file.read_text()) for file in files}


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
