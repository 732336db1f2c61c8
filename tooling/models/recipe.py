"""How a base model is made: a trunk, trained once and shared, and a fork, a short seeded continuation of it."""

from dataclasses import dataclass, replace

from tooling.tasks import Task


@dataclass(frozen=True)
class Mixture:
    """What a model is pretrained on: demonstrations of one or several tasks, each style with its weight."""

    parts: tuple[tuple[Task, str, float], ...]  # task, style, weight (relative)

    @classmethod
    def of(cls, task: Task, **weights: float) -> "Mixture":
        """The mixture of one task's styles, such as `Mixture.of(Countdown(), guess=0.6, solve=0.4)`."""
        return cls(tuple((task, style, weight) for style, weight in weights.items()))


@dataclass(frozen=True)
class Recipe:
    """A decoder-only transformer (Qwen2 architecture, numbers below 100 as tokens) and its pretraining.

    The trunk is trained from `trunk_seed` on `mixture`; `load(recipe, seed=s)` continues it for `fork_steps` on
    `fork_mixture` (or `mixture`) with data drawn by s, which is the replicate that claims about pretraining need.
    """

    mixture: Mixture
    width: int = 64  # hidden size
    layers: int = 3
    heads: int = 4
    context: int = 96  # tokens of prompt and completion together
    batch: int = 64  # demonstrations per step
    steps: int = 800
    learning_rate: float = 4e-3  # peak; linear warm-up over 5%, then cosine to a tenth
    trunk_seed: int = 0
    fork_steps: int = 0
    fork_mixture: Mixture | None = None
    fork_learning_rate: float = 5e-4  # constant

    @property
    def trunk(self) -> "Recipe":
        """The part that is trained once and shared by all seeds and by every fork of it."""
        return replace(self, fork_steps=0, fork_mixture=None, fork_learning_rate=0.0)
