"""Knights-and-knaves puzzles as such: how they are written, which are the same, and how they are worked out."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import permutations, product
from typing import NamedTuple

from tooling.verify.logic import NAMES, Statement, holds

SYMBOLS = {"and": "*", "or": "|", "<=>": "=", "->": ">"}
CONTRADICTION = "#"
ASSUMPTION = "?"

Statements = tuple[Statement, ...]


class Literal(NamedTuple):
    """That a person is a knight or a knave."""

    person: int
    role: bool

    def __str__(self) -> str:
        return f"{'' if self.role else '!'}{NAMES[self.person]}"


def written(statement: Statement) -> str:
    """A statement in the symbols of prompts: `b*!c` for "b is a knight and c is a knave".

    >>> written(("<=>", ("telling-truth", 0), ("or", ("lying", 1), ("telling-truth", 2))))
    'a=(!b|c)'
    """
    kind, *parts = statement
    if kind in ("telling-truth", "lying"):
        return str(Literal(parts[0], kind == "telling-truth"))
    if kind == "not":
        return f"!{_enclosed(parts[0])}"
    return SYMBOLS[kind].join(map(_enclosed, parts))


def _enclosed(statement: Statement) -> str:
    text = written(statement)
    return text if statement[0] in ("telling-truth", "lying") else f"({text})"


def renamed(statements: Statements, new: tuple[int, ...]) -> Statements:
    """The same puzzle in which person i is called `new[i]`, and speaks in that place."""
    moved = [_with_names(statement, new) for statement in statements]
    return tuple(moved[new.index(place)] for place in range(len(new)))


def _with_names(statement: Statement, new: tuple[int, ...]) -> Statement:
    kind, *parts = statement
    if kind in ("telling-truth", "lying"):
        return (kind, new[parts[0]])
    return (kind, *(_with_names(part, new) for part in parts))


class Meaning(NamedTuple):
    """What a statement says, however it is put: the people it turns on, and its truth for each of their roles."""

    people: tuple[int, ...]
    truths: tuple[bool, ...]


@lru_cache(maxsize=200_000)
def meaning(statement: Statement) -> Meaning:
    """The meaning of a statement; equal for `!(b*c)` and `!c|!b`, and free of people that do not matter.

    >>> meaning(("and", ("telling-truth", 1), ("telling-truth", 1)))
    Meaning(people=(1,), truths=(True, False))
    """
    people = sorted(named_people(statement))
    truths = [_true(statement, row) for row in _rows(people)]
    for person in tuple(people):
        # rows where the person is a knight come first in each block of this size, and those where not after them
        half = 2 ** (len(people) - 1 - people.index(person))
        knights = [place for place in range(len(truths)) if place // half % 2 == 0]
        if all(truths[place] == truths[place + half] for place in knights):
            people.remove(person)
            truths = [truths[place] for place in knights]
    return Meaning(tuple(people), tuple(truths))


def named_people(statement: Statement) -> set[int]:
    """The people that a statement names."""
    kind, *parts = statement
    return {parts[0]} if kind in ("telling-truth", "lying") else set().union(*map(named_people, parts))


def _rows(people: list[int]) -> Iterator[dict[int, bool]]:
    for roles in product((True, False), repeat=len(people)):
        yield dict(zip(people, roles, strict=True))


def _true(statement: Statement, row: Mapping[int, bool]) -> bool:
    return holds(statement, [row.get(person, False) for person in range(1 + max(row))])


@lru_cache(maxsize=200_000)
def canonical(statements: Statements) -> tuple[Meaning, ...]:
    """The form that a puzzle shares with all puzzles that differ from it in people's names, order or wording only.

    People are put in the order of a profile that no renaming changes; where profiles are equal, all orders are tried
    and the least form is taken.
    """
    profiles = [_profile(statements, person) for person in range(len(statements))]
    groups: dict[tuple, list[int]] = {}
    for person in sorted(range(len(statements)), key=lambda person: profiles[person]):
        groups.setdefault(profiles[person], []).append(person)
    orders = product(*(permutations(group) for group in groups.values()))
    return min(_form(statements, tuple(person for group in order for person in group)) for order in orders)


def _form(statements: Statements, order: tuple[int, ...]) -> tuple[Meaning, ...]:
    new = tuple(order.index(person) for person in range(len(order)))
    return tuple(meaning(_with_names(statements[person], new)) for person in order)


def _profile(statements: Statements, person: int) -> tuple:
    return _sketch(statements[person], person), tuple(sorted(_sketch(statement, person) for statement in statements))


@lru_cache(maxsize=200_000)
def _sketch(statement: Statement, person: int) -> tuple[int, int, int]:
    """What is the same of a statement whatever its people are called, seen by one of them."""
    people, truths = meaning(statement)
    if person not in people:
        return len(people), sum(truths), -1
    place = people.index(person)
    rows = product((True, False), repeat=len(people))
    return len(people), sum(truths), sum(true for row, true in zip(rows, truths, strict=True) if row[place])


def deduction(statements: Statements, first: Literal | None = None) -> list[str]:
    """The steps that lead to the one solution of a puzzle: `["?a", "b", "#", "!a", "b", "c"]`.

    `?a` assumes that a is a knight, the next literals follow from what is known by one person's words each, `#` is a
    contradiction, and the literal behind it is the last open assumption turned round. `first` is assumed before
    anything; then, where nothing follows, the first person that is open is taken for a knight.
    """
    steps: list[str] = []
    if first is None:
        _explore(statements, {}, steps)
    else:
        _assume(statements, {}, literal=first, steps=steps)
    return steps


def _explore(statements: Statements, known: dict[int, bool], steps: list[str]) -> bool:
    """Whether what is known can be completed; the steps to it are appended."""
    if not _follow(statements, known, steps):
        steps.append(CONTRADICTION)
        return False
    if len(known) == len(statements):
        return True
    person = next(person for person in range(len(statements)) if person not in known)
    return _assume(statements, known, literal=Literal(person, True), steps=steps)


def _assume(statements: Statements, known: dict[int, bool], *, literal: Literal, steps: list[str]) -> bool:
    person, role = literal
    steps.append(f"{ASSUMPTION}{literal}")
    if _explore(statements, {**known, person: role}, steps):
        return True
    steps.append(str(Literal(person, not role)))
    return _explore(statements, {**known, person: not role}, steps)


def _follow(statements: Statements, known: dict[int, bool], steps: list[str]) -> bool:
    """Add to `known` and `steps` what follows; False where what is known contradicts someone's words."""
    size = -1
    while size < len(known):
        size = len(known)
        for speaker, statement in enumerate(statements):
            left = [rest for rest in _fitting(speaker, statement) if _agrees(rest, known)]
            if not left:
                return False
            for person in left[0].keys() - known.keys():
                if len({rest[person] for rest in left}) == 1:
                    known[person] = left[0][person]
                    steps.append(str(Literal(person, known[person])))
    return True


@lru_cache(maxsize=50_000)
def _fitting(speaker: int, statement: Statement) -> list[dict[int, bool]]:
    """The roles of a speaker and of the people in their words under which both fit together."""
    people = sorted({speaker, *meaning(statement).people})
    return [row for row in _rows(people) if _true(statement, row) == row[speaker]]


def _agrees(row: Mapping[int, bool], known: Mapping[int, bool]) -> bool:
    return all(known.get(person, role) == role for person, role in row.items())


def one_change(statement: Statement) -> Iterator[Statement]:
    """Statements that differ from this one in one place: a role turned round, or another connective.

    Source: the perturbation of leaves and of statements in Xie et al., arXiv 2410.23123.
    """
    kind, *parts = statement
    if kind in ("telling-truth", "lying"):
        yield ("lying" if kind == "telling-truth" else "telling-truth", parts[0])
        return
    yield from ((other, *parts) for other in ("and", "or", "<=>") if kind in SYMBOLS and other != kind)
    for place, part in enumerate(parts):
        yield from ((kind, *parts[:place], changed, *parts[place + 1 :]) for changed in one_change(part))
