"""An oracle for countdown that shares no code with the grader: every expression and every chain, and a judge of texts.

It is brute force on purpose: Python's own parser reads the texts, `Fraction` does the arithmetic.
"""

import ast
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations

SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def calculated(symbol: str, left: Fraction, right: Fraction) -> Fraction | None:
    """`left symbol right`, or None for a division by zero."""
    if symbol == "/" and right == 0:
        return None
    values = {"+": left + right, "-": left - right, "*": left * right}
    return values[symbol] if symbol in values else left / right


def expressions(numbers: tuple[int, ...]) -> dict[str, Fraction | None]:
    """Every binary tree over every order of the numbers, written with all brackets, with its exact value.

    None where the tree divides by zero. Three different numbers give 192 trees.
    """
    return {text: value for order in permutations(numbers) for text, value in _trees(order)}


def _trees(order: tuple[int, ...]) -> Iterator[tuple[str, Fraction | None]]:
    if len(order) == 1:
        yield str(order[0]), Fraction(order[0])
    for cut in range(1, len(order)):
        for left, left_value in _trees(order[:cut]):
            for right, right_value in _trees(order[cut:]):
                for symbol in "+-*/":
                    undefined = left_value is None or right_value is None
                    value = None if undefined else calculated(symbol, left_value, right_value)
                    yield f"({left}{symbol}{right})", value


def chains(numbers: tuple[int, ...]) -> dict[str, int]:
    """Every chain of worked steps that follows the rules, with what it reaches; no step leaves the natural numbers.

    Rules: a step takes two of the numbers at hand and puts its true result in their place, until one is left.
    """
    return dict(_chains([*numbers]))


def _chains(at_hand: list[int]) -> Iterator[tuple[str, int]]:
    for first, second in permutations(range(len(at_hand)), 2):
        left, right = at_hand[first], at_hand[second]
        rest = [number for place, number in enumerate(at_hand) if place not in (first, second)]
        for symbol in "+-*/":
            value = calculated(symbol, Fraction(left), Fraction(right))
            if value is None or value.denominator != 1 or value < 0:
                continue
            step, result = f"{left}{symbol}{right}={value}", int(value)
            if not rest:
                yield step, result
            else:
                yield from ((f"{step} {tail}", reached) for tail, reached in _chains([*rest, result]))


def solves(text: str, numbers: tuple[int, ...], target: int) -> bool:
    """Whether a completion's last attempt is a true solution, as an expression or as worked steps.

    Generous where the grader may be strict (signs, spaces), so that what it refuses must be refused.
    """
    attempts = [attempt.strip() for attempt in text.split(";") if attempt.strip()]
    if not attempts or not re.fullmatch(r"[-0-9+*/=()\s]+", attempts[-1], re.ASCII):
        return False
    if re.fullmatch(r"\d+[-+*/]\d+=\d+( \d+[-+*/]\d+=\d+)*", attempts[-1], re.ASCII):
        if _worked(attempts[-1], [*numbers]) == target:
            return True
    body, _, claimed = attempts[-1].partition("=")
    value = expression_value(body, numbers)
    return value == target and claimed.strip() in ("", str(target))


def _worked(attempt: str, at_hand: list[int]) -> int | None:
    """What the steps of an attempt reach, or None where one is wrong or something is not at hand or left over."""
    for step in attempt.split(" "):
        left, symbol, right, result = re.fullmatch(r"(\d+)(.)(\d+)=(\d+)", step).groups()
        for operand in (int(left), int(right)):
            if operand not in at_hand:
                return None
            at_hand.remove(operand)
        if calculated(symbol, Fraction(int(left)), Fraction(int(right))) != int(result):
            return None
        at_hand.append(int(result))
    return at_hand[0] if len(at_hand) == 1 else None


def expression_value(text: str, numbers: tuple[int, ...]) -> Fraction | None:
    """The exact value of an expression that uses each number once; None for anything else."""
    plain = re.sub(r"\b0+(?=\d)", "", " ".join(text.split()))
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    used: list[int] = []
    value = _evaluated(tree, used)
    return value if sorted(used) == sorted(numbers) else None


def _evaluated(node: ast.expr, used: list[int]) -> Fraction | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        used.append(node.value)
        return Fraction(node.value)
    if isinstance(node, ast.BinOp) and type(node.op) in SYMBOLS:
        left, right = _evaluated(node.left, used), _evaluated(node.right, used)
        return None if left is None or right is None else calculated(SYMBOLS[type(node.op)], left, right)
    return None
