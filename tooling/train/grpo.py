"""Group relative policy optimization: the settings, the reward, and what a training leaves behind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tooling.models import Policy
from tooling.tasks import Item, Task
from tooling.verify import Grade

Reward = Callable[[Grade, Item], float]


@dataclass(frozen=True)
class GRPO:
    """Every choice of a GRPO run (DeepSeekMath, arXiv:2402.03300). No default of a library leaks in."""

    steps: int  # optimizer steps, one batch of fresh rollouts each
    prompts: int = 8  # prompts per step
    completions: int = 8  # rollouts per prompt, the group G
    tokens: int = 48  # of a completion at most, the end token included
    learning_rate: float = 3e-4  # peak; linear warm-up, then constant
    warmup: int = 5  # steps
    temperature: float = 1.0
    loss: str = "grpo"  # how token losses are averaged: grpo, dr_grpo, bnpo, dapo
    scale: str = "group"  # divide advantages by the standard deviation of the group, of the batch, or by none
    clip_low: float = 0.2  # epsilon
    clip_high: float = 0.2  # epsilon of the upper side
    updates: int = 1  # gradient steps on the same rollouts (mu); 1 is on-policy
    max_grad_norm: float = 1.0
    weight_decay: float = 0.0


class Trained(NamedTuple):
    """A trained policy with the curves of its training.

    `curves` has one value per step: `step`, `reward` (mean), `spread` (share of groups whose rewards differ), `tokens`
    (mean length), `truncated` (share), `entropy` (nats per token). `diverged` tells that a loss was not finite and that
    the training stopped there.
    """

    policy: Policy
    curves: Mapping[str, Sequence[float]]
    tokens: int
    diverged: bool

    @property
    def spread(self) -> float:
        """The mean share of groups whose rewards differ; with 0 nothing was learnt."""
        return self.mean("spread") if self.curves["spread"] else 0.0

    def mean(self, name: str, *, start: float = 0.0, end: float = 1.0) -> float:
        """The mean of a curve over a stretch of the training, from `start` to `end` as shares of its steps."""
        values = self.curves[name]
        stretch = values[round(start * len(values)) : round(end * len(values))]
        return sum(stretch) / len(stretch) if stretch else float("nan")


def correctness(grade: Grade, item: Item) -> float:
    """The reward of a rule-based verifier: the grade's score."""
    return grade.score


def grpo(
    policy: Policy,
    task: Task,
    settings: GRPO,
    *,
    seed: int,
    reward: Reward = correctness,
) -> Trained:
    """A copy of `policy` trained on the task's `train` items; `seed` draws the items and the rollouts."""
    from tooling.train.trl_adapter import train_grpo

    return train_grpo(policy.copy(), task, settings=settings, seed=seed, reward=reward)
