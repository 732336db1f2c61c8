"""How hard the completions of one prompt pull at the weights."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from tooling.evals.evaluation import Table
from tooling.evals.sampler import Prefix, encoded, in_evaluation
from tooling.models import Policy
from tooling.tasks import Completion


def gradient_norm(
    policy: Policy, prefix: Prefix, *, completions: Sequence[Completion], weights: Sequence[float]
) -> float:
    """The length of the gradient of the weighted sum of the completions' log-probabilities behind a prefix.

    With the advantages of a group as weights it is what the group adds to an on-policy policy gradient (up to the
    constant that a loss divides by); with advantage by length, what it adds to GRPO's. The policy is left as it was.
    """
    head = encoded(policy, prefix)
    rows = [[*head, *each.tokens] for each in completions]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows], device=policy.model.device)
    share = torch.zeros(len(rows), longest - 1, device=ids.device)
    for line, (row, weight) in enumerate(zip(rows, weights, strict=True)):
        share[line, len(head) - 1 : len(row) - 1] = weight
    parameters = [each for each in policy.model.parameters() if each.requires_grad]
    with in_evaluation(policy.model), torch.enable_grad():
        # the padding stands behind all that counts, so no mask of attention is needed
        logits = policy.model(ids, use_cache=False).logits[:, :-1]
        logprobs = logits.log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
        found = torch.autograd.grad((share * logprobs).sum(), parameters)
    return float(torch.stack([each.norm() for each in found]).norm())


class Pulls(NamedTuple):
    """How hard each item's group pulls at the weights, two arrays of (items,); 0 where all rewards are alike.

    `plain`: by the advantages R - mean(R), `divided`: by (R - mean(R)) / std(R), with the sample's deviation.
    """

    plain: np.ndarray
    divided: np.ndarray


def group_pulls(policy: Policy, table: Table, *, size: int) -> Pulls:
    """The pull of each item's first `size` samples, taken as the group of an on-policy step with rewards 1 and 0.

    Without a division by length: Dr. GRPO's loss (arXiv:2503.20783), and the same with GRPO's deviation.
    """
    rewards = np.array(table.outcomes, float)[:, :size]
    advantages = rewards - rewards.mean(1, keepdims=True)
    groups = zip(table.items, table.completions, advantages, strict=True)
    norms = [
        gradient_norm(policy, item.prompt, completions=done[:size], weights=weights) if weights.any() else 0.0
        for item, done, weights in groups
    ]
    deviation = rewards.std(1, ddof=1)
    return Pulls(np.array(norms), np.where(deviation > 0, norms / np.where(deviation > 0, deviation, 1), 0))
