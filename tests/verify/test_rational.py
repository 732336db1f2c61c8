"""Plain numbers are read exactly, and only where there is one reading."""

from fractions import Fraction

import pytest

from tooling.verify.notation import normal
from tooling.verify.rational import rational


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-12", -12),
        ("+3", 3),
        ("12.", 12),
        (".5", Fraction(1, 2)),
        ("0.50", Fraction(1, 2)),
        ("1,234,567.8", Fraction(12345678, 10)),
        (r"10\,000", 10000),
        ("10 000", 10000),
        ("1.5e6", 1500000),
        ("1.5E-3", Fraction(3, 2000)),
        (r"2\times 10^{3}", 2000),
        ("10^{-2}", Fraction(1, 100)),
        (r"\frac{1}{3}", Fraction(1, 3)),
        (r"\frac13", Fraction(1, 3)),
        (r"-\dfrac{2}{-4}", Fraction(1, 2)),
        ("7/2", Fraction(7, 2)),
        (r"3\frac{1}{2}", Fraction(7, 2)),
        ("3 1/2", Fraction(7, 2)),
        (r"0.\overline{6}", Fraction(2, 3)),
        (r"1.2\overline{45}", Fraction(137, 110)),
        ("(5)", 5),
        ("-(5)", -5),
    ],
)
def test_a_number_has_its_exact_value(text: str, value: Fraction | int) -> None:
    assert rational(normal(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1, 234",
        "1,23",
        "12,345,6",
        "1 2",
        r"2\frac{3}{2}",
        "1/0",
        r"\frac{1}{0}",
        "1e999",
        "1/2/3",
        "--3",
        "1..2",
        "2-1",
        r"\pi",
        "3x",
    ],
)
def test_what_is_no_plain_number_is_not_read(text: str) -> None:
    assert rational(text) is None
