"""Rewards are the papers' formulas, over a whole group, and their settings have a stable form."""

import math
import pickle
import random
from dataclasses import FrozenInstanceError

import pytest

from tooling.tasks import Completion, Item
from tooling.train import (
    EfficientReasoning,
    ExactLength,
    Format,
    MaximumLength,
    OverlongPunishment,
    RandomReward,
    Reward,
    Rollout,
    Sum,
    answered,
    correctness,
    majority,
    relative_length,
    shuffled,
    wrong_label,
)
from tooling.verify import Grade, Why


def rollout(answer: str | None, *, right: bool = False, length: int = 4, text: str = "", budget: int | None = None):
    """A rollout of so many tokens, graded right or wrong with an answer."""
    item = Item("2 8 9>3:", "3", {} if budget is None else {"budget": budget}, "key")
    why = Why.OK if right else Why.NO_ANSWER if answer is None else Why.WRONG
    return Rollout(item, Completion(text, (5,) * length, True), Grade(right, float(right), answer, why))


def rewards(reward: Reward, *group: Rollout, seed: int = 0) -> list[float]:
    """The rewards of a group."""
    return list(reward(group, random.Random(seed)))


GROUP = (
    rollout("3", right=True, length=10),
    rollout("3", right=True, length=20),
    rollout("4", length=15),
    rollout("4", length=20),
    rollout("4", length=10),
    rollout(None, length=12),
)


def test_correctness_is_the_score_of_the_grade() -> None:
    half = rollout("3")._replace(grade=Grade(False, 0.5, "3", Why.WRONG))
    assert rewards(correctness, *GROUP, half) == [1, 1, 0, 0, 0, 0, 0.5]


def test_an_answer_that_could_be_read_earns_the_reward_for_answering() -> None:
    assert rewards(answered, *GROUP) == [1, 1, 1, 1, 1, 0]


def test_the_majority_answer_is_the_label_without_a_label() -> None:
    assert rewards(majority, *GROUP) == [0, 0, 1, 1, 1, 0]
    assert rewards(majority, rollout("4"), rollout("3"), rollout(None)) == [1, 0, 0], "the first of equally common ones"
    assert rewards(majority, rollout(None), rollout(None)) == [0, 0]


def test_a_wrong_label_is_the_most_common_wrong_answer() -> None:
    right = [rollout("3", right=True)] * 5
    assert rewards(wrong_label, *right, rollout("4"), rollout("5"), rollout("4")) == [0] * 5 + [1, 0, 1]
    assert rewards(wrong_label, *right, rollout(None)) == [0] * 6, "nobody is wrong"


def test_random_rewards_have_their_chance_and_follow_the_seed() -> None:
    group = [rollout("3", right=True), rollout(None)] * 2000
    drawn = rewards(RandomReward(0.3), *group)
    assert set(drawn) == {0.0, 1.0}
    assert sum(drawn[::2]) / 2000 == pytest.approx(0.3, abs=0.05)
    assert sum(drawn[1::2]) / 2000 == pytest.approx(0.3, abs=0.05), "a wrong one has the same chance"
    assert rewards(RandomReward(0.3), *group) == drawn != rewards(RandomReward(0.3), *group, seed=1)
    assert set(rewards(RandomReward(0.0), *group)) == {0.0}
    assert set(rewards(RandomReward(1.0), *group)) == {1.0}


def test_a_format_is_found_anywhere_unless_it_is_anchored() -> None:
    group = [rollout("3", text=text) for text in ("<a>1\n2</a>", "x<a>1</a>", "<a>1")]
    assert rewards(Format(r"<a>.*</a>"), *group) == [1, 1, 0]
    assert rewards(Format(r"\A<a>.*</a>\Z"), *group) == [1, 0, 0]


def test_a_sum_is_weighted_and_each_part_draws_its_own_randomness() -> None:
    assert rewards(Sum((correctness, answered)), *GROUP) == [2, 2, 1, 1, 1, 0]
    assert rewards(Sum((correctness, answered), (1.0, 0.5)), *GROUP) == [1.5, 1.5, 0.5, 0.5, 0.5, 0]
    source = random.Random(0)
    pairs = zip(*([source.random() < 0.5 for _ in GROUP] for _ in "ab"), strict=True)
    expected = [first + second for first, second in pairs]
    assert rewards(Sum((RandomReward(), RandomReward())), *GROUP) == expected
    with pytest.raises(ValueError, match="zip"):
        rewards(Sum((correctness, answered), (1.0,)), *GROUP)


def test_exact_length_pays_for_each_token_off_the_budget() -> None:
    group = rollout("3", right=True, length=30), rollout("3", right=True, length=10), rollout("4", length=20)
    assert rewards(ExactLength(20, 0.01), *group) == pytest.approx([0.9, 0.9, 0.0])
    assert rewards(ExactLength(20), *group)[0] == pytest.approx(1 - 0.0003 * 10)


def test_maximum_length_is_a_soft_bound_that_only_right_answers_feel() -> None:
    group = [rollout("3", right=True, length=length) for length in (30, 20, 10, 90)]
    assert rewards(MaximumLength(20, 0.01), *group) == pytest.approx([0.4, 0.5, 0.6, 0.0])
    assert rewards(MaximumLength(200, 0.01), *group)[0] == 1.0, "no more than a right answer"
    assert rewards(MaximumLength(20, 0.01), rollout("4", length=5)) == [0.0]


@pytest.mark.parametrize("reward", [ExactLength(weight=0.01), MaximumLength(weight=0.01)])
def test_a_budget_may_come_with_each_item(reward: Reward) -> None:
    given = type(reward)(20, 0.01)
    assert rewards(reward, rollout("3", right=True, length=30, budget=20)) == rewards(
        given, rollout("3", right=True, length=30)
    )
    with pytest.raises(ValueError, match="no fact `budget`"):
        rewards(reward, rollout("3"))


def test_overlong_punishment_falls_linearly_over_the_last_stretch() -> None:
    group = [rollout("3", length=length) for length in (1, 32, 34, 36, 40, 50)]
    assert rewards(OverlongPunishment(limit=40, cache=8), *group) == [0, 0, -0.25, -0.5, -1, -1]


def test_relative_length_favours_short_right_answers_and_punishes_long_wrong_ones() -> None:
    assert rewards(relative_length, *GROUP) == pytest.approx([0.5, -0.5, 0.0, -0.5, 0.0, 0.0])
    assert rewards(relative_length, rollout("3", right=True), rollout("4")) == [0, 0], "all of one length"


def test_efficient_reasoning_compares_the_lengths_of_right_answers_only() -> None:
    one = 1 / (1 + math.exp(-1))
    assert rewards(EfficientReasoning(0.4), *GROUP) == pytest.approx([1 - 0.4 * (1 - one), 1 - 0.4 * one, 0, 0, 0, 0])
    longer_wrong = (*GROUP[:2], rollout("4", length=1000))
    assert rewards(EfficientReasoning(0.4), *longer_wrong)[:2] == rewards(EfficientReasoning(0.4), *GROUP)[:2]
    assert rewards(EfficientReasoning(0.4), rollout("3", right=True)) == [0.8], "alone: half of the penalty"
    assert rewards(EfficientReasoning(0.4), rollout("4"), rollout(None)) == [0, 0]


def test_a_wildly_long_answer_is_a_number_still() -> None:
    group = [rollout("3", right=True, length=1)] * 2000 + [rollout("3", right=True, length=10**5)]
    assert all(map(math.isfinite, rewards(EfficientReasoning(1.0), *group)))


@pytest.mark.parametrize(
    ("reward", "text"),
    [
        (RandomReward(0.3), "RandomReward(chance=0.3)"),
        (Format("<a>"), "Format(pattern='<a>')"),
        (ExactLength(20), "ExactLength(budget=20, weight=0.0003)"),
        (MaximumLength(20), "MaximumLength(budget=20, weight=0.0003, offset=0.5)"),
        (OverlongPunishment(40, 8), "OverlongPunishment(limit=40, cache=8)"),
        (EfficientReasoning(0.1), "EfficientReasoning(weight=0.1)"),
        (Sum((RandomReward(0.5),), (2.0,)), "Sum(parts=(RandomReward(chance=0.5),), weights=(2.0,))"),
    ],
)
def test_a_reward_with_settings_is_told_by_its_settings(reward: Reward, text: str) -> None:
    assert repr(reward) == text
    assert pickle.loads(pickle.dumps(reward)) == reward
    with pytest.raises((FrozenInstanceError, AttributeError)):
        reward.weight = 1.0


def test_shuffled_rewards_are_those_of_correctness_in_an_order_that_tells_nothing() -> None:
    draws = [rewards(shuffled, *GROUP, seed=seed) for seed in range(300)]
    assert all(sorted(draw) == [0, 0, 0, 0, 1, 1] for draw in draws)
    for place in range(len(GROUP)):
        assert 0.2 < sum(draw[place] for draw in draws) / 300 < 0.47, "a third of the rewards falls on each"
