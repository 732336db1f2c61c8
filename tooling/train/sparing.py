"""A bonus for what a completion leaves of its budget, right or wrong."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tooling.train.reward import Rollout


@dataclass(frozen=True)
class SparedLength:
    """The length factor of LCPO-Max (L1, arXiv:2503.04697, equation 2) as a term of its own; add it with `Sum`.

    clip(alpha (n_gold - n_y) + delta, 0, 1), whatever the grade, with the item's fact `budget` as n_gold. With weight
    0.03 and a budget of 36, 24 tokens earn 0.86 and 12 earn 1. The paper's additive form was not found; this is its
    multiplicative one with a plus in place of the times.
    """

    weight: float  # alpha, per token
    offset: float = 0.5  # delta

    def __call__(self, group: Sequence[Rollout], source: random.Random) -> list[float]:
        """One bonus per rollout, in [0, 1]."""
        spare = (each.item.facts["budget"] - each.length for each in group)
        return [min(1.0, max(0.0, self.weight * tokens + self.offset)) for tokens in spare]
