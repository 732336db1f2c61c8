"""Repairs of `tooling check --fix`: what a machine may write into a card, because it needs no judgement.

A repair changes one value and no other byte. The file is checked again before it is written; where a repair would bring
a new problem, it is left to a person.
"""

import difflib
import html
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tooling.cards.convention import ENTITY, TAG, better_address, secure_address
from tooling.cards.edit import (
    CannotEdit,
    scalar_at,
    with_scalar,
    with_text,
    with_value,
    without_entry,
    without_item,
    without_key,
)
from tooling.cards.file import replace_file
from tooling.cards.form import card_file_text, composed, ordered, tidied
from tooling.cards.identifier import parse_identifier
from tooling.cards.load import Library, parse_card
from tooling.cards.lock import NoTurn, lock
from tooling.cards.problem import UNSAFE, InvalidLibrary, Problem
from tooling.errors import TryLater, UsageError

ROUNDS = 5  # a value that could not be read hides what else is wrong with it until it can be
_WRITING_SECONDS = 30.0
_BEFORE_REPRO = ("links", "summary", "results", "notes", "claims", "related", "aliases", "responses")

Repair = Callable[[str, Problem, Library], str]
"""The text of the file without the problem; raises `CannotEdit` where a machine cannot tell how."""


class Repaired(NamedTuple):
    """A file that was repaired: its path from the root, the problems that are gone, and both texts."""

    path: str
    gone: tuple[Problem, ...]
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        lines = (text.splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(difflib.unified_diff(*lines, f"a/{self.path}", f"b/{self.path}"))


def _quote(text: str, problem: Problem, library: Library) -> str:
    # the characters of the file, not the number that YAML made of them: 2501.10 has lost its last digit there
    return with_scalar(text, problem.place, value=scalar_at(text, problem.place), quoted=True)


def _clean(text: str, problem: Problem, library: Library) -> str:
    return with_text(text, problem.place, change=lambda raw: UNSAFE.sub("", raw.replace("\t", " ")))


def _bare(text: str, problem: Problem, library: Library) -> str:
    try:
        found = parse_identifier(scalar_at(text, problem.place))
    except UsageError as error:
        raise CannotEdit(str(error)) from error
    if found.version:
        raise CannotEdit(f"only a person knows whether version {found.version} was read")
    return with_scalar(text, problem.place, value=found.bare, quoted=True)


def _address(text: str, problem: Problem, library: Library) -> str:
    old = scalar_at(text, problem.place)
    if problem.place[0] == "links":
        return with_scalar(text, problem.place, value=better_address(old))
    address, blank, rest = old.partition(" ")
    return with_scalar(text, problem.place, value=secure_address(address) + blank + rest)


def _drop(text: str, problem: Problem, library: Library) -> str:
    return without_item(text, problem.place)


def _suggested(text: str, problem: Problem, library: Library) -> str:
    """The name that the remedy gives for sure; a mere likeness is left to a person."""
    found = re.fullmatch(r"it is (?:now )?called `([a-z0-9-]+)`", problem.remedy)
    # a term that is a key has a value of its own, which is not the term
    if not found or not problem.place or not isinstance(problem.place[-1], int):
        raise CannotEdit("only a person knows what was meant")
    old = scalar_at(text, problem.place)
    _, slash, claim = old.partition("/")
    return with_scalar(text, problem.place, value=f"{found[1]}{slash}{claim}")


def _title(text: str, problem: Problem, library: Library) -> str:
    return with_value(text, "title", value=scalar_at(text, ("title",)).rstrip("."), after=())


def _unescaped(text: str, problem: Problem, library: Library) -> str:
    new = html.unescape(scalar_at(text, problem.place))
    # what looks like HTML still may be meant, or be escaped twice
    if TAG.search(new) or ENTITY.search(new):
        raise CannotEdit("only a person knows what was meant")
    return with_scalar(text, problem.place, value=new)


def _single_blanks(text: str, problem: Problem, library: Library) -> str:
    return with_scalar(text, problem.place, value=" ".join(scalar_at(text, problem.place).split()))


def _origin(text: str, problem: Problem, library: Library) -> str:
    return without_entry(text, problem.place)


def _latest(text: str, problem: Problem, library: Library) -> str:
    return without_key(text, "version_latest")


def _tidied(text: str, problem: Problem, library: Library) -> str:
    return tidied(text, problem.path)


def _composed(text: str, problem: Problem, library: Library) -> str:
    return composed(text, problem.path)


def _ordered(text: str, problem: Problem, library: Library) -> str:
    return ordered(text, problem.path)


def _script(text: str, problem: Problem, library: Library) -> str:
    slug = Path(problem.path).stem
    return with_value(text, "repro", value=f"repro/{slug}/run.py", after=_BEFORE_REPRO)


REPAIRS: Mapping[str, Repair] = {
    "not-quoted": _quote,
    "control-character": _clean,
    "not-an-arxiv-id": _bare,
    "old-address": _address,
    "duplicate-value": _drop,
    "self-link": _drop,
    "missing-card": _suggested,
    "unknown-term": _suggested,
    "title-period": _title,
    "unnamed-script": _script,
    "wrong-script": _script,
    "html": _unescaped,
    "double-blank": _single_blanks,
    "stale-origin": _origin,
    "not-later": _latest,
    "stray-space": _tidied,
    "not-composed": _composed,
    "key-order": _ordered,
}


def repair(library: Library, problems: Sequence[Problem]) -> Iterator[Repaired]:
    """Each card's file that can be repaired, with the text that it would have; nothing is written."""
    by_path: dict[str, list[Problem]] = {}
    for problem in problems:
        file = library.folder / Path(problem.path).name
        if problem.code in REPAIRS and problem.path.startswith("papers/") and file.is_file():
            by_path.setdefault(problem.path, []).append(problem)
    for path, found in by_path.items():
        before = card_file_text(library.folder / Path(path).name)
        after, gone = _repaired(before, found, library)
        if gone:
            yield Repaired(path, tuple(gone), before, after)


def _repaired(text: str, problems: Sequence[Problem], library: Library) -> tuple[str, list[Problem]]:
    """The text after all repairs that hold, and the problems that they were for."""
    gone = []
    # from the end: what is taken out there moves nothing before it
    for problem in sorted(problems, key=lambda each: each.line, reverse=True):
        try:
            new = REPAIRS[problem.code](text, problem, library)
        except CannotEdit:
            continue
        if new != text and not _faults(new, problem.path) - _faults(text, problem.path):
            text = new
            gone.append(problem)
    return text, gone[::-1]


def _faults(text: str, path: str) -> Counter[str]:
    """How often the file has each problem by itself, by code."""
    try:
        parse_card(text, Path(path).stem, shown=path)
    except InvalidLibrary as error:
        return Counter(problem.code for problem in error.problems)
    return Counter()


def write_repairs(root: Path, repaired: Sequence[Repaired]) -> None:
    """Write the repaired files, each in one step; raises `TryLater` where another process is writing cards."""
    with _turn(root):
        for each in repaired:
            file = root / each.path
            if card_file_text(file) != each.before:
                raise TryLater(f"{each.path} has changed meanwhile; run the command again")
            replace_file(file, each.after)


@contextmanager
def _turn(root: Path) -> Iterator[None]:
    try:
        with lock(root / ".build" / "papers.lock", seconds=_WRITING_SECONDS):
            yield
    except NoTurn as error:
        raise TryLater("another process is writing cards; nothing was repaired, try again later") from error


def report(repaired: Sequence[Repaired], *, as_json: bool, dry_run: bool) -> None:
    """Say what was repaired, or with `dry_run` print it as a diff; nothing of it on stdout where that holds JSON."""
    verb = "would repair" if dry_run else "repaired"
    for each in repaired:
        if dry_run and not as_json:
            print(each.diff, end="")
        for problem in each.gone:
            print(f"{verb} {problem.path}:{problem.line}: {problem.message}", file=sys.stderr)
