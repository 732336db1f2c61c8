r"""A reader and evaluator for the expressions of school and contest mathematics, with limits; used in workers only.

Grammar: sums and products (also by juxtaposition), powers, fractions, roots, factorials, binomials, absolute values
and the usual functions. A tree is evaluated by mpmath at any precision; nothing is simplified and no text is run.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import mpmath

from tooling.verify.arithmetic import Malformed
from tooling.verify.notation import FUNCTIONS, GREEK, MAX_FACTORIAL

MAX_LOG10 = 6000  # digits in front of the point, of any value on the way
MAX_SMALL_LOG10 = 150  # zeros behind the point of a product, quotient or power: 400 digits tell it from nothing
MAX_NODES = 400

_TOKEN = re.compile(
    r"\s*(\\[a-zA-Z]+|[0-9]+(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]+\.?[0-9]*|\.[0-9]+|[a-zA-Z]|[-+*/^_!()\[\]{}|'])"
)
_NO_FACTORS = {*")]}+-/^_!'|*", r"\cdot", r"\rfloor", r"\rceil"}
_SHRINKING = {"*", "/", "^", "root", "exp"}
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


class Node(NamedTuple):
    """An operation and its operands; a leaf's operand is its text."""

    operation: str
    operands: tuple[Any, ...]


class _Reader:
    """A recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.place = 0

    def read(self) -> Node:
        tree = self.sum()
        if self.place != len(self.tokens):
            raise Malformed(f"unexpected {self.tokens[self.place]!r}")
        return tree

    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        token = self.next()
        if not token:
            raise Malformed("ends too early")
        self.place += 1
        return token

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise Malformed(f"{token!r} is missing")

    def sum(self) -> Node:
        tree = self.signed()
        while self.next() in ("+", "-"):
            operation = self.take()
            tree = Node(operation, (tree, self.signed()))
        return tree

    def signed(self) -> Node:
        if self.next() in ("+", "-"):
            return Node("negative" if self.take() == "-" else "same", (self.signed(),))
        return self.product()

    def product(self) -> Node:
        tree = self.factor()
        while True:
            token = self.next()
            if token in (r"\cdot", "*", "/"):
                self.take()
                operand = Node("negative", (self.factor(),)) if self.next() == "-" and self.take() else self.factor()
                tree = Node("/" if token == "/" else "*", (tree, operand))
            elif self.starts_factor():
                tree = self.juxtaposed(tree)
            else:
                return tree

    def starts_factor(self) -> bool:
        token = self.next()
        return bool(token) and token not in _NO_FACTORS

    def juxtaposed(self, left: Node) -> Node:
        """`2x`, `x(x+1)`, and `1\\frac{1}{2}`, which is a sum; a number never stands behind another factor."""
        starts_with_digit = self.next()[0] in "0123456789."
        right = self.factor()
        if starts_with_digit:
            raise Malformed("two numbers side by side")
        whole = left.operation == "number" and left.operands[0].isdigit()
        if whole and right.operation == "/" and all(part.operation == "number" for part in right.operands):
            return Node("+", (left, right))
        return Node("*", (left, right))

    def factor(self) -> Node:
        tree = self.atom()
        while self.next() in ("^", "!"):
            if self.take() == "!":
                tree = Node("!", (tree,))
            else:
                tree = Node("^", (tree, self.argument()))
                if self.next() == "^":
                    raise Malformed("a power of a power without brackets")
        return tree

    def argument(self) -> Node:
        """What stands in braces, or the single token that may stand without."""
        if self.next() == "{":
            return self.bracketed()
        token = self.take()
        if token[0].isdigit() or token.isalpha() or token == r"\pi":
            return self.leaf(token)
        raise Malformed(f"unexpected {token!r}")

    def bracketed(self) -> Node:
        opening = self.take()
        tree = self.sum()
        self.expect(_CLOSERS[opening])
        return tree

    def atom(self) -> Node:
        token = self.next()
        if token in _CLOSERS:
            return self.bracketed()
        if token == "|":
            self.take()
            tree = Node("absolute", (self.sum(),))
            self.expect("|")
            return tree
        self.take()
        if token == r"\frac":
            return Node("/", (self.argument(), self.argument()))
        if token == r"\binom":
            return Node("binomial", (self.argument(), self.argument()))
        if token == r"\sqrt":
            return self.root()
        if token[1:] in FUNCTIONS and token[0] == "\\":
            return self.function(token[1:])
        if token in (r"\lfloor", r"\lceil"):
            tree = Node(token[2:], (self.sum(),))
            self.expect(token.replace(r"\l", r"\r"))
            return tree
        return self.leaf(token)

    def root(self) -> Node:
        if self.next() != "[":
            return Node("root", (self.argument(), Node("number", ("2",))))
        self.take()
        index = self.sum()
        self.expect("]")
        return Node("root", (self.argument(), index))

    def function(self, name: str) -> Node:
        base = power = None
        while self.next() in ("_", "^"):
            if self.take() == "_":
                base = self.argument()
            else:
                power = self.argument()
        operand = self.bracketed() if self.next() in ("(", "{") else self.bare_operand()
        if base is not None and name != "log":
            raise Malformed("only a logarithm has a base")
        tree = Node(name, (operand,) if base is None else (operand, base))
        if power is None:
            return tree
        if power == Node("negative", (Node("number", ("1",)),)):
            return Node(f"arc{name}", (operand,))
        return Node("^", (tree, power))

    def bare_operand(self) -> Node:
        r"""The operand of `\sin 2x`: factors side by side, up to a sign, a bracket or the next function."""
        negative = self.next() == "-"
        if negative:
            self.take()
        tree = self.factor()
        while self.starts_factor() and self.next() not in _CLOSERS and self.next()[1:] not in FUNCTIONS:
            tree = self.juxtaposed(tree)
        return Node("negative", (tree,)) if negative else tree

    def leaf(self, token: str) -> Node:
        if token[0] in "0123456789.":
            return Node("number", (token.replace(",", ""),))
        if token == r"\pi":
            return Node("pi", ())
        if len(token) == 1 and token.isalpha() or token[1:] in GREEK:
            return Node("variable", (token + self.subscript(),))
        raise Malformed(f"unexpected {token!r}")

    def subscript(self) -> str:
        if self.next() != "_":
            return "'" if self.next() == "'" and self.take() else ""
        self.take()
        if self.next() != "{":
            return "_" + self.take()
        start = self.place
        while self.take() != "}":
            pass
        return "_" + "".join(self.tokens[start + 1 : self.place - 1])


def _tokens(text: str) -> list[str]:
    tokens, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise Malformed(f"unexpected {text[place]!r}")
        tokens.append(match.group(1))
        place = match.end()
    if len(tokens) > MAX_NODES:
        raise Malformed("too long")
    return tokens


def expression(text: str) -> Node:
    r"""The tree of an expression in the notation of `normal`; raises `Malformed` for what is outside of the grammar.

    >>> expression(r"2\sqrt{3}").operation
    '*'
    """
    return _Reader(text).read()


def variables(tree: Node) -> set[str]:
    """The names in a tree; `e` and `i` are numbers."""
    if tree.operation == "variable":
        return {tree.operands[0]} - {"e", "i"}
    return set().union(*(variables(each) for each in tree.operands if isinstance(each, Node)))


def value(tree: Node, at: Mapping[str, Any]) -> Any:
    """The number that a tree is worth with its variables `at` some values, at mpmath's present precision.

    Raises `Malformed` for a value of more than 6,000 digits or below 10^-150 on the way, and `ArithmeticError` or
    `ValueError` where it has none.
    """
    if tree.operation == "number":
        return mpmath.mpf(tree.operands[0].rstrip(".") or "0")
    if tree.operation == "pi":
        return +mpmath.pi
    if tree.operation == "variable":
        name = tree.operands[0]
        return +mpmath.e if name == "e" else mpmath.mpc(0, 1) if name == "i" else at[name]
    operands = [value(each, at) for each in tree.operands]
    result = _OPERATIONS[tree.operation](*operands)
    if tree.operation in _SHRINKING and result != 0 and abs(result) < mpmath.mpf(10) ** -MAX_SMALL_LOG10:
        raise Malformed("a value is too small to be told from nothing")
    return result


def _power(left: Any, right: Any) -> Any:
    if left == 0:
        if mpmath.re(right) <= 0 and right != 0:
            raise ZeroDivisionError
        return mpmath.mpf(1) if right == 0 else mpmath.mpf(0)
    if abs(right * mpmath.log(left)) > MAX_LOG10 * 2.302585:
        raise Malformed("a power is too large")
    return left**right


def _root(radicand: Any, index: Any) -> Any:
    """The principal root, and the real one for an odd root of a negative number."""
    real = isinstance(radicand, mpmath.mpf) and mpmath.isint(index)
    if real and radicand < 0 and int(index) % 2:
        return -((-radicand) ** (1 / index))
    return _power(radicand, 1 / index)


def _factorial(operand: Any) -> Any:
    if abs(operand) > MAX_FACTORIAL:
        raise Malformed("the factorial of a large number")
    return mpmath.factorial(operand)


def _binomial(top: Any, bottom: Any) -> Any:
    if max(abs(top), abs(bottom)) > 10 * MAX_FACTORIAL:
        raise Malformed("a binomial of large numbers")
    return mpmath.binomial(top, bottom)


def _exponential(operand: Any) -> Any:
    if abs(operand) > MAX_LOG10 * 2.302585:
        raise Malformed("a power is too large")
    return mpmath.exp(operand)


def _logarithm(operand: Any, base: Any = 10) -> Any:
    return mpmath.log(operand) / mpmath.log(base)


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "negative": lambda operand: -operand,
    "same": lambda operand: operand,
    "^": _power,
    "root": _root,
    "!": _factorial,
    "binomial": _binomial,
    "absolute": abs,
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "ln": mpmath.log,
    "log": _logarithm,
    "exp": _exponential,
    **{name: getattr(mpmath, name) for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh")},
    **{f"arc{name}": getattr(mpmath, f"a{name}") for name in ("sin", "cos", "tan")},
}
