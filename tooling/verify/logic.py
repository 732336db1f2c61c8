"""The grader of knights and knaves, and the logic of its statements.

Source: knights always tell the truth, knaves always lie (Smullyan); the form of the statements is that of Xie et al.,
arXiv 2410.23123, whose puzzles Logic-RL (arXiv 2502.14768) trains on. Only the answer is graded, as there.

A completion is one attempt or several, separated by `;`; the last one counts. An attempt is an answer (`!abc`: a is a
knave, b and c are knights), with work before it (`?a#!abc>!abc`) or a check of it behind (`!abc.+++`), which are not
judged.
"""

import re
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from tooling.verify.arithmetic import MAX_CHARACTERS
from tooling.verify.countdown import last_attempt
from tooling.verify.grade import Grade, Why, failed, right

NAMES = "abcdef"
WORK_END = ">"
CHECK_START = "."

# `("telling-truth", 1)`, `("lying", 0)`, `("not", s)`, `("and", s, ...)`, `("or", s, ...)`, `("->", s, s)`,
# `("<=>", s, s)`: people by their number
Statement = tuple[Any, ...]
Roles = tuple[bool, ...]

_ANSWER = re.compile(r"(?:!?[a-f]){1,6}")
_LITERAL = re.compile(r"!?[a-f]")
_CONNECTIVES: dict[str, Callable[[list[bool]], bool]] = {
    "not": lambda values: not values[0],
    "and": all,
    "or": any,
    "->": lambda values: values[1] or not values[0],
    "<=>": lambda values: values[0] == values[1],
}


def holds(statement: Statement, roles: Sequence[bool]) -> bool:
    """Whether a statement is true where `roles[i]` says that person i is a knight.

    >>> holds(("and", ("telling-truth", 1), ("lying", 0)), (False, True))
    True
    """
    kind, *parts = statement
    if kind in ("telling-truth", "lying"):
        return roles[parts[0]] == (kind == "telling-truth")
    return _CONNECTIVES[kind]([holds(part, roles) for part in parts])


def fits(statements: Sequence[Statement], roles: Sequence[bool]) -> list[bool]:
    """For each person, whether what they say is true exactly if they are a knight."""
    return [holds(statement, roles) == role for statement, role in zip(statements, roles, strict=True)]


def role_solutions(statements: Sequence[Statement]) -> list[Roles]:
    """Every assignment of roles that fits all statements, by trying all; a good puzzle has one."""
    return [roles for roles in product((True, False), repeat=len(statements)) if all(fits(statements, roles))]


def written_roles(roles: Sequence[bool]) -> str:
    """Roles as an answer: each person in order, a knave behind `!`.

    >>> written_roles((False, True, True))
    '!abc'
    """
    return "".join(name if role else f"!{name}" for name, role in zip(NAMES, roles, strict=False))


def knights(text: str, statements: Sequence[Statement]) -> Grade:
    """The grade of a completion for the puzzle in which person i says `statements[i]`; the last attempt counts.

    An answer that does not name every person once, in order, is malformed.

    >>> knights("ab;!ab", (("telling-truth", 1), ("or", ("lying", 0), ("lying", 1)))).answer
    '!ab'
    """
    attempt = last_attempt(text)
    if not attempt:
        return failed(Why.NO_ANSWER)
    if len(attempt) > MAX_CHARACTERS:
        return failed(Why.MALFORMED)
    answer = attempt.rpartition(WORK_END)[2].partition(CHECK_START)[0]
    roles = read_roles(answer)
    if len(roles) != len(statements):
        return failed(Why.MALFORMED, answer)
    return right(answer) if all(fits(statements, roles)) else failed(Why.WRONG, answer)


def read_roles(answer: str) -> Roles:
    """The roles that an answer such as `!abc` gives to the people from a on; none for anything else."""
    if not _ANSWER.fullmatch(answer):
        return ()
    literals = _LITERAL.findall(answer)
    named = "".join(literal[-1] for literal in literals)
    return tuple(literal[0] != "!" for literal in literals) if NAMES.startswith(named) else ()


def knights_in_words(
    text: str, statements: Sequence[Statement], *, names: Sequence[str], terms: tuple[str, str]
) -> Grade:
    """The grade of an answer in words, such as `Zoey is a knight, and Riley is a knave.`

    `terms` are the words for a knight and for a knave. The clauses name every person once, in any order, and nothing
    else is written, but commas, full stops and `and`; anything else is malformed, a hedge included.
    """
    if not text.strip():
        return failed(Why.NO_ANSWER)
    if len(text) > MAX_CHARACTERS:
        return failed(Why.MALFORMED)
    words = [word for word in re.findall(r"\w+|\S", text.lower()) if word not in (",", ".", "and")]
    clauses = [words[start : start + 4] for start in range(0, len(words), 4)]
    said: dict[str, bool] = {}
    for clause in clauses:
        if len(clause) < 4 or clause[1] != "is" or clause[2] not in ("a", "an") or clause[3] not in terms:
            return failed(Why.MALFORMED, text)
        if clause[0] in said:
            return failed(Why.MALFORMED, text)
        said[clause[0]] = clause[3] == terms[0]
    if said.keys() != {name.lower() for name in names}:
        return failed(Why.MALFORMED, text)
    roles = tuple(said[name.lower()] for name in names)
    return right(text) if all(fits(statements, roles)) else failed(Why.WRONG, text)
