"""The house rules as functions: each takes what it judges and yields one line per breach, `path:line: message`."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple

LONGEST = 60
USUAL = 30
SHARE_OF_USUAL = 0.9
MOST_PARAMETERS = 5
MOST_POSITIONAL = 2
# these have three in the design, where their order is as plain as that of a sentence
THREE_POSITIONAL = {"countdown", "dpo", "fit", "grpo", "items", "measure", "score", "sft", "solve_probability", "steer"}
FOUR_POSITIONAL = {"distill"}  # student, teacher, task, settings
# beside what they train on, these take a seed, a reward, a probe and how often to probe
TRAININGS = {"distill", "dpo", "grpo", "sft", "train_grpo"}
MOST_OF_TRAININGS = 7
MOST_SCRIPT_LINES = 150
MOST_SCRIPT_HELPERS = 3

VAGUE_NAMES = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils", "v2"}
HEADINGS = ("Paper", "Idea", "Miniature", "Supports", "Contradicts", "Not tested", "Differs")
SCRIPT_MODULES = {"dataclasses", "math", "numpy", "tooling", "torch"}
# printing, files and randomness of their own belong to the library
SCRIPT_FORBIDDEN_CALLS = {"breakpoint", "exec", "eval", "input", "open", "print"}
SCRIPT_FORBIDDEN_NAMES = {"cuda", "device", "manual_seed"}

# each layer may use itself and what stands before it: verify < tasks < models, train, evals < runs < repro
LAYERS = {"verify": 0, "tasks": 1, "models": 2, "train": 2, "evals": 2, "runs": 3, "repro": 4}
# what the site, the cards and the graders run without
HEAVY = {"accelerate", "datasets", "torch", "transformers", "trl", "vllm"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """A Python file of the project: its path from the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module


def source(path: str, text: str) -> Source:
    """The file at `path` with this text, parsed."""
    return Source(path, text, ast.parse(text))


def functions(module: Source) -> Iterator[Function]:
    """Every function and method of the file, nested ones too."""
    return (node for node in ast.walk(module.tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """The lines of a function's body, its docstring not counted."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def public(scope: Scope, *, method: bool = False) -> Iterator[tuple[Function | ast.ClassDef, bool]]:
    """The public functions and classes of a file, with whether each is a method; special methods are not counted."""
    for node in scope.body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node, method
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node, False
            yield from public(node, method=True)


def parameters(function: Function, *, method: bool) -> list[ast.arg]:
    """All parameters but `self` or `cls`; `*rest` and `**options` count as one each."""
    given = function.args
    named = [*given.posonlyargs, *given.args]
    if method and not _decorated(function, "staticmethod"):
        named = named[1:]
    return [*named, *given.kwonlyargs, *(arg for arg in (given.vararg, given.kwarg) if arg)]


def long_functions(module: Source) -> Iterator[str]:
    """Functions of more than 60 lines."""
    for function in functions(module):
        if length(function) > LONGEST:
            yield f"{_place(module, function)} has {length(function)} lines; at most {LONGEST}"


def too_few_short(modules: Iterable[Source]) -> Iterator[str]:
    """One line if less than nine in ten of all functions stay within 30 lines, with the longest of them."""
    sized = [(length(each), f"{module.path}:{each.lineno}") for module in modules for each in functions(module)]
    over = sorted((pair for pair in sized if pair[0] > USUAL), reverse=True)
    if len(sized) - len(over) < SHARE_OF_USUAL * len(sized):
        longest = ", ".join(f"{where} ({lines} lines)" for lines, where in over[:10])
        yield f"{len(over)} of {len(sized)} functions are over {USUAL} lines, at most one in ten may be: {longest}"


def many_parameters(module: Source) -> Iterator[str]:
    """Functions of more than five parameters; special methods have the number that Python gives them."""
    methods = {id(child) for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef) for child in node.body}
    for function in functions(module):
        count = len(parameters(function, method=id(function) in methods))
        most = MOST_OF_TRAININGS if function.name in TRAININGS else MOST_PARAMETERS
        if count > most and not _special(function):
            yield f"{_place(module, function)} has {count} parameters; at most {most}"


def many_positional(module: Source) -> Iterator[str]:
    """Public functions with more than two parameters that are not keyword-only."""
    for node, method in public(module.tree):
        if isinstance(node, Function):
            free = len(node.args.posonlyargs) + len(node.args.args) - (method and not _decorated(node, "staticmethod"))
            if free > MOST_POSITIONAL + (node.name in THREE_POSITIONAL) + 2 * (node.name in FOUR_POSITIONAL):
                yield f"{_place(module, node)} has {free} positional parameters; write `*` after the second"


def untitled(module: Source) -> Iterator[str]:
    """Files without a docstring."""
    if not ast.get_docstring(module.tree):
        yield f"{module.path}:1: the file has no docstring"


def undocumented(module: Source) -> Iterator[str]:
    """Public names without a docstring."""
    for node, _ in public(module.tree):
        if not ast.get_docstring(node):
            yield f"{_place(module, node)} has no docstring"


def unannotated(module: Source) -> Iterator[str]:
    """Public functions of which a parameter or the returned value has no annotation."""
    for node, method in public(module.tree):
        if isinstance(node, Function):
            bare = [each.arg for each in parameters(node, method=method) if each.annotation is None]
            bare += ["return"] if node.returns is None else []
            if bare:
                yield f"{_place(module, node)} lacks annotations: {', '.join(bare)}"


def unnamed_triples(module: Source) -> Iterator[str]:
    """Public functions that return three or more values without a name for each."""
    for function, _ in public(module.tree):
        returned = function.returns if isinstance(function, Function) else None
        if isinstance(returned, ast.Subscript) and ast.unparse(returned.value) == "tuple":
            inner = returned.slice.elts if isinstance(returned.slice, ast.Tuple) else [returned.slice]
            if len(inner) > 2:
                yield f"{_place(module, function)} returns {len(inner)} values; use a NamedTuple"


def asserted(module: Source) -> Iterator[str]:
    """`assert` statements: they vanish under `python -O`, so they validate nothing."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assert):
            yield f"{module.path}:{node.lineno}: `assert` in the package; raise an exception"


def postponed(module: Source) -> Iterator[str]:
    """Comments that put work off."""
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT and re.search(r"\b(TODO|FIXME|XXX|HACK)\b", token.string):
            yield f"{module.path}:{token.start[0]}: a comment puts work off; do it or open an issue"


def vague_names(module: Source) -> Iterator[str]:
    """Files and folders whose name says nothing about what is in them."""
    for part in PurePosixPath(module.path).with_suffix("").parts:
        if part in VAGUE_NAMES:
            yield f"{module.path}:1: `{part}` says nothing about the content; name the thing"


class Import(NamedTuple):
    """One imported module: its full name, the line, and whether it is loaded with the file."""

    module: str
    line: int
    eager: bool


@cache
def imports(module: Source) -> tuple[Import, ...]:
    """All imports of the file, relative ones resolved; those in functions or for type checkers only are not eager."""
    return tuple(_imports(module, module.tree, eager=True))


def _imports(module: Source, node: ast.AST, *, eager: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, eager) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            origin = _origin(module, child)
            yield Import(origin, child.lineno, eager)
            # `from tooling import cards` loads a submodule; a name that is none is looked up in vain
            yield from (Import(f"{origin}.{alias.name}", child.lineno, eager) for alias in child.names)
        else:
            lazy = isinstance(child, Function | ast.Lambda) or _type_checking(child)
            yield from _imports(module, child, eager=eager and not lazy)


def dotted(path: str) -> str:
    """The module name of a file: `tooling/runs/__init__.py` is `tooling.runs`."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def upward_imports(module: Source) -> Iterator[str]:
    """Imports, lazy ones too, that go against the direction verify < tasks < models, train, evals < runs < repro."""
    own = _layer(dotted(module.path))
    for each in imports(module):
        other = _layer(each.module)
        if own is not None and other is not None and LAYERS[other] > LAYERS[own]:
            yield f"{module.path}:{each.line}: {own} must not import {each.module}; {own} stands below {other}"


def heavy_imports(light: str, modules: Mapping[str, Source], *, heavy: Iterable[str] = HEAVY) -> Iterator[str]:
    """The chains by which loading the module `light` loads one of the `heavy` packages.

    `modules`: all files of the project by module name. Imports inside functions do not count.
    """
    chains = loaded(light, modules)
    for name, chain in sorted(chains.items()):
        if name in set(heavy):
            yield f"{light} loads {name}: {' > '.join(chain)}"


def loaded(start: str, modules: Mapping[str, Source]) -> dict[str, tuple[str, ...]]:
    """Every module that loading `start` loads, with the chain of imports that leads there."""
    found: dict[str, tuple[str, ...]] = {}
    waiting = [(start, (start,))]
    while waiting:
        name, chain = waiting.pop(0)
        if name in found:
            continue
        found[name] = chain
        waiting += [(package, (*chain, package)) for package in _packages(name) if package not in found]
        if name in modules:
            waiting += [(each.module, (*chain, each.module)) for each in imports(modules[name]) if each.eager]
    return found


def undeclared(light: Iterable[str], modules: Mapping[str, Source], *, declared: Iterable[str]) -> Iterator[str]:
    """Imports of packages outside the standard library that loading the `light` modules needs and nothing declares.

    `declared`: the import names of the declared dependencies and of the project itself.
    """
    allowed = {*declared, *sys.stdlib_module_names}
    for name in sorted({each for start in light for each in loaded(start, modules)} & set(modules)):
        needed = {(each.module.partition(".")[0], each.line) for each in imports(modules[name]) if each.eager}
        for package, line in sorted(needed):
            if package not in allowed:
                yield f"{modules[name].path}:{line}: imports {package}, which is no dependency of the base install"


def script_breaches(module: Source) -> Iterator[str]:
    """Ways in which a `repro/<slug>/run.py` leaves the shape that all of them share."""
    lines = module.text.count("\n")
    if lines > MOST_SCRIPT_LINES:
        yield f"{module.path}:{lines}: {lines} lines; at most {MOST_SCRIPT_LINES}"
    yield from _docstring_breaches(module)
    yield from _script_imports(module)
    yield from _script_names(module)
    yield from _script_parts(module)


def _docstring_breaches(module: Source) -> Iterator[str]:
    text = ast.get_docstring(module.tree) or ""
    if not text.partition("\n")[0].endswith("?"):
        yield f"{module.path}:1: the docstring's first line is no question"
    places = [(found.start() if (found := re.search(rf"^{each}\b", text, re.MULTILINE)) else -1) for each in HEADINGS]
    for heading, place in zip(HEADINGS, places, strict=True):
        if place < 0:
            yield f"{module.path}:1: the docstring has no heading `{heading}`"
    if -1 not in places and places != sorted(places):
        yield f"{module.path}:1: the docstring's headings are not in the order {', '.join(HEADINGS)}"


def _script_imports(module: Source) -> Iterator[str]:
    names = {(each.module.partition(".")[0], each.line) for each in imports(module)}
    for name, line in sorted(names):
        if name not in SCRIPT_MODULES:
            yield f"{module.path}:{line}: imports {name}; a script imports only {', '.join(sorted(SCRIPT_MODULES))}"


def _script_names(module: Source) -> Iterator[str]:
    sizes = {"smoke", "quick", "mini", "gpu", "paper"}
    for node in ast.walk(module.tree):
        called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if called in SCRIPT_FORBIDDEN_CALLS:
            yield f"{module.path}:{node.lineno}: calls {called}(); the library does that"
        if isinstance(node, ast.Attribute) and node.attr in SCRIPT_FORBIDDEN_NAMES:
            yield f"{module.path}:{node.lineno}: uses `{node.attr}`; the library chooses devices and seeds"
        if isinstance(node, ast.Compare):
            compared = [each.value for each in (node.left, *node.comparators) if isinstance(each, ast.Constant)]
            if sizes & {each for each in compared if isinstance(each, str)}:
                yield f"{module.path}:{node.lineno}: asks which size runs; a size changes sizes only"


def _script_parts(module: Source) -> Iterator[str]:
    body = module.tree.body
    defined = {node.name for node in body if isinstance(node, Function | ast.ClassDef)}
    defined |= {each.id for node in body if isinstance(node, ast.Assign) for each in node.targets if _is_name(each)}
    defined |= {node.target.id for node in body if isinstance(node, ast.AnnAssign) and _is_name(node.target)}
    for part in ("Config", "SIZES", "SEEDS", "CLAIMS", "arms", "measure"):
        if part not in defined:
            yield f"{module.path}:1: defines no `{part}`"
    if not body or ast.unparse(body[-1]) != "main(__file__)":
        yield f"{module.path}:{len(module.text.splitlines())}: the last line is not `main(__file__)`"
    extra = [node for node in body if isinstance(node, Function) and node.name not in {"arms", "measure", "scope"}]
    if len(extra) > MOST_SCRIPT_HELPERS:
        too_many = f"{len(extra)} functions beside arms, measure and scope; at most {MOST_SCRIPT_HELPERS}"
        yield f"{module.path}:{extra[-1].lineno}: {too_many}"


# without the slashes around them, so that this file does not break the rule itself
MACHINE_FOLDERS = ("work", "root", "farm", "home/[a-z]+", "opt/wheels", "opt/pypi[a-z-]*")
MACHINE_PATHS = [rf"(?<![\w.~/-])/{folder}/" for folder in MACHINE_FOLDERS]
REGISTRIES = [r"pypi\.org", r"pythonhosted\.org", r"registry\.npmjs\.org", r"deb\.debian\.org"]
EMOJI = "[\U0001f300-\U0001faff\u2705\u274c\u2728\u2b50]"


def place_breaches(path: str, text: str) -> Iterator[str]:
    """Lines of a tracked file that name a folder of one machine, a package registry's host, or hold an emoji."""
    kinds = [("a folder of one machine", MACHINE_PATHS), ("a registry's host", REGISTRIES), ("an emoji", [EMOJI])]
    for number, line in enumerate(text.splitlines(), start=1):
        for what, patterns in kinds:
            if any(re.search(pattern, line) for pattern in patterns):
                yield f"{path}:{number}: holds {what}"


# what may lie in git, by pattern of the path; what a command writes is there only where it is named
TRACKED = [
    r"(README|CONTRIBUTING|CHANGELOG)\.md",
    r"LICENSE|CITATION\.cff|Makefile|pyproject\.toml|mkdocs\.yml|pins\.txt|\.gitignore|\.editorconfig",
    r"\.ci/run|\.github/.+\.(yml|yaml|md)|\.github/CODEOWNERS",
    r"papers/(LICENSE|README\.md|_?[a-z0-9-]+\.yaml|card\.schema\.json)",
    r"repro/[a-z0-9-]+/(run\.py|results/[a-z0-9-]+\.(json|npz|bits))",
    r"site/(?!.*\.py$).+\.(md|css|js|svg|png|ico|woff2|txt|xml|html)",
    r"tooling/.+\.(py|md|html|css|js|svg|txt|json|yaml)",
    r"tests/.+\.(py|md|yaml|json|xml|txt|html|bib)",
]


def stray_files(paths: Iterable[str]) -> Iterator[str]:
    """Paths that are no source of a kind that the tree knows: built pages, caches, logs."""
    for path in paths:
        if not any(re.fullmatch(pattern, path) for pattern in TRACKED):
            yield f"{path}:1: no kind of file that git keeps; write it under .build or extend `TRACKED`, tests/rule.py"


def _place(module: Source, node: Function | ast.ClassDef) -> str:
    return f"{module.path}:{node.lineno}: `{node.name}`"


def _origin(module: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = dotted(module.path).split(".")
    up = node.level - (1 if PurePosixPath(module.path).name == "__init__.py" else 0)
    return ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])


def _packages(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def _layer(name: str) -> str | None:
    parts = name.split(".")
    folder = parts[1] if parts[0] == "tooling" and len(parts) > 1 else parts[0]
    return folder if folder in LAYERS else None


def _type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def _decorated(function: Function, name: str) -> bool:
    return any(ast.unparse(each) == name for each in function.decorator_list)


def _special(function: Function) -> bool:
    return function.name.startswith("__") and function.name.endswith("__")


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name)
