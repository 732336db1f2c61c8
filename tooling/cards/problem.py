"""What is wrong in a file of the library, where, and what to do about it."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tooling.errors import Invalid

Place = tuple[str | int, ...]
"""The way from the top of a file to a value: `("claims", 2, "source", "address")`."""

UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Characters that no text of a card holds: control characters, and marks that hide or reorder what a reader sees."""


class Fault(NamedTuple):
    """What breaks a rule: a stable `code`, what it `says` about the field (a predicate), and the `remedy`."""

    code: str
    says: str
    remedy: str


@dataclass(frozen=True, order=True)
class Problem:
    """One rule broken at one place; its text is ``papers/x.yaml:2: message; remedy``.

    `place` is the field as steps from the top of the file; empty where the problem is that of the file.
    """

    path: str
    line: int
    field: str
    message: str
    remedy: str
    code: str = ""
    place: Place = field(default=(), compare=False)

    def __str__(self) -> str:
        """The line that `tooling check` prints."""
        return f"{self.path}:{self.line}: {self.message}" + (f"; {self.remedy}" if self.remedy else "")


class InvalidLibrary(Invalid):
    """The library breaks its rules; `problems` lists all that were found, in every file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join([tally(self.problems), *map(str, self.problems)]))


def tally(problems: Sequence[Problem]) -> str:
    """How many problems in how many files: `3 problems in 2 files`."""
    files = len({problem.path for problem in problems})
    return f"{counted(len(problems), 'problem')} in {counted(files, 'file')}"


def counted(number: int, noun: str) -> str:
    """The number with its noun: `1 card`, `2 cards`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def field_name(place: Place) -> str:
    """The place in a reader's words: `claims[2].source.address`."""
    name = ""
    for step in place:
        if isinstance(step, int):
            name += f"[{step}]"
        else:
            # a key is whatever stands in the file
            key = step if len(step) <= 80 else f"{step[:79]}…"
            name += f".{key}" if name else key
    return UNSAFE.sub("?", name).replace("`", "'").replace("\n", " ")


def quoted(value: object, limit: int = 60) -> str:
    """The value between backticks on one line, cut at `limit` characters and safe for a terminal."""
    text = UNSAFE.sub("?", " ".join(str(value).split())).replace("`", "'")
    return f"`{text}`" if len(text) <= limit else f"`{text[: limit - 1]}…`"


def hidden_character(text: str) -> Fault | None:
    """The fault of a text that holds what its reader would not see; None for a clean text."""
    found = UNSAFE.search(text)
    if not found:
        return None
    name = "a tab" if found.group() == "\t" else f"the invisible character U+{ord(found.group()):04X}"
    return Fault("control-character", f"holds {name}", "write a space, or delete it")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be, or None."""
    found = difflib.get_close_matches(word[:100].lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def suggestion(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """`did you mean ...?` where something known is near to `word`, else the advice `otherwise`."""
    match = nearest(word, known)
    return f"did you mean `{match}`?" if match else otherwise
