"""Rewards: what the rollouts of one prompt are worth. A reward sees the whole group, so that it can compare.

Each reward here is a function, or a frozen dataclass that can be called: its settings have a stable form. Lengths are
in tokens, the end token included. Where the equation's number in the paper is not known to us, the place says so.
"""

import math
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import NamedTuple

from tooling.tasks import Completion, Item
from tooling.verify import Grade


class Rollout(NamedTuple):
    """A completion that was sampled for an item, with its grade."""

    item: Item
    completion: Completion
    grade: Grade

    @property
    def length(self) -> int:
        """The number of tokens of the completion, the end token included."""
        return len(self.completion.tokens)


Reward = Callable[[Sequence[Rollout], random.Random], Sequence[float]]
"""From one group, all rollouts of one prompt, to one reward per rollout.

The source of randomness is seeded by the training seed and goes on from group to group.
"""


def correctness(group: Sequence[Rollout], source: random.Random) -> list[float]:
    """The reward of a rule-based verifier: each grade's score."""
    return [rollout.grade.score for rollout in group]


def answered(group: Sequence[Rollout], source: random.Random) -> list[float]:
    """1 where the grader could read an answer, right or wrong: a format reward for any task."""
    return [float(rollout.grade.answer is not None) for rollout in group]


def majority(group: Sequence[Rollout], source: random.Random) -> list[float]:
    """1 where the answer is the most common one of the group: TTRL (arXiv:2504.16084), which needs no label.

    Of equally common answers the one that was sampled first is the label; a group without an answer earns nothing.
    """
    return _agreement(group, [rollout.grade.answer for rollout in group])


def wrong_label(group: Sequence[Rollout], source: random.Random) -> list[float]:
    """1 where the answer is the most common *wrong* one of the group, whose label thus is certainly incorrect.

    Spurious Rewards (arXiv:2506.10947, "incorrect label") takes the majority answer of 64 rollouts of the start policy
    and keeps the prompts where it is wrong; ours is taken from the group itself, so that it moves with the policy. The
    paper's equation was not looked up. A group without a wrong answer earns nothing.
    """
    return _agreement(group, [None if rollout.grade.correct else rollout.grade.answer for rollout in group])


def _agreement(group: Sequence[Rollout], votes: Sequence[str | None]) -> list[float]:
    counts = Counter(vote for vote in votes if vote is not None)
    label = max(counts, key=counts.__getitem__) if counts else None
    return [float(label is not None and rollout.grade.answer == label) for rollout in group]


def shuffled(group: Sequence[Rollout], source: random.Random) -> list[float]:
    """The rewards of `correctness`, dealt out anew within the group: as much spread, and nothing to learn from.

    The control for a claim that a signal matters: as many groups have a spread as under `correctness`, so that noise
    moves the weights as far, which a coin of fixed chance does not promise.
    """
    values = correctness(group, source)
    source.shuffle(values)
    return values


@dataclass(frozen=True)
class RandomReward:
    """1 with a fixed chance, whatever was sampled: the random reward of Spurious Rewards (arXiv:2506.10947)."""

    chance: float = 0.5  # gamma; the paper's main setting

    def __call__(self, group: Sequence[Rollout], source: random.Random) -> list[float]:
        """One draw per rollout."""
        return [float(source.random() < self.chance) for _ in group]


@dataclass(frozen=True)
class Format:
    """1 where the text matches a pattern somewhere, such as a pair of tags: DeepSeek-R1's format reward.

    The text is a model's: keep to patterns without nested repetition, which a long completion could make endless.
    """

    pattern: str  # Python's syntax; `.` matches line ends too; anchor with \\A and \\Z to match the whole

    def __call__(self, group: Sequence[Rollout], source: random.Random) -> list[float]:
        """1 or 0 for each rollout."""
        found = re.compile(self.pattern, re.DOTALL)
        return [float(found.search(rollout.completion.text) is not None) for rollout in group]


@dataclass(frozen=True)
class Sum:
    """A weighted sum of rewards, such as `Sum((correctness, OverlongPunishment(40, 8)))`."""

    parts: tuple[Reward, ...]
    weights: tuple[float, ...] = ()  # one per part; none: all 1

    def __call__(self, group: Sequence[Rollout], source: random.Random) -> list[float]:
        """The sums; each part draws its own randomness, in order."""
        weights = self.weights or (1.0,) * len(self.parts)
        columns = [part(group, source) for part in self.parts]
        rows = zip(*columns, strict=True)
        return [sum(weight * value for weight, value in zip(weights, row, strict=True)) for row in rows]


@dataclass(frozen=True)
class ExactLength:
    """LCPO-Exact of L1 (arXiv:2503.04697, equation 1): correctness less `weight` times the distance from the budget.

    r = I(correct) - alpha |n_gold - n_y|. The paper tells the model its budget in the prompt; where `budget` is None it
    is the item's fact `budget`. With weight 0.01, a right completion of 30 tokens for a budget of 20 earns 0.9.
    """

    budget: int | None = None  # n_gold
    weight: float = 0.0003  # alpha, for budgets of 100 to 4000 tokens; a miniature's short ones need more

    def __call__(self, group: Sequence[Rollout], source: random.Random) -> list[float]:
        """One reward per rollout; a wrong completion pays for its length too."""
        return [each.grade.correct - self.weight * abs(_budget(self.budget, each) - each.length) for each in group]


@dataclass(frozen=True)
class MaximumLength:
    """LCPO-Max of L1 (arXiv:2503.04697, equation 2): correctness times what the length leaves of it.

    r = I(correct) * clip(alpha (n_gold - n_y) + delta, 0, 1): a soft upper bound. With weight 0.01 and a budget of 20,
    a right completion of 30 tokens earns 0.4, one of 20 earns 0.5.
    """

    budget: int | None = None  # n_gold; None: the item's fact `budget`
    weight: float = 0.0003  # alpha
    offset: float = 0.5  # delta: a right answer slightly over the budget is still better than a wrong one

    def __call__(self, group: Sequence[Rollout], source: random.Random) -> list[float]:
        """One reward per rollout, in [0, 1]."""
        return [each.grade.correct * self._left(_budget(self.budget, each) - each.length) for each in group]

    def _left(self, spare: int) -> float:
        return min(1.0, max(0.0, self.weight * spare + self.offset))


def _budget(budget: int | None, rollout: Rollout) -> int:
    if budget is None and "budget" not in rollout.item.facts:
        raise ValueError(f"item {rollout.item.key} has no fact `budget`; give the reward a budget, or the task's items")
    return rollout.item.facts["budget"] if budget is None else budget


@dataclass(frozen=True)
class OverlongPunishment:
    """DAPO's soft overlong punishment alone (arXiv:2503.14476, equation 13); add it to correctness with `Sum`.

    0 up to `limit - cache` tokens, then falling linearly to -1 at `limit`, and -1 beyond. With limit 40 and cache 8, 36
    tokens earn -0.5.
    """

    limit: int  # L_max: 20480 in the paper
    cache: int  # L_cache: 4096 in the paper

    def __call__(self, group: Sequence[Rollout], source: random.Random) -> list[float]:
        """One punishment per rollout, in [-1, 0]."""
        return [min(0.0, max(-1.0, (self.limit - self.cache - each.length) / self.cache)) for each in group]


def relative_length(group: Sequence[Rollout], source: random.Random) -> list[float]:
    """The length reward of Kimi k1.5 alone (arXiv:2501.12599, section 2.3.3); add it to correctness with `Sum`.

    With s = 0.5 - (length - shortest) / (longest - shortest) over the group: s where correct, min(0, s) where not, and
    0 for all where all lengths are alike. Of right completions of 10, 15 and 20 tokens: 0.5, 0 and -0.5.
    """
    shortest, longest = min(each.length for each in group), max(each.length for each in group)
    if shortest == longest:
        return [0.0] * len(group)
    scores = [0.5 - (each.length - shortest) / (longest - shortest) for each in group]
    return [score if each.grade.correct else min(0.0, score) for each, score in zip(group, scores, strict=True)]


@dataclass(frozen=True)
class EfficientReasoning:
    """Correctness less a share that grows with the length, compared with the other right completions of the group.

    I(correct) * (1 - alpha * sigmoid((length - mean) / deviation)), mean and deviation over the group's right
    completions ("Training Language Models to Reason Efficiently", arXiv:2502.04463; whether its deviation is that of
    the sample or of the population was not found: ours is of the population). Where all have one length the penalty is
    alpha / 2.
    """

    weight: float  # alpha: 0 to 0.4 in the paper

    def __call__(self, group: Sequence[Rollout], source: random.Random) -> list[float]:
        """One reward per rollout, in [0, 1]."""
        lengths = [each.length for each in group if each.grade.correct]
        mean, deviation = (fmean(lengths), pstdev(lengths)) if lengths else (0.0, 0.0)
        standard = [(each.length - mean) / deviation if deviation else 0.0 for each in group]
        penalties = [self.weight / (1 + math.exp(-value)) for value in standard]
        return [each.grade.correct * (1 - penalty) for each, penalty in zip(group, penalties, strict=True)]
