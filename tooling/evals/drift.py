"""How far a training has led away from its start, and how well one measure of that tells another."""

from collections.abc import Sequence

import numpy as np
import torch

from tooling.models import Policy


def weight_distance(policy: Policy, start: Policy) -> float:
    """The Euclidean distance of two policies of one shape in weight space, all parameters taken together."""
    pairs = zip(policy.model.parameters(), start.model.parameters(), strict=True)
    with torch.no_grad():
        return float(sum((ours.double() - theirs.double()).square().sum() for ours, theirs in pairs)) ** 0.5


def explained(
    outcome: Sequence[float], predictor: Sequence[float], *, groups: Sequence[str] = (), degree: int = 2
) -> float:
    """The share of the outcome's variance that a least-squares polynomial in the predictor explains (R squared).

    With `groups`, one name per value, each group has a constant of its own beside the common polynomial: what that adds
    is what the predictor does not tell about the groups. Raises `ValueError` where the outcome does not vary.
    """
    values, places = np.asarray(outcome, float), np.asarray(predictor, float)
    varies = values - values.mean()
    if not varies.any():
        raise ValueError("explained: the outcome is the same everywhere, so there is nothing to explain")
    scale = np.abs(places).max() or 1.0  # so that high powers of small numbers do not vanish beside the constant
    columns = [(places / scale) ** power for power in range(degree + 1)]
    columns += [np.array([group == name for group in groups], float) for name in dict.fromkeys(groups)]
    table = np.stack(columns, axis=1)
    left = values - table @ np.linalg.lstsq(table, values, rcond=None)[0]
    return float(1 - left @ left / (varies @ varies))
