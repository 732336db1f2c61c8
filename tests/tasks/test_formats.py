"""One solution, several formats: each is accepted, told apart, and stands for the same steps."""

import random

import pytest

from tooling.tasks import Completion, Split
from tooling.tasks.formats import FORMATS, Formats, as_expression, format_of
from tooling.verify import Why

TASK = Formats(largest=10, guessed=0.0)


@pytest.mark.parametrize("style", FORMATS)
def test_every_demonstration_of_a_format_is_right_and_of_that_format(style: str) -> None:
    source = random.Random(style)
    for item in TASK.items(Split.PRETRAIN, 150, seed=1):
        shown = TASK.demonstration(item, style, source=source)
        assert TASK.grade(Completion(shown.completion, (), True), item).correct, shown
        assert format_of(shown.completion) == style


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
    task, source = Formats(count=4, largest=8, guessed=0.0), random.Random(3)
    for item in task.items(Split.PRETRAIN, 60, seed=2):
        text = task.demonstration(item, "expression", source=source).completion
        assert task.grade(Completion(text, (), True), item).correct, (item.prompt, text)


def test_a_wrong_completion_has_a_format_too() -> None:
    (item,) = TASK.items(Split.TEST, 1, seed=0)
    wrong = {"search": "t1+1=2;1+1=3", "steps": "s1+1=3", "expression": "e1+1"}
    assert {name: format_of(text) for name, text in wrong.items()} == {name: name for name in FORMATS}
    assert all(TASK.grade(Completion(text, (), True), item).why is not Why.OK for text in wrong.values())


def test_a_search_that_hits_at_once_is_no_steps() -> None:
    assert format_of("t2+9=11 11-8=3") == "search"
    assert format_of("s2+9=11 11-8=3") == "steps"


@pytest.mark.parametrize("text", ["", "2+9=11 11-8=3", "e2+9=11", "s2+9=11;2+9=11", "s(2+9)-8", "t(2+9)-8", "x2+9"])
def test_what_does_not_keep_to_its_letter_has_no_format(text: str) -> None:
    assert format_of(text) is None


def test_guesses_are_of_the_format_and_often_wrong() -> None:
    task, source = Formats(largest=10, guessed=0.5), random.Random(5)
    items = task.items(Split.PRETRAIN, 300, seed=4)
    right = {style: 0 for style in FORMATS}
    for style in FORMATS:
        for item in items:
            text = task.demonstration(item, style, source=source).completion
            assert format_of(text) == style
            right[style] += task.grade(Completion(text, (), True), item).correct
    assert right["search"] == len(items)
    assert all(0.45 < right[style] / len(items) < 0.7 for style in ("steps", "expression")), right


def test_an_unknown_style_is_refused() -> None:
    (item,) = TASK.items(Split.TRAIN, 1, seed=0)
    with pytest.raises(ValueError, match="has no style `verse`"):
        TASK.demonstration(item, "verse", source=random.Random(0))
