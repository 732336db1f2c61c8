"""The grader of multiplication agrees with brute force, and names the strategy that a completion shows."""

import random

import pytest

from tooling.verify import Why, product, product_strategy


def test_every_number_is_judged_by_its_value() -> None:
    for left, factor in ((11, 3), (34, 7), (99, 9)):
        accepted = [value for value in range(1000) if product(str(value), (left, factor)).correct]
        assert accepted == [left * factor]


def test_worked_steps_count_by_their_last_result() -> None:
    source = random.Random(3)
    for _ in range(300):
        left, factor, claimed = source.randint(11, 99), source.randint(3, 9), source.randint(33, 891)
        claimed = source.choice([claimed, left * factor])
        tens, ones = left // 10 * 10, left % 10
        text = (
            f"{tens}*{factor}={tens * factor} {ones}*{factor}={ones * factor} {tens * factor}+{ones * factor}={claimed}"
        )
        assert product(text, (left, factor)).correct == (claimed == left * factor), text


def test_the_way_to_the_answer_is_not_judged_on_purpose() -> None:
    assert product("30*7=211 4*7=27 211+27=238", (34, 7)).correct


@pytest.mark.parametrize(
    "text",
    [
        "238 or 239",
        "238,239",
        "238 239",
        "2 38",
        "238=238",
        "0=1=238",
        "=238",
        "30*7=210 238",
        "238 30*7=210",
        "238.0",
        "+238",
        "-238",
        "2.38e2",
        "34*7",
        "definitely not 238",
        "0xee",
        "(238)",
        "\u0662\u0663\u0668",
        "\uff12\uff13\uff18",
        "23\u2078",
        "238\0",
    ],
)
def test_a_hedge_or_another_notation_is_malformed(text: str) -> None:
    assert product(text, (34, 7)).why == Why.MALFORMED


def test_equal_forms_of_the_number_are_accepted() -> None:
    for text in ("238", " 238", "238\n", "0238", "5;238", "30*7=210 4*7=28 210+28=238", "100;34*7=238"):
        assert product(text, (34, 7)).correct, text


def test_an_empty_completion_has_no_answer() -> None:
    for text in ("", " ", ";", " ; \n"):
        assert product(text, (34, 7)).why == Why.NO_ANSWER


@pytest.mark.parametrize(
    ("text", "strategy"),
    [
        ("238", "direct"),
        ("34*7=238", "direct"),
        ("30*7=210 4*7=28 210+28=238", "decomposition"),
        ("230;238", "search"),
        ("30*7=210 4*7=28 210+28=238;238", "search"),
        ("238;", "direct"),
        ("", "direct"),
        ("no steps", "direct"),
        ("9" * 1000, "direct"),
    ],
)
def test_the_strategy_is_read_from_the_text(text: str, strategy: str) -> None:
    assert product_strategy(text) == strategy
