"""What a table of samples gives to train on."""

import pytest

pytest.importorskip("torch", reason="the lab is not installed (`make test` installs it)")

from tooling.evals import Table
from tooling.tasks import Completion, Countdown, Split
from tooling.tasks.item import Demonstration
from tooling.train import Preference
from tooling.train.selection import over_mistakes, right_samples

TASK = Countdown()
ITEMS = TASK.items(Split.TRAIN, 2, 0)
RIGHT = [TASK.solution(item) for item in ITEMS]


def table() -> Table:
    """Two items with two samples each: right and wrong, wrong and right."""
    texts = [(RIGHT[0], "1+1=3"), ("1+1=4", RIGHT[1])]
    done = [[Completion(text, (1, 2), True) for text in row] for row in texts]
    grades = [[TASK.grade(each, item) for each in row] for item, row in zip(ITEMS, done, strict=True)]
    return Table(ITEMS, done, grades)


def test_only_right_samples_are_examples_each_behind_its_own_prompt() -> None:
    assert right_samples(table()) == [Demonstration(item.prompt, text) for item, text in zip(ITEMS, RIGHT, strict=True)]


def test_a_label_is_preferred_to_the_wrong_samples_of_its_own_item() -> None:
    labels = [Demonstration(item.prompt, f"label {place}") for place, item in enumerate(ITEMS)]
    assert over_mistakes(labels, table()) == [
        Preference(ITEMS[0].prompt, "label 0", "1+1=3"),
        Preference(ITEMS[1].prompt, "label 1", "1+1=4"),
    ]


def test_labels_of_other_items_are_refused() -> None:
    labels = [Demonstration(item.prompt, "label") for item in ITEMS[::-1]]
    with pytest.raises(ValueError, match="give labels in order"):
        over_mistakes(labels, table())
