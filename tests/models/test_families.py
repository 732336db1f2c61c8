"""The mixture of four families is half puzzles, and each of its styles can be demonstrated."""

import random
from itertools import islice

import pytest

from tooling.models import OTHER_FAMILIES, four_families
from tooling.models.pretraining import demonstrations
from tooling.tasks import Knights, Split

MIXTURE = four_families()


def test_half_of_the_data_is_puzzles_and_each_other_family_has_its_share() -> None:
    weights: dict[object, float] = {}
    for task, _, weight in MIXTURE.parts:
        weights[type(task)] = weights.get(type(task), 0.0) + weight
    assert weights.pop(Knights) == pytest.approx(0.5)
    assert weights == {type(task): pytest.approx(0.5 / 3, abs=0.04) for task in OTHER_FAMILIES.values()}


def test_every_style_can_be_shown_and_fits_the_context() -> None:
    source = random.Random(0)
    for task, style, _ in MIXTURE.parts:
        for item in islice(task.stream(Split.PRETRAIN, 0), 3):
            assert task.demonstration(item, style, source=source).completion
    batch = next(demonstrations(MIXTURE, 64, seed=0))
    assert batch["input_ids"].shape[1] <= 128


def test_other_sizes_of_puzzles_leave_the_other_families_as_they_are() -> None:
    small = four_families({2: 1.0})
    assert {task.people for task, _, _ in small.parts if isinstance(task, Knights)} == {2}
    assert small.parts[-8:] == MIXTURE.parts[-8:]
