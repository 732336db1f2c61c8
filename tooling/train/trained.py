"""What a training leaves behind: the policy, the curves, and what was probed along the way."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tooling.models import Policy

Probe = Callable[[Policy, int], Mapping[str, float]]  # policy and step -> measures; it must leave the weights alone


class Trained(NamedTuple):
    """A trained policy with the curves of its training.

    `curves` has one value per step: `step`, `reward` (mean), `spread` (share of groups whose rewards differ), `tokens`
    (mean length), `truncated` (share), `entropy` (nats per token). `diverged` tells that a loss was not finite and that
    the training stopped there. `probes` holds what `probe(policy, step)` gave, in order, each with its `step`.
    """

    policy: Policy
    curves: Mapping[str, Sequence[float]]
    tokens: int
    diverged: bool
    probes: tuple[Mapping[str, float], ...] = ()

    @property
    def spread(self) -> float:
        """The mean share of groups whose rewards differ; with 0 nothing was learnt."""
        return self.mean("spread") if self.curves["spread"] else 0.0

    def mean(self, name: str, *, start: float = 0.0, end: float = 1.0) -> float:
        """The mean of a curve over a stretch of the training, from `start` to `end` as shares of its steps."""
        values = self.curves[name]
        stretch = values[round(start * len(values)) : round(end * len(values))]
        return sum(stretch) / len(stretch) if stretch else float("nan")
