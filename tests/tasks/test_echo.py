"""A look back says nothing of the answer, in each of the three styles."""

import random

import pytest

from tooling.tasks import Completion, Countdown, Demonstration, Item, Split
from tooling.tasks.echo import Echo
from tooling.verify import Why, countdown_attempts

TASK = Echo()
STYLES = ("once", "echo", "retry")


def shown(style: str, task: Echo = TASK) -> list[tuple[Item, Demonstration]]:
    """Several demonstrations of each of several items."""
    source = random.Random(style)
    items = task.items(Split.PRETRAIN, 150, seed=2)
    return [(item, task.demonstration(item, style, source=source)) for item in items for _ in range(4)]


def share_right(style: str, task: Echo = TASK) -> float:
    """The share of demonstrations that end in a solution."""
    grades = [task.grade(Completion(each.completion, (), True), item) for item, each in shown(style, task)]
    return sum(grade.correct for grade in grades) / len(grades)


@pytest.mark.parametrize("style", ["echo", "retry"])
def test_those_who_look_again_are_as_often_right_as_those_who_do_not(style: str) -> None:
    assert share_right(style) == pytest.approx(share_right("once"), abs=0.06)


@pytest.mark.parametrize("style", STYLES)
def test_the_share_of_right_ones_is_what_was_asked_and_some_luck(style: str) -> None:
    assert share_right(style, Echo(right=1)) == 1
    assert share_right(style, Echo(right=0)) < 0.15


def test_once_is_one_attempt_and_the_others_are_two_to_as_many_as_the_task_has() -> None:
    counts = {style: {len(countdown_attempts(each.completion)) for _, each in shown(style)} for style in STYLES}
    assert counts == {"once": {1}, "echo": {2, 3, 4}, "retry": {2, 3, 4}}


def test_an_echo_writes_the_same_attempt_and_a_retry_misses_before_the_last() -> None:
    assert all(len(set(countdown_attempts(each.completion))) == 1 for _, each in shown("echo"))
    for item, each in shown("retry"):
        *before, _ = countdown_attempts(each.completion)
        assert {TASK.grade(Completion(text, (), True), item).why for text in before} == {Why.WRONG}


def test_the_styles_and_the_splits_of_countdown_are_kept() -> None:
    (item,) = TASK.items(Split.TRAIN, 1, seed=0)
    plain = Countdown().demonstration(item, "search", source=random.Random(1))
    assert TASK.demonstration(item, "search", source=random.Random(1)) == plain
    with pytest.raises(ValueError, match="has no style `verse`"):
        TASK.demonstration(item, "verse", source=random.Random(0))
