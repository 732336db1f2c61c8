r"""What values are worth: the oracle that runs in a worker process, and nowhere else.

Values are read by the grammar of `expression`. Sums, integrals, limits and the like, which an answer may hold only
where the gold answer does, are parsed by math-verify 0.9 (latex2sympy) and evaluated by sympy. Either way two values
are equal if they agree to 60 digits, and again to 400 where they do, at several points for each variable.
math-verify's own comparison is not used: it rounds to six decimals, so 0 would be 0.0000001.
"""

import random
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import mpmath

from tooling.verify.arithmetic import Malformed
from tooling.verify.expression import Node, expression, value, variables
from tooling.verify.notation import library_commands
from tooling.verify.rational import rational
from tooling.verify.value import same_quantity

DIGITS, MORE_DIGITS = 60, 400
SPARE_DIGITS = 15  # lost to cancellation in sums of ordinary size
POINTS = 6
MAX_VARIABLES = 8


class Parsed(NamedTuple):
    """A value that can be evaluated: a tree of ours or an expression of sympy, and the names in it."""

    tree: Any
    names: frozenset[str]

    def at(self, values: Mapping[str, Any]) -> Any:
        """The number it is worth at a point."""
        if isinstance(self.tree, Node):
            return value(self.tree, values)
        return _sympy_value(self.tree, values)


class Symbolic:
    """The oracle of a worker; its answers depend on nothing but the two texts."""

    def equal(self, answer: str, gold: str) -> bool:
        """Whether two values, units included, are the same."""
        return same_quantity(answer, gold, same_value=same_value)

    def same_equation(self, answer: tuple[str, str], gold: tuple[str, str]) -> bool:
        """Whether one equation is a multiple of the other by a constant that is not zero."""
        left, right = (parsed(f"({first})-({last})") for first, last in (answer, gold))
        return _proportional(left, right)


def same_value(answer: str, gold: str) -> bool:
    """Whether two values without units are the same number, or the same function of their variables."""
    if answer == gold:
        return True
    if r"\infty" in answer or r"\infty" in gold:
        return answer.replace(" ", "").lstrip("+") == gold.replace(" ", "").lstrip("+")
    left, right = parsed(answer), parsed(gold)
    return all(_equal_to(left, right, digits) for digits in (DIGITS, MORE_DIGITS))


@lru_cache(maxsize=500)
def parsed(text: str) -> Parsed:
    """A value ready to be evaluated; raises `Malformed` if neither reader can read it."""
    exact = rational(text)
    if exact is not None:
        number = Node("/", (Node("number", (str(abs(exact.numerator)),)), Node("number", (str(exact.denominator),))))
        return Parsed(Node("negative", (number,)) if exact < 0 else number, frozenset())
    if library_commands(text):
        return _parsed_by_math_verify(text)
    tree = expression(text)
    return _few_names(Parsed(tree, frozenset(variables(tree))))


def _few_names(found: Parsed) -> Parsed:
    if len(found.names) > MAX_VARIABLES:
        raise Malformed("too many variables")
    return found


def _parsed_by_math_verify(text: str) -> Parsed:
    from math_verify import LatexExtractionConfig, parse
    from sympy import Expr

    plain = text.replace("$", "").replace("\n", " ")
    found = parse(f"${plain}$", [LatexExtractionConfig()], fallback_mode="no_fallback", parsing_timeout=None)
    if not found or not isinstance(found[0], Expr):
        raise Malformed("no expression")
    return _few_names(Parsed(found[0], frozenset(symbol.name for symbol in found[0].free_symbols)))


def _sympy_value(tree: Any, values: Mapping[str, Any]) -> Any:
    from sympy import Float, I

    point = {
        symbol: I if symbol.name == "i" else Float(values[symbol.name], mpmath.mp.dps) for symbol in tree.free_symbols
    }
    number = tree.subs(point).doit().evalf(mpmath.mp.dps)
    if number.free_symbols or not number.is_number:
        raise Malformed("no number")
    return mpmath.mpmathify(number)


def _points(names: frozenset[str]) -> list[dict[str, Any]]:
    """Where to evaluate: between 0.3 and 3, and the last two at negative values; the same for the same names."""
    count = POINTS if names else 1
    drawn = [
        {name: random.Random(f"{name} {number}").uniform(0.3, 3.0) for name in sorted(names)} for number in range(count)
    ]
    signs = [1] * (count - 2) + [-1] * 2 if names else [1]
    return [{name: mpmath.mpf(sign * x) for name, x in point.items()} for sign, point in zip(signs, drawn, strict=True)]


def _pairs(left: Parsed, right: Parsed) -> list[tuple[Any, Any]]:
    """The values of both at the points where both have one; where x < 0 only if both are real."""
    found = []
    for point in _points(left.names | right.names):
        try:
            pair = left.at(point), right.at(point)
        except (ArithmeticError, ValueError):
            continue
        negative = any(x < 0 for x in point.values())
        if not (negative and any(mpmath.im(each) != 0 for each in pair)):
            found.append(pair)
    return found


def _equal_to(left: Parsed, right: Parsed, digits: int) -> bool:
    with mpmath.workdps(digits + SPARE_DIGITS):
        pairs = _pairs(left, right)
        return len(pairs) > len(left.names | right.names) and all(_close(a, b, digits) for a, b in pairs)


def _close(left: Any, right: Any, digits: int) -> bool:
    """Equal to so many digits, relative to the larger; a sum that cancels to nothing counts as 0 below 10^-digits."""
    size = max(abs(left), abs(right))
    if not mpmath.isfinite(size):
        return False
    return abs(left - right) <= mpmath.mpf(10) ** -digits * max(size, mpmath.mpf(10) ** -(digits // 2))


def _proportional(left: Parsed, right: Parsed) -> bool:
    if not left.names or left.names != right.names:
        return False
    with mpmath.workdps(DIGITS + SPARE_DIGITS):
        pairs = _pairs(left, right)
        if len(pairs) < 4 or any(abs(each) < mpmath.mpf(10) ** -20 for pair in pairs for each in pair):
            return False
        ratios = [a / b for a, b in pairs]
        return all(_close(ratio, ratios[0], DIGITS) for ratio in ratios[1:])
