"""The grader of state tracking agrees with brute force, and refuses what is no order."""

import doctest
import importlib
import random
from itertools import permutations

import pytest

from tooling.verify import Why, tracking

SWAPS = ((1, 2), (3, 4), (1, 3))


def walked(start: str, swaps: tuple[tuple[int, int], ...]) -> str:
    """The order in the end, by moving a dictionary's values."""
    at = dict(enumerate(start, 1))
    for first, second in swaps:
        at |= {first: at[second], second: at[first]}
    return "".join(at.values())


def test_the_examples_hold() -> None:
    # the package has a function of the module's name
    outcome = doctest.testmod(importlib.import_module("tooling.verify.tracking"))
    assert outcome.failed == 0
    assert outcome.attempted >= 2


def test_of_all_orders_the_grader_accepts_the_one_that_the_swaps_give() -> None:
    source = random.Random(1)
    for _ in range(150):
        things = source.randint(2, 5)
        start = "".join(source.sample("abcde"[:things], things))
        swaps = tuple(tuple(source.sample(range(1, things + 1), 2)) for _ in range(source.randint(0, 6)))
        orders = ["".join(order) for order in permutations(start)]
        assert [order for order in orders if tracking(order, start, swaps=swaps).correct] == [walked(start, swaps)]


def test_work_before_and_a_check_behind_are_not_judged_and_the_last_attempt_counts() -> None:
    gold = walked("bdac", SWAPS)
    for text in (gold, f"x y>{gold}", f"{gold}.q-", f"bdac;{gold}", f"{gold};", f" {gold}\n"):
        assert tracking(text, "bdac", swaps=SWAPS).correct, text
    for text in (f"{gold};bdac", f"{gold}>bdac", f"bdac.{gold}"):
        assert tracking(text, "bdac", swaps=SWAPS).why == Why.WRONG, text


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "abcde",
        "aabc",
        "bdacb",
        "a b c d",
        "ABCD",
        "1234",
        ">",
        "abcd>",
        ".",
        "abcd or dcba",
        "abcd\0",
        "a" * 9999,
    ],
)
def test_what_is_no_order_of_the_things_is_malformed(text: str) -> None:
    assert tracking(text, "bdac", swaps=SWAPS).why == Why.MALFORMED


def test_nothing_is_no_answer() -> None:
    for text in ("", " ", ";", " ; \n"):
        assert tracking(text, "bdac", swaps=SWAPS).why == Why.NO_ANSWER
