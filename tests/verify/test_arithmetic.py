"""The reader of arithmetic parses the grammar of its docstring, within its limits, and nothing else."""

import random
from fractions import Fraction

import pytest

from tests.verify.enumeration import expression_value
from tooling.verify.arithmetic import MAX_CHARACTERS, MAX_DEPTH, MAX_DIGITS, Malformed, read_expression, read_steps


def random_expression(source: random.Random, depth: int) -> str:
    """An expression with the brackets that its writer happens to set, so that precedence decides its value."""
    if depth == 0 or source.random() < 0.2:
        return str(source.randint(0, 99))
    left, right = random_expression(source, depth - 1), random_expression(source, depth - 1)
    text = f"{left}{source.choice('+-*/')}{right}"
    return f"({text})" if source.random() < 0.4 else text


def test_precedence_and_grouping_are_those_of_arithmetic() -> None:
    source = random.Random(1)
    read = 0
    for _ in range(1500):
        text = random_expression(source, 4)
        if len(text) > MAX_CHARACTERS:
            continue
        try:
            value, numbers = read_expression(text)
        except Malformed:
            value, numbers = None, ()
        expected = expression_value(text, tuple(numbers)) if numbers else None
        assert value == expected, text
        read += value is not None
    assert read > 1000


def test_values_are_exact() -> None:
    assert read_expression("1/3*3").value == 1
    assert read_expression("7/2").value == Fraction(7, 2)
    assert read_expression("999999999*999999999").value == 999999999**2


def test_numbers_are_listed_in_the_order_written() -> None:
    assert read_expression("(9-2)*(8+2)").numbers == (9, 2, 8, 2)


def test_each_limit_holds_at_its_edge() -> None:
    assert read_expression("9" * MAX_DIGITS).value == 10**MAX_DIGITS - 1
    with pytest.raises(Malformed, match="too long"):
        read_expression("9" * (MAX_DIGITS + 1))
    assert read_expression("(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH).value == 1
    with pytest.raises(Malformed, match="too deeply"):
        read_expression("(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1))
    longest = "1+" * (MAX_CHARACTERS // 2 - 1) + "11"
    assert read_expression(longest).value == MAX_CHARACTERS // 2 - 1 + 11
    with pytest.raises(Malformed, match="too long"):
        read_expression(longest + "1")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "+", "1+", "*1", "1 2", "(1", "1)", "()", "(1)(2)", "1**2", "1//2", "2^3", "-1", "+1", "1+-1", "1.5",
        "1e3", "1_000", "1,000", "0x10", "a", "1=1", "1;2", "1\0", "1%2", "1!", "~1", "1<2", "[1]", "'1'", "1#", "1\\",
    ],
)  # fmt: skip
def test_what_is_outside_of_the_grammar_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        read_expression(text)


def test_steps_are_read_as_written() -> None:
    steps = read_steps("2+9=11 11-8=4")
    assert [tuple(step) for step in steps] == [(2, "+", 9, 11), (11, "-", 8, 4)]
    assert [step.holds for step in steps] == [True, False]


def test_a_division_by_zero_does_not_hold_whatever_is_claimed() -> None:
    assert not any(read_steps(f"5/0={claimed}")[0].holds for claimed in (0, 1, 5))


@pytest.mark.parametrize(
    "text", ["", " ", "2+9", "2+9=", "=11", "2+9=11 ", " 2+9=11", "2+9=11  11-8=3", "2+9=1111111111"]
)
def test_steps_are_separated_by_single_spaces_on_purpose(text: str) -> None:
    with pytest.raises(Malformed):
        read_steps(text)
