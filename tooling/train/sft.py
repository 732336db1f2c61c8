"""Supervised fine-tuning: next-token loss on the completions of demonstrations."""

from collections.abc import Sequence
from dataclasses import dataclass

from tooling.models import Policy
from tooling.tasks.item import Demonstration
from tooling.train.optimization import Optimization
from tooling.train.probing import Probing
from tooling.train.stage import stage
from tooling.train.trained import Probe, Trained


@dataclass(frozen=True)
class SFT(Optimization):
    """Every choice of a supervised fine-tuning: `SFT(epochs=2)`, or `SFT(steps=200)`."""


def sft(
    policy: Policy,
    examples: Sequence[Demonstration],
    settings: SFT,
    *,
    seed: int,
    probe: Probe | None = None,
    every: int = 0,
) -> Trained:
    """A copy of `policy` fine-tuned on demonstrations, in an order drawn by `seed`.

    The loss of a step is the mean of -log p over all tokens of the batch's completions, end tokens included; prompts
    carry none. Long completions thus weigh more than short ones, in one micro-batch or several. Curves: `step`, `loss`
    (nats per token), `tokens` (with loss, in the batch). No token is sampled, so `tokens` is 0. Raises `ValueError`
    without examples.
    """

    def make() -> Trained:
        from tooling.train.trl_supervised import train_sft

        start = policy.copy()
        return train_sft(start, examples, settings=settings, seed=seed, probing=Probing(start, probe, every=every))

    inputs = {"examples": list(examples), "settings": settings, "seed": seed, "probe": (probe, every)}
    return stage("sft", policy, code=("tooling.train.trl_supervised",), inputs=inputs, make=make)
