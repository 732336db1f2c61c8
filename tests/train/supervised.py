"""The losses of SFT and DPO in plain PyTorch, in double precision, one completion at a time and without padding.

SFT: the mean of -log p over the completion tokens of a batch. DPO: arXiv:2305.18290, equation 7.
"""

import copy
from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch.nn.functional import logsigmoid

from tests.train.oracle import Record, Weights, distance
from tooling.models import Policy
from tooling.tasks.item import Demonstration
from tooling.train import DPO, SFT, Preference, Trained
from tooling.train.example import encoded, in_drawn_order
from tooling.train.probing import Probing
from tooling.train.trl_supervised import train_dpo, train_sft

# lengths differ, so that masks matter: prompts of 4 to 9 tokens, completions of 2 to 11
SHOWN = [
    Demonstration("1 2>3:", "1+2=3"),
    Demonstration("2 8 9>3:", "2+9=11 11-8=3"),
    Demonstration("12 11>1:", "12-11=1"),
    Demonstration("5 5>10:", "5"),
    Demonstration("1 1 1>3:", "1+1=2 2+1=3"),
    Demonstration("7>7:", "7"),
]
PAIRS = [
    Preference("1 2>3:", "1+2=3", "1"),
    Preference("2 8 9>3:", "2+9=11 11-8=3", "2+9=11 11-9=2"),
    Preference("12 11>1:", "12-11=1", "12+11=23 23-11=12"),
    Preference("5 5>10:", "5", "5*5=25"),
]

Batch = Sequence[Demonstration] | Sequence[Preference]


def in_place(policy: Policy, settings: SFT | DPO, *, seed: int = 3) -> Trained:
    """A training of `policy` itself on the examples of this file."""
    quiet = Probing(policy, None, every=0)
    if isinstance(settings, DPO):
        return train_dpo(policy, PAIRS, settings=settings, seed=seed, probing=quiet)
    return train_sft(policy, SHOWN, settings=settings, seed=seed, probing=quiet)


def logprobs(policy: Policy, prompt: str, completion: str, *, weights: Weights) -> torch.Tensor:
    """The log-probability of each token of a completion, end token included."""
    head, tail = encoded(policy, prompt, completion=completion)
    ids = torch.tensor([[*head, *tail]])
    logits = torch.func.functional_call(policy.model, weights, (ids,)).logits[0, len(head) - 1 : -1]
    return logits.log_softmax(-1).gather(1, ids[0, len(head) :, None]).squeeze(1)


def sft_loss(policy: Policy, batch: Sequence[Demonstration], *, weights: Weights) -> torch.Tensor:
    """The mean over all completion tokens of the batch."""
    return -torch.cat([logprobs(policy, each.prompt, each.completion, weights=weights) for each in batch]).mean()


def dpo_loss(
    policy: Policy, batch: Sequence[Preference], *, weights: Weights, reference: Weights, beta: float
) -> torch.Tensor:
    """Equation 7, the mean over the pairs."""
    terms = []
    for pair in batch:
        ratios = [
            (
                logprobs(policy, pair.prompt, text, weights=weights).sum()
                - logprobs(policy, pair.prompt, text, weights=reference).sum().detach()
            )
            for text in (pair.chosen, pair.rejected)
        ]
        terms.append(-logsigmoid(beta * (ratios[0] - ratios[1])))
    return torch.stack(terms).mean()


class Followed:
    """A training with the weights and gradients of each of its steps, and the batch that each step saw."""

    def __init__(self, policy: Policy, settings: SFT | DPO, *, seed: int = 3) -> None:
        """Train `policy` in place."""
        self.exact = Policy(copy.deepcopy(policy.model).double().eval(), policy.tokenizer, policy.name, policy.prefix)
        record = Record(policy.model)
        self.trained = in_place(policy, settings, seed=seed)
        self.settings = settings
        self.steps = len(self.trained.curves["step"])
        parts = record.steps // self.steps
        # the gradient is complete at the last backward pass of a step
        self.weights = [_double(record.weights(step * parts)) for step in range(self.steps)]
        self.gradients = [record.gradients((step + 1) * parts - 1) for step in range(self.steps)]
        shown = PAIRS if isinstance(settings, DPO) else SHOWN
        drawn = in_drawn_order(shown, self.steps * settings.batch, seed=seed)
        self.batches = [drawn[step * settings.batch :][: settings.batch] for step in range(self.steps)]

    def loss(self) -> Callable[..., torch.Tensor]:
        """The papers' loss with the settings of this training and the start as the reference."""
        if isinstance(self.settings, DPO):
            return partial(dpo_loss, self.exact, reference=self.weights[0], beta=self.settings.beta)
        return partial(sft_loss, self.exact)

    def errors(self, loss: Callable[..., torch.Tensor] | None = None) -> list[float]:
        """How far the gradient of each step is from that of a loss; the paper's where none is given."""
        found = []
        for batch, weights, gradients in zip(self.batches, self.weights, self.gradients, strict=True):
            leaves = {name: tensor.clone().requires_grad_() for name, tensor in weights.items()}
            value = (loss or self.loss())(batch, weights=leaves)
            expected = dict(zip(leaves, torch.autograd.grad(value, list(leaves.values())), strict=True))
            found.append(distance(gradients, expected))
        return found

    def losses(self) -> list[float]:
        """The paper's loss of each step."""
        return [float(self.loss()(batch, weights=now)) for batch, now in zip(self.batches, self.weights, strict=True)]


def _double(weights: Weights) -> Weights:
    return {name: tensor.double() for name, tensor in weights.items()}
