"""Kinds of priming differ in one thing: tries, right ends, length."""

import random
from itertools import pairwise

import pytest

from tooling.models.tokenizer import encoded
from tooling.tasks import Completion, Demonstration, Item, Split
from tooling.tasks.primed import KINDS, Primed, tries
from tooling.verify import countdown_attempts

TASK = Primed(largest=10)
SEED = 3


def shown(kind: str, task: Primed = TASK) -> list[tuple[Item, Demonstration]]:
    """Items with their examples of a kind."""
    return list(zip(task.items(Split.PRETRAIN, 120, SEED), task.examples(kind, 120, seed=SEED), strict=True))


def right(task: Primed, item: Item, text: str) -> bool:
    """Whether the grader accepts a completion."""
    return task.grade(Completion(text, (), True), item).correct


@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_but_one_end_right(kind: str) -> None:
    assert {right(TASK, item, each.completion) for item, each in shown(kind)} == {kind != "wrong"}


def test_wrong_examples_are_the_right_ones_with_another_end_that_misses() -> None:
    for (_, good), (item, bad) in zip(shown("right"), shown("wrong"), strict=True):
        ours, theirs = countdown_attempts(good.completion), countdown_attempts(bad.completion)
        assert ours[:-1] == theirs[:-1]
        assert not any(right(TASK, item, attempt) for attempt in theirs)
        assert 2 <= len(ours) == tries(bad.completion) <= TASK.attempts


def test_empty_tries_are_as_long_as_the_tries_and_try_nothing() -> None:
    for (_, good), (_, empty) in zip(shown("right"), shown("empty"), strict=True):
        assert len(encoded(good.completion)) == len(encoded(empty.completion))
        solution = empty.completion.lstrip(";")
        assert good.completion.endswith(f";{solution}")
        assert tries(empty.completion) == 1


def test_straight_is_the_solution_alone() -> None:
    for (_, good), (_, alone) in zip(shown("right"), shown("straight"), strict=True):
        assert alone.completion == countdown_attempts(good.completion)[-1]


def test_examples_come_again_with_their_seed_and_differ_by_seed() -> None:
    first, again, other = (TASK.examples("right", 40, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_examples_are_of_items_that_neither_training_nor_test_has() -> None:
    prompts = {each.prompt for each in TASK.examples("right", 120, seed=SEED)}
    assert not prompts & {item.prompt for split in (Split.TRAIN, Split.TEST) for item in TASK.items(split, 80, SEED)}


def test_two_numbers_have_few_misses_and_still_all_kinds() -> None:
    small = Primed(2, 20, operators="+-")
    texts = [[each.completion for _, each in shown(kind, small)] for kind in KINDS]
    assert all(one != other for one, other in pairwise(texts))
    assert not any(right(small, item, each.completion) for item, each in shown("wrong", small))


def test_the_styles_of_bases_are_there_too_and_an_unknown_one_is_refused() -> None:
    (item,) = TASK.items(Split.TRAIN, 1, seed=0)
    assert tries(TASK.demonstration(item, "retry", source=random.Random(0)).completion) > 1
    with pytest.raises(ValueError, match="no style `verse`"):
        TASK.demonstration(item, "verse", source=random.Random(0))


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 0), ("...;1+2=3", 1), ("1+2=3;1+2=3", 1), ("1+2=3;2+1=3", 2), ("1+2=3;", 1), (";;..;", 0)],
)
def test_tries_are_different_attempts(text: str, number: int) -> None:
    assert tries(text) == number
