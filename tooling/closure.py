"""The shared modules that code rests on, found by its imports without importing anything, and their hashes."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from tooling.content import PACKAGE, digest, tree_hash

LAB = ("verify", "tasks", "models", "train", "evals")


class SharedSource:
    """The shared modules of a repository by their dotted names: which ones a script rests on, and their hashes."""

    def __init__(self, package: Path) -> None:
        """Read from the folder of the package `tooling`; each module is parsed once."""
        self.package = package
        self._trees: dict[str, ast.Module | None] = {}
        self._hashes: dict[str, str] = {}
        self._imports: dict[str, tuple[str, ...]] = {}

    def closure(self, tree: ast.Module) -> tuple[str, ...]:
        """The modules of the lab that a script imports, directly or through others, in order.

        A name imported from a package is followed to the module that defines it: a script that imports
        `tooling.train.grpo` does not rest on `tooling.train.sft`.
        """
        return self._reached(list(self._imported(tree, "")))

    def closure_of(self, *names: str) -> tuple[str, ...]:
        """The modules of the lab among `names`, with those that they import, directly or through others, in order."""
        return self._reached(list(names))

    def _reached(self, waiting: list[str]) -> tuple[str, ...]:
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in found and self._is_lab(name):
                found.add(name)
                if name not in self._imports:
                    self._imports[name] = tuple(self._imported(self.tree(name), name))
                waiting.extend(self._imports[name])
        return tuple(sorted(found))

    def hash(self, name: str) -> str:
        """The hash of a module; `missing` where there is none of that name."""
        if name not in self._hashes:
            tree = self.tree(name)
            self._hashes[name] = tree_hash(tree.body) if tree else "missing"
        return self._hashes[name]

    def tree(self, name: str) -> ast.Module | None:
        """The syntax tree of a module or package, None where there is none of that name."""
        if name not in self._trees:
            path = self._path(name)
            self._trees[name] = ast.parse(path.read_bytes(), filename=str(path)) if path else None
        return self._trees[name]

    def _path(self, name: str) -> Path | None:
        place = self.package.joinpath(*name.split(".")[1:])
        candidates = (place.with_suffix(".py"), place / "__init__.py")
        return next((path for path in candidates if path.is_file()), None)

    @staticmethod
    def _is_lab(name: str) -> bool:
        parts = name.split(".")
        return len(parts) > 1 and parts[0] == "tooling" and parts[1] in LAB

    def _imported(self, tree: ast.Module | None, name: str) -> Iterator[str]:
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names if self.tree(alias.name))
            elif isinstance(node, ast.ImportFrom):
                source = self._absolute(node, name)
                for alias in node.names:
                    yield from self._definition(source, alias.name)

    def _absolute(self, node: ast.ImportFrom, name: str) -> str:
        """The dotted name that an import statement of the module `name` starts from."""
        if not node.level:
            return node.module or ""
        is_package = (path := self._path(name)) is not None and path.name == "__init__.py"
        parts = name.split(".")
        above = parts[: len(parts) - node.level + (1 if is_package else 0)]
        return ".".join([*above, node.module] if node.module else above)

    def _definition(self, source: str, name: str) -> Iterator[str]:
        """The modules behind `from source import name`."""
        if not self._is_lab(source):
            # `from tooling import models` names a package of the lab
            if self._is_lab(f"{source}.{name}"):
                yield f"{source}.{name}"
            return
        path = self._path(source)
        if path is None or path.name != "__init__.py":
            yield source
        elif self._path(f"{source}.{name}"):
            yield f"{source}.{name}"
        if path and path.name == "__init__.py":
            yield from self._through(source, name)

    def _through(self, package: str, name: str) -> Iterator[str]:
        """The modules from which the `__init__` of a package takes a name; the package itself where there is none."""
        tree = self.tree(package)
        passed = False
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.ImportFrom) and any((alias.asname or alias.name) == name for alias in node.names):
                source = self._absolute(node, package)
                original = next(alias.name for alias in node.names if (alias.asname or alias.name) == name)
                if source != package:
                    passed = True
                    yield from self._definition(source, original)
        if not passed and not self._path(f"{package}.{name}"):
            yield package


@lru_cache(maxsize=1)
def running_source() -> SharedSource:
    """The shared modules of the package that runs; each is read when it is first asked for, and then kept."""
    return SharedSource(PACKAGE)


def code_hash(*modules: str) -> str:
    """One hash for lab modules with all that they import, such as `code_hash("tooling.models.pretraining")`.

    A new grader or task beside them changes nothing.
    """
    source = running_source()
    return digest([(name, source.hash(name)) for name in source.closure_of(*modules)])
