"""Samples that look again are compared with others of the same item, and with what they had first."""

import doctest
import math
import random

import numpy as np
import pytest

from tooling.evals import Table, looking
from tooling.evals.looking import Looks, difference_within, looks
from tooling.tasks import Completion, Countdown, Item
from tooling.verify import countdown_attempts

TASK = Countdown()
ITEM = Item("2 8 9>3:", "2+9=11 11-8=3", {"numbers": (2, 8, 9), "target": 3}, "key")
RIGHT, WRONG = "2+9=11 11-8=3", "2+9=11 11+8=19"


def found(*texts: str) -> Looks:
    """The looks in samples of one item with these texts."""
    row = [Completion(text, (1,), True) for text in texts]
    table = Table([ITEM], [row], [[TASK.grade(each, ITEM) for each in row]])
    return looks(table, TASK, attempts=countdown_attempts)


def test_the_example_holds() -> None:
    assert doctest.testmod(looking).failed == 0


def test_looks_pay_by_what_they_change_of_the_first_attempt() -> None:
    assert found(f"{WRONG};{RIGHT}", f"{WRONG};{WRONG}", WRONG, RIGHT) == (0.5, 0.0, 0.5)
    assert found(f"{RIGHT};{WRONG}", f"{RIGHT};{RIGHT}", RIGHT, RIGHT) == (0.5, -0.5, -0.5)


def test_without_a_look_there_is_nothing_to_compare() -> None:
    share, gap, pays = found(WRONG, RIGHT)
    assert share == 0
    assert math.isnan(gap)
    assert math.isnan(pays)


def test_easy_items_that_are_marked_more_often_do_not_make_a_difference() -> None:
    source = random.Random(0)
    chances = [0.1, 0.9] * 400
    right = np.array([[source.random() < chance for _ in range(8)] for chance in chances])
    marked = np.array([[source.random() < chance for _ in range(8)] for chance in chances])
    assert right[marked].mean() - right[~marked].mean() > 0.5
    assert difference_within(right, marked) == pytest.approx(0, abs=0.04)


def test_a_difference_within_items_is_found() -> None:
    source = random.Random(1)
    marked = np.array([[source.random() < 0.3 for _ in range(8)] for _ in range(800)])
    right = np.array([[source.random() < (0.5 if mark else 0.3) for mark in row] for row in marked])
    assert difference_within(right, marked) == pytest.approx(0.2, abs=0.04)
