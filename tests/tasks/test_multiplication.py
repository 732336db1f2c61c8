"""Multiplication's styles say what they promise."""

import random
from itertools import islice

import pytest

from tooling.tasks import Completion, Item, Multiplication, Split
from tooling.verify import Why, countdown_attempts, product_strategy
from tooling.verify.arithmetic import read_steps

TASK = Multiplication()


def items() -> list[Item]:
    """Items of the split for pretraining, and their factors as drawn."""
    return TASK.items(Split.PRETRAIN, 120, seed=1)


def shown(item: Item, style: str) -> list[str]:
    """The completions of several demonstrations for an item."""
    source = random.Random(f"{item.key} {style}")
    return [TASK.demonstration(item, style, source=source).completion for _ in range(6)]


def graded(text: str, item: Item) -> Why:
    """The reason of the grade of a completion that ended by itself."""
    return TASK.grade(Completion(text, (), True), item).why


def test_items_say_what_they_are_about() -> None:
    for item in items():
        left, factor = item.facts["factors"]
        assert item.prompt == f"{left}*{factor}:"
        assert int(item.gold) == left * factor
        assert TASK.smallest <= left <= TASK.largest
        assert TASK.smallest_factor <= factor <= TASK.largest_factor


def test_the_splits_together_are_all_pairs() -> None:
    drawn = {item.facts["factors"] for split in Split for item in islice(TASK.stream(split, 0), 5000)}
    factors = TASK.largest_factor - TASK.smallest_factor + 1
    assert len(drawn) == (TASK.largest - TASK.smallest + 1) * factors


def test_swapped_factors_are_the_same_item() -> None:
    square = Multiplication(smallest=3, largest=12, smallest_factor=3, largest_factor=12)
    keys = {}
    for split in Split:
        for item in square.items(split, 4, seed=0):
            keys.setdefault(item.key, []).append(item.facts["factors"])
    assert all(len(pairs) == 1 for pairs in keys.values()), "one draw holds 3*4 and 4*3"


@pytest.mark.parametrize(
    ("style", "strategy"), [("direct", "direct"), ("decompose", "decomposition"), ("search", "search")]
)
def test_a_right_style_is_graded_correct_and_shows_its_strategy(style: str, strategy: str) -> None:
    for item in items():
        for text in shown(item, style):
            assert graded(text, item) == Why.OK
            assert product_strategy(text) == strategy


def test_every_step_of_a_decomposition_holds() -> None:
    for item in items():
        for text in shown(item, "decompose"):
            steps = read_steps(text)
            assert all(step.holds for step in steps)
            assert [step.operator for step in steps] == ["*", "*", "+"]
            assert steps[0].left + steps[1].left == item.facts["factors"][0]


def test_a_search_misses_first_and_keeps_within_its_attempts() -> None:
    lengths = set()
    for item in items():
        for text in shown(item, "search"):
            *missed, last = countdown_attempts(text)
            assert last == item.gold
            assert item.gold not in missed
            lengths.add(len(missed) + 1)
    assert lengths == set(range(2, TASK.attempts + 1))


def test_a_slip_is_a_number_and_wrong() -> None:
    for item in items():
        for text in shown(item, "slip"):
            assert graded(text, item) == Why.WRONG
            assert int(text) > 0
