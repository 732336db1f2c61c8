"""What a list of works holds: its entries, each with where it stands, and what could not be read."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

FindingCode = Literal["unreadable", "no-identifier", "unknown-section", "perhaps-present"]


class Entry(NamedTuple):
    """One work as a list has it.

    `works` are its arXiv ids and DOIs as they stand there, the best first; `addresses` its other links; `sections` the
    headings above it, from the top; `remark` what the list says of it. `listed` is whether the list is about it, which
    a work that is named in passing is not.
    """

    line: int
    title: str = ""
    works: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    remark: str = ""
    listed: bool = True


class Finding(NamedTuple):
    """What was left out of an import, where, and why, with what to do about it."""

    line: int
    code: FindingCode
    message: str


class Listing(NamedTuple):
    """A list as it was read: its name, its entries in order, and what could not be read.

    `prose` is what it says beside titles, in pieces with their lines.
    """

    name: str
    entries: Sequence[Entry]
    findings: Sequence[Finding]
    prose: Sequence[tuple[int, str]] = ()
