"""A reader for arithmetic written by a model: it parses, with limits, and never evaluates text.

Grammar: sums of products of numbers and bracketed sums, with `+ - * /`. Everything else is malformed. Values are
exact fractions. Limits on length, digits and depth come before any arithmetic, so the work is bounded.
"""

import re
from fractions import Fraction
from typing import NamedTuple

MAX_CHARACTERS = 400
MAX_DIGITS = 9
MAX_DEPTH = 12

_TOKEN = re.compile(r"\s*([0-9]+|[-+*/()])")
_STEP = re.compile(r"([0-9]{1,9})([-+*/])([0-9]{1,9})=([0-9]{1,9})")


class Malformed(Exception):
    """The text is no arithmetic of this grammar, or breaks a limit."""


class Expression(NamedTuple):
    """A parsed expression: its exact value and the numbers in it, in the order written."""

    value: Fraction
    numbers: tuple[int, ...]


class Step(NamedTuple):
    """One worked step `left operator right=result`, as claimed by its writer."""

    left: int
    operator: str
    right: int
    result: int

    @property
    def holds(self) -> bool:
        """Whether the claimed result is the true one (exact: 7/2=3 does not hold)."""
        return apply(self.operator, left=Fraction(self.left), right=Fraction(self.right)) == self.result


def apply(operator: str, *, left: Fraction, right: Fraction) -> Fraction | None:
    """`left operator right`, exactly; None for a division by zero."""
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    return left / right if right else None


def read_steps(text: str) -> list[Step]:
    """The worked steps of `text`, separated by single spaces, such as `2+9=11 11-8=3`.

    Raises `Malformed` for anything else, an empty text included.
    """
    if len(text) > MAX_CHARACTERS:
        raise Malformed("too long")
    steps = []
    for part in text.split(" "):
        match = _STEP.fullmatch(part)
        if match is None:
            raise Malformed(f"no step: {part[:20]!r}")
        left, operator, right, result = match.groups()
        steps.append(Step(int(left), operator, int(right), int(result)))
    return steps


def read_expression(text: str) -> Expression:
    """The value and the numbers of an expression such as `(2+9)-8`; raises `Malformed`."""
    tokens = _tokens(text)
    expression, rest = _sum(tokens, 0, depth=0)
    if rest != len(tokens):
        raise Malformed(f"unexpected {tokens[rest]!r}")
    return expression


def _tokens(text: str) -> list[str]:
    if len(text) > MAX_CHARACTERS:
        raise Malformed("too long")
    tokens, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise Malformed(f"unexpected {text[place]!r}")
        tokens.append(match.group(1))
        place = match.end()
    if any(len(token) > MAX_DIGITS for token in tokens):
        raise Malformed("a number is too long")
    return tokens


def _sum(tokens: list[str], place: int, *, depth: int) -> tuple[Expression, int]:
    return _chain(tokens, place, depth=depth, operators="+-")


def _chain(tokens: list[str], place: int, *, depth: int, operators: str) -> tuple[Expression, int]:
    """A left-associative chain of `operators`; products are chains inside of sums."""
    below = _product if operators == "+-" else _atom
    total, place = below(tokens, place, depth=depth)
    while place < len(tokens) and tokens[place] in operators:
        operator = tokens[place]
        operand, place = below(tokens, place + 1, depth=depth)
        value = apply(operator, left=total.value, right=operand.value)
        if value is None:
            raise Malformed("division by zero")
        total = Expression(value, total.numbers + operand.numbers)
    return total, place


def _product(tokens: list[str], place: int, *, depth: int) -> tuple[Expression, int]:
    return _chain(tokens, place, depth=depth, operators="*/")


def _atom(tokens: list[str], place: int, *, depth: int) -> tuple[Expression, int]:
    if depth > MAX_DEPTH:
        raise Malformed("nested too deeply")
    if place >= len(tokens):
        raise Malformed("ends too early")
    token = tokens[place]
    if token.isdigit():
        return Expression(Fraction(int(token)), (int(token),)), place + 1
    if token != "(":
        raise Malformed(f"unexpected {token!r}")
    inside, place = _sum(tokens, place + 1, depth=depth + 1)
    if place >= len(tokens) or tokens[place] != ")":
        raise Malformed("a bracket stays open")
    return inside, place + 1
