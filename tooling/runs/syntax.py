"""Hashes of the parts of a script by its syntax tree. Nothing is imported.

Comments, docstrings and layout change no hash.
"""

import ast
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from tooling.content import tree_hash

DECIDING = ("region", "statistic", "claim", "decision")  # the modules of `runs` that turn measures into a verdict
NOT_MEASURED = ("CLAIMS", "SIZES", "SEEDS", "SECONDS", "EQUAL", "NOTES")  # what no cell depends on


class ScriptSource:
    """The parts of a script's source that results hang on: what measures, the sizes, the rules of its claims."""

    def __init__(self, path: Path) -> None:
        """Read and parse the file; a syntax error is raised as such."""
        self.path = path
        self.tree = ast.parse(path.read_bytes(), filename=str(path))

    @cached_property
    def hash(self) -> str:
        """The hash of what the cells depend on: everything but the tables and what only they use."""
        return tree_hash([_without_words(node) for node in self.tree.body if not self._left_out(node)])

    def entries(self, name: str) -> Mapping[str, ast.expr]:
        """The values of a top-level `name = {"key": value, ...}`, by key; empty where it is written in another way."""
        return written_out(self.tree.body, name)

    def entry_hashes(self, name: str) -> Mapping[str, str]:
        """The hash of each of those values, by key, together with what only the tables use and the value needs."""
        return {key: self._entry_hash(value) for key, value in self.entries(name).items()}

    def _entry_hash(self, value: ast.expr) -> str:
        needed: set[str] = set()
        waiting = [value]
        while waiting:
            new = (_used(waiting.pop()) & self._only_for_tables.keys()) - needed
            needed |= new
            waiting += [self._only_for_tables[name] for name in new]
        return tree_hash([value, *(self._only_for_tables[name] for name in sorted(needed))])

    @cached_property
    def _only_for_tables(self) -> Mapping[str, ast.stmt]:
        """The constants and functions that nothing but the tables uses, directly or through one another."""
        used = {node: _used(node) for node in self.tree.body}
        others = [node for node in self.tree.body if not self._is_table(node)]
        reached = set().union(*(used[node] for node in self.tree.body if self._is_table(node)))
        named = {name: node for node in others if (name := _defined(node))}
        kept: dict[str, ast.stmt] = {}
        while True:
            users = [node for node in others if _defined(node) not in kept]
            grown = {
                name: node
                for name, node in named.items()
                if name in reached and not any(name in used[user] for user in users if user is not node)
            }
            if grown.keys() == kept.keys():
                return kept
            kept = grown
            reached |= set().union(*(used[node] for node in kept.values()))

    def _left_out(self, node: ast.stmt) -> bool:
        """Whether a statement is judged entry by entry, or is none that a cell depends on."""
        from_runs = isinstance(node, ast.ImportFrom) and node.module == "tooling.runs"
        return from_runs or self._is_table(node) or _defined(node) in self._only_for_tables

    @staticmethod
    def _is_table(node: ast.stmt) -> bool:
        name = _defined(node)
        return _is_written_out(node) if name in ("CLAIMS", "SIZES") else name in NOT_MEASURED


def written_out(body: Sequence[ast.stmt], name: str) -> Mapping[str, ast.expr]:
    """The values of `name = {"key": value, ...}` among these statements, by key; empty where there is none."""
    for node in body:
        if _defined(node) == name and _is_written_out(node):
            pairs = zip(node.value.keys, node.value.values, strict=True)
            return {key.value: value for key, value in pairs if isinstance(key, ast.Constant)}
    return {}


def _defined(node: ast.stmt) -> str | None:
    """The one name that a top-level statement defines, None where it is another kind of statement."""
    if isinstance(node, ast.FunctionDef):
        return node.name
    targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else None


def _without_words(node: ast.stmt) -> ast.stmt:
    """A class without its property `scope`, which says in words what the settings are."""
    if not isinstance(node, ast.ClassDef):
        return node
    body = [each for each in node.body if not (isinstance(each, ast.FunctionDef) and each.name == "scope")]
    return ast.ClassDef(node.name, node.bases, node.keywords, body, node.decorator_list)


def _is_written_out(node: ast.stmt) -> bool:
    """Whether an assignment is of a dictionary with constant keys, of which each entry can be judged by itself."""
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    return isinstance(value, ast.Dict) and all(isinstance(key, ast.Constant) for key in value.keys)


def _used(node: ast.AST) -> set[str]:
    """The names that a statement or an expression reads."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}


def contrast_source(value: ast.expr | None) -> dict[str, str]:
    """The contrast of a claim's expression as Python text, by part ("" for a claim of one part).

    `Claim(contrast=lambda m: m["a"]["x"] - m["b"]["x"])` gives `{"": "m['a']['x'] - m['b']['x']"}`.
    """
    if not isinstance(value, ast.Call):
        return {}
    found = {}
    for keyword in value.keywords:
        if keyword.arg in ("contrast", "statistic"):
            shown = keyword.value.body if isinstance(keyword.value, ast.Lambda) else keyword.value
            found[""] = ast.unparse(shown)
        elif keyword.arg and isinstance(keyword.value, ast.Call) and (inner := contrast_source(keyword.value).get("")):
            found[keyword.arg.replace("_", " ")] = inner
    return found
