"""A bonus for what is left of the budget does not ask whether the answer is right."""

import random

import pytest

from tooling.tasks import Completion, Item
from tooling.train import MaximumLength, Rollout
from tooling.train.sparing import SparedLength
from tooling.verify import Grade, Why


def rollout(tokens: int, *, correct: bool, budget: int = 36) -> Rollout:
    """A completion of so many tokens for an item with a budget."""
    grade = Grade(correct, float(correct), "x", Why.OK if correct else Why.WRONG)
    return Rollout(Item("", "", {"budget": budget}, ""), Completion("", [0] * tokens, True), grade)


@pytest.mark.parametrize(("tokens", "bonus"), [(24, 0.86), (36, 0.5), (48, 0.14), (12, 1.0), (99, 0.0)])
def test_the_bonus_falls_with_the_length_and_is_clipped(tokens: int, bonus: float) -> None:
    group = [rollout(tokens, correct=correct) for correct in (True, False)]
    assert SparedLength(0.03)(group, random.Random(0)) == pytest.approx([bonus, bonus])


def test_for_right_answers_it_is_the_factor_of_the_maximum() -> None:
    group = [rollout(tokens, correct=True) for tokens in range(0, 80, 7)]
    assert SparedLength(0.03)(group, random.Random(0)) == pytest.approx(
        MaximumLength(weight=0.03)(group, random.Random(0))
    )
