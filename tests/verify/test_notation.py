"""The limits that come before parsing hold at their edges, and one spelling stands for many."""

import pytest

from tooling.verify.arithmetic import Malformed
from tooling.verify.notation import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_EXPONENT,
    MAX_FACTORIAL,
    MAX_NUMBERS,
    normal,
)

EDGES = [
    ("1" * MAX_DIGITS, "1" * (MAX_DIGITS + 1)),
    ("(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH, "(" * (MAX_DEPTH + 1) + "x" + ")" * (MAX_DEPTH + 1)),
    (f"x^{{{MAX_EXPONENT}}}", f"x^{{{MAX_EXPONENT + 1}}}"),
    (f"{MAX_FACTORIAL}!", f"{MAX_FACTORIAL + 1}!"),
    ("x+" * (MAX_CHARACTERS // 2 - 1) + "x", "x+" * (MAX_CHARACTERS // 2) + "x"),
    ("1+" * (MAX_NUMBERS - 1) + "1", "1+" * MAX_NUMBERS + "1"),
    ("(x^{40})^{50}", "(x^{40})^{51}"),
    ("2^{(3)}", "2^{3^{3^{3}}}"),
    ("(3!)", "(3!)!"),
]


@pytest.mark.parametrize(("kept", "refused"), EDGES)
def test_each_limit_holds_at_its_edge(kept: str, refused: str) -> None:
    assert normal(kept)
    with pytest.raises(Malformed):
        normal(refused)


@pytest.mark.parametrize(
    "text", [r"\input{x}", r"\write18{ls}", "x\0", "\u0663", "(1", "1)", "\u202e1", r"\foo", r"\int x dx"]
)
def test_what_no_answer_is_written_with_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        normal(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\dfrac12", r"\frac{1}{2}"),
        (r"\left( 1 , 2 \right)", "(1,2)"),
        ("3*x", r"3 \cdot x"),
        (r"\sqrt3", r"\sqrt{3}"),
        ("x^2", "x^{2}"),
        ("sqrt(3)", r"\sqrt{3}"),
        ("$5$.", "5"),
        (r"x\leq 3", r"x \le 3"),
        ("x**2", "x^2"),
        (r"\mathrm{cm}", r"\text{cm}"),
        ("2\u03c0", r"2\pi"),
        (r"90^{\circ}", "90\u00b0"),
        (r"\\frac{1}{2}", r"\frac{1}{2}"),
    ],
)
def test_two_spellings_have_one_form(one: str, other: str) -> None:
    assert normal(one) == normal(other)
