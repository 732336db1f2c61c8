"""Direct preference optimization: from pairs of completions of which one is preferred."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tooling.models import Policy
from tooling.train.optimization import Optimization
from tooling.train.probing import Probing
from tooling.train.stage import stage
from tooling.train.trained import Probe, Trained


class Preference(NamedTuple):
    """Two completions of one prompt; `chosen` is preferred to `rejected`."""

    prompt: str
    chosen: str
    rejected: str


@dataclass(frozen=True)
class DPO(Optimization):
    """Every choice of a DPO run (arXiv:2305.18290; its appendix B: beta 0.1, 64 pairs, 1e-6, warm-up of 150 steps)."""

    learning_rate: float = 1e-4  # the paper has 1e-6 with RMSprop, for billions of parameters
    beta: float = 0.1  # strength of the pull to the reference


def dpo(
    policy: Policy,
    pairs: Sequence[Preference],
    settings: DPO,
    *,
    seed: int,
    probe: Probe | None = None,
    every: int = 0,
) -> Trained:
    """A copy of `policy` trained on preferences; the reference is `policy` itself, as it comes in.

    Loss (equation 7): -log sigmoid(beta (log p(chosen) - log r(chosen) - log p(rejected) + log r(rejected))), averaged
    over the batch's pairs; p is the policy, r the reference, and each completion is summed over its tokens, end token
    included. Where policy and reference agree the loss is log 2 = 0.693. Curves: `step`, `loss`, `tokens` (of both
    completions), `accuracy` (share of pairs whose implicit rewards are in order), `margin` (mean difference of the
    implicit rewards). No token is sampled, so `tokens` is 0. Raises `ValueError` without pairs.
    """

    def make() -> Trained:
        from tooling.train.trl_supervised import train_dpo

        start = policy.copy()
        return train_dpo(start, pairs, settings=settings, seed=seed, probing=Probing(start, probe, every=every))

    inputs = {"pairs": list(pairs), "settings": settings, "seed": seed, "probe": (probe, every)}
    return stage("dpo", policy, code=("tooling.train.trl_supervised",), inputs=inputs, make=make)
