r"""Single values: their units, and what the calling process can decide about them by itself."""

from collections.abc import Callable

from tooling.verify.rational import rational
from tooling.verify.unit import quantity


class Undecided(Exception):
    """Two values that only a worker can compare."""


class Exact:
    """The oracle of the calling process: equal texts and exact rationals; raises `Undecided` for everything else."""

    def equal(self, answer: str, gold: str) -> bool:
        """Whether two values, units included, are the same."""
        return same_quantity(answer, gold, same_value=_same_rational)

    def same_equation(self, answer: tuple[str, str], gold: tuple[str, str]) -> bool:
        """True for equations written alike."""
        if answer == gold:
            return True
        raise Undecided


def same_quantity(answer: str, gold: str, *, same_value: Callable[[str, str], bool]) -> bool:
    """Whether two values agree, their units too where both have one.

    10 m is not 10 cm; 10 m agrees with 10. A percentage agrees with its number and with its value: 25% with 25 and
    0.25.
    """
    if answer == gold:
        return True
    left, right = quantity(answer), quantity(gold)
    if left.unit != right.unit and left.unit is not None and right.unit is not None:
        return False
    if same_value(left.magnitude, right.magnitude):
        return True
    if left.unit == right.unit or "percent" not in (left.unit, right.unit):
        return False
    percent, number = (left, right) if left.unit == "percent" else (right, left)
    return same_value(f"{_bracketed(percent.magnitude)}/100", number.magnitude)


def _bracketed(text: str) -> str:
    return text if text.replace(".", "").isdigit() else f"({text})"


def _same_rational(answer: str, gold: str) -> bool:
    if answer == gold:
        return True
    left, right = rational(answer), rational(gold)
    if left is None or right is None:
        raise Undecided
    return left == right
