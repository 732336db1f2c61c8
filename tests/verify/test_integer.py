"""Whole numbers are exact, of any length, and alone."""

import random

import pytest

from tooling.verify import Why, integer
from tooling.verify.integer import MAX_DIGITS


def test_long_numbers_are_compared_digit_by_digit() -> None:
    source = random.Random(3)
    for _ in range(300):
        gold = source.randrange(10 ** source.randint(1, 200)) * source.choice((1, -1))
        assert integer(str(gold), gold).correct
        assert integer(f"{gold:,}", gold).correct
        assert integer(f"1*1={gold}", str(gold)).correct
        assert integer(str(gold + 1), gold).why == Why.WRONG


@pytest.mark.parametrize(
    "text",
    [
        "12 or 13",
        "12.0",
        "1e1",
        "12 13",
        "0x0c",
        "12,3",
        "\u0661\u0662",
        "twelve",
        "12!",
        "--12",
        r"\boxed{1}\boxed{12}",
    ],
)
def test_anything_but_one_number_is_malformed(text: str) -> None:
    assert integer(text, 12).why == Why.MALFORMED


def test_zeros_and_signs_are_read_as_numbers() -> None:
    for text in ("0", "-0", "+0", "000"):
        assert integer(text, 0).correct
    assert integer("007", 7).correct
    assert integer("-7", 7).why == Why.WRONG
    assert integer("\u22127", -7).correct


def test_the_limit_on_digits_holds_at_its_edge() -> None:
    assert integer("9" * MAX_DIGITS, "9" * MAX_DIGITS).correct
    assert integer("9" * (MAX_DIGITS + 1), "9" * (MAX_DIGITS + 1)).why == Why.MALFORMED
    assert integer("", 1).why == Why.NO_ANSWER
