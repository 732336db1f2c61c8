"""A handful shows few items again and again, mixed or one task after the other."""

from collections import Counter
from itertools import islice

import pytest

from tests.tasks.test_task import done
from tooling.tasks import Handful, Knights, Split, split_of

SMALL, LARGE = Knights(people=3), Knights(people=4)
MIXED = Handful((SMALL, LARGE), count=5, seed=7)
IN_TURN = Handful((SMALL, LARGE), count=5, seed=7, passes=2)


def test_every_pass_shows_each_item_once_in_an_order_of_its_own() -> None:
    shown = [item.key for item in islice(MIXED.stream(Split.TRAIN, 1), 30)]
    passes = [shown[start : start + 10] for start in (0, 10, 20)]
    assert len({frozenset(each) for each in passes}) == 1
    assert len(set(passes[0])) == 10
    assert len({tuple(each) for each in passes}) == 3


def test_a_curriculum_shows_the_same_items_as_often_with_the_first_task_first() -> None:
    mixed, in_turn = (list(islice(task.stream(Split.TRAIN, 1), 20)) for task in (MIXED, IN_TURN))
    assert Counter(item.key for item in mixed) == Counter(item.key for item in in_turn)
    assert [item.facts["task"] for item in in_turn] == [0] * 10 + [1] * 10
    assert len({item.facts["task"] for item in mixed[:10]}) == 2


def test_the_last_task_of_a_curriculum_goes_on_for_ever() -> None:
    assert {item.facts["task"] for item in islice(IN_TURN.stream(Split.TRAIN, 1), 20, 60)} == {1}


def test_train_items_are_those_of_the_stream_and_no_others() -> None:
    held = {item.key for item in MIXED.items(Split.TRAIN, 100, seed=3)}
    assert held == {item.key for item in islice(MIXED.stream(Split.TRAIN, 1), 10)}
    assert len(MIXED.items(Split.TRAIN, 4, seed=3)) == 4


def test_another_seed_of_the_handful_holds_others_and_the_seed_of_the_stream_does_not() -> None:
    other = Handful((SMALL, LARGE), count=5, seed=8)
    first, second = ({item.key for item in islice(MIXED.stream(Split.TRAIN, seed), 10)} for seed in (1, 2))
    assert first == second
    assert first != {item.key for item in other.items(Split.TRAIN, 10, seed=0)}


@pytest.mark.parametrize("split", [Split.PRETRAIN, Split.TEST])
def test_other_splits_are_those_of_the_tasks_in_equal_shares(split: Split) -> None:
    items = MIXED.items(split, 7, seed=2)
    assert Counter(item.facts["task"] for item in items) == {0: 3, 1: 4}
    assert {split_of(item.key) for item in [*items, *islice(MIXED.stream(split, 2), 7)]} == {split}


def test_an_item_is_graded_and_perturbed_by_its_own_task() -> None:
    for item in islice(MIXED.stream(Split.TRAIN, 1), 10):
        assert MIXED.grade(done(MIXED.solution(item)), item).correct
        for changed in MIXED.variants(item):
            assert MIXED.grade(done(MIXED.solution(changed)), changed).correct
            assert changed.facts["task"] == item.facts["task"]
