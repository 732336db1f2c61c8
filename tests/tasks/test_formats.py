"""One solution, several formats: each is accepted, told apart, and stands for the same steps."""

import random

import pytest

from tooling.tasks import Completion, Countdown, Split
from tooling.tasks.formats import FORMATS, Formats, as_expression, format_of
from tooling.verify import Why

TASK = Formats(largest=10)


@pytest.mark.parametrize("style", FORMATS)
def test_every_demonstration_of_a_format_is_right_and_of_that_format(style: str) -> None:
    source = random.Random(style)
    for item in TASK.items(Split.PRETRAIN, 150, seed=1):
        shown = TASK.demonstration(item, style, source=source)
        assert TASK.grade(Completion(shown.completion, (), True), item).correct, shown
        assert format_of(shown.completion) == style


def test_tries_are_the_attempts_of_a_search_with_their_values() -> None:
    plain = Countdown(largest=10)
    for item in TASK.items(Split.PRETRAIN, 60, seed=3):
        tried = TASK.demonstration(item, "tries", source=random.Random(item.key)).completion.split(";")
        steps = plain.demonstration(item, "search", source=random.Random(item.key)).completion.split(";")
        assert 2 <= len(tried) == len(steps) <= plain.attempts
        for attempt, chain in zip(tried, steps, strict=True):
            expression, _, value = attempt.partition("=")
            assert int(value) == eval(expression, {}) == int(chain.rpartition("=")[2])


@pytest.mark.parametrize(
    ("chain", "expression"),
    [
        ("2+9=11 11-8=3", "(2+9)-8"),
        ("2*3=6 9-6=3", "9-(2*3)"),
        ("2+3=5", "2+3"),
        ("1+2=3 3*4=12 12-5=7", "((1+2)*4)-5"),
        # the five that is given and the five that is reached are told apart by nothing but the order
        ("2+3=5 5*5=25", "(2+3)*5"),
        ("7-7=0 0+4=4", "(7-7)+4"),
    ],
)
def test_steps_are_folded_into_one_expression(chain: str, expression: str) -> None:
    assert as_expression(chain) == expression


def test_four_numbers_can_be_written_as_an_expression_too() -> None:
    task, source = Formats(count=4, largest=8), random.Random(3)
    for item in task.items(Split.PRETRAIN, 60, seed=2):
        text = task.demonstration(item, "expression", source=source).completion
        assert task.grade(Completion(text, (), True), item).correct, (item.prompt, text)


def test_a_wrong_completion_has_a_format_too() -> None:
    (item,) = TASK.items(Split.TEST, 1, seed=0)
    wrong = {"steps": "1+1=2;1+1=3", "tries": "(1+1)+1=3;(1+1)-1=4", "expression": "(1+1)-1"}
    assert {name: format_of(text) for name, text in wrong.items()} == {name: name for name in FORMATS}
    assert all(TASK.grade(Completion(text, (), True), item).why is not Why.OK for text in wrong.values())


def test_an_unknown_style_is_refused() -> None:
    (item,) = TASK.items(Split.TRAIN, 1, seed=0)
    with pytest.raises(ValueError, match="has no style `verse`"):
        TASK.demonstration(item, "verse", source=random.Random(0))
