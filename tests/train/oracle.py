"""The losses of the papers in plain PyTorch, one completion at a time and without padding, and a record of a training.

Formulas: GRPO arXiv:2402.03300 (equations 3 and 4), Dr. GRPO arXiv:2503.20783, DAPO arXiv:2503.14476 (equation 8).
Where TRL differs from the papers on purpose, this file says so: the standard deviation is that of a sample (n - 1), and
1e-4 is added to it.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

import torch

from tooling.models import Policy
from tooling.tasks import Completion, Countdown, Item, Split
from tooling.train import GRPO
from tooling.verify import Grade, Why

Weights = dict[str, torch.Tensor]
Draw = Sequence[tuple[Item, Completion]]


class Rollouts:
    """Countdown's items with a score that a random policy varies in: a task that keeps what it was asked to grade."""

    def __init__(self) -> None:
        self.graded: list[tuple[Item, Completion]] = []

    def stream(self, split: Split, seed: int) -> Iterator[Item]:
        """Countdown's stream."""
        return Countdown().stream(split, seed)

    def grade(self, completion: Completion, item: Item) -> Grade:
        """A score in five steps that depends on the tokens alone."""
        self.graded.append((item, completion))
        score = sum(completion.tokens) % 5 / 4
        return Grade(score == 1, score, completion.text, Why.OK if score == 1 else Why.WRONG)

    def draws(self, settings: GRPO) -> list[list[tuple[Item, Completion]]]:
        """The rollouts of each draw, groups one after the other."""
        rest = iter(self.graded)
        size = settings.prompts * settings.completions
        return [list(islice(rest, size)) for _ in range(len(self.graded) // size)]


class Record:
    """Weights before, and gradients at, every step of a training of `model` in place."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._weights: dict[str, list[torch.Tensor]] = defaultdict(list)
        self._gradients: dict[str, list[torch.Tensor]] = defaultdict(list)
        for name, parameter in model.named_parameters():
            parameter.register_post_accumulate_grad_hook(self._noting(name))

    def _noting(self, name: str):
        def note(parameter: torch.Tensor) -> None:
            self._weights[name].append(parameter.detach().clone())
            self._gradients[name].append(parameter.grad.detach().clone())

        return note

    @property
    def steps(self) -> int:
        """The number of steps seen."""
        return len(next(iter(self._weights.values())))

    def weights(self, step: int) -> Weights:
        """The weights before a step."""
        return {name: values[step] for name, values in self._weights.items()}

    def gradients(self, step: int) -> Weights:
        """The gradients of a step, before they were clipped."""
        return {name: values[step] for name, values in self._gradients.items()}


class Oracle:
    """The expected loss of a step and its gradient, in double precision."""

    def __init__(self, policy: Policy, settings: GRPO) -> None:
        self.model = copy.deepcopy(policy.model).double().eval()
        self.policy = policy
        self.settings = settings

    def gradients(self, rollouts: Draw, *, now: Weights, old: Weights) -> Weights:
        """The gradient of the loss at the weights `now` for rollouts sampled with `old`."""
        leaves = {name: tensor.double().requires_grad_() for name, tensor in now.items()}
        loss = self.loss(rollouts, now=leaves, old=old)
        return dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))

    def loss(self, rollouts: Draw, *, now: Weights, old: Weights) -> torch.Tensor:
        """The loss of the settings."""
        advantages = self.advantages(rollouts)
        terms = []
        for (item, completion), advantage in zip(rollouts, advantages, strict=True):
            new, before = (self.logprobs(item, completion, weights) for weights in (now, old))
            terms.append(self.objective(new, before.detach(), advantage=float(advantage)))
        return -self.averaged(terms)

    def objective(self, new: torch.Tensor, old: torch.Tensor, *, advantage: float) -> torch.Tensor:
        """min(r A, clip(r, 1 - e_low, 1 + e_high) A), for each token."""
        ratio = (new - old).exp()
        clipped = ratio.clamp(1 - self.settings.clip_low, 1 + self.settings.clip_high)
        return torch.minimum(ratio * advantage, clipped * advantage)

    def averaged(self, terms: list[torch.Tensor]) -> torch.Tensor:
        """One number from the terms of all tokens of all completions."""
        if self.settings.loss == "grpo":
            return torch.stack([each.mean() for each in terms]).mean()
        total = torch.cat(terms).sum()
        if self.settings.loss == "dr_grpo":
            return total / (len(terms) * self.settings.tokens)
        return total / sum(len(each) for each in terms)  # bnpo, and dapo where a step has one batch

    def advantages(self, rollouts: Draw) -> torch.Tensor:
        """Rewards less the mean of their group, divided as the settings say."""
        rewards = torch.tensor([sum(done.tokens) % 5 / 4 for _, done in rollouts], dtype=torch.float64)
        groups = rewards.view(self.settings.prompts, self.settings.completions)
        centred = groups - groups.mean(1, keepdim=True)
        if self.settings.scale == "group":
            centred = centred / (groups.std(1, keepdim=True) + 1e-4)
        if self.settings.scale == "batch":
            centred = centred / (rewards.std() + 1e-4)
        return centred.flatten()

    def logprobs(self, item: Item, completion: Completion, weights: Weights) -> torch.Tensor:
        """The log-probability of each token of a completion, end token included."""
        prefix = self.policy.tokenizer(self.policy.prefix + item.prompt)["input_ids"]
        ids = torch.tensor([[*prefix, *completion.tokens]])
        full = {name: tensor.double() for name, tensor in weights.items()}
        logits = torch.func.functional_call(self.model, full, (ids,)).logits[0, len(prefix) - 1 : -1]
        logs = (logits / self.settings.temperature).log_softmax(-1)
        return logs.gather(1, ids[0, len(prefix) :, None]).squeeze(1)


def distance(one: Weights, other: Weights) -> float:
    """The length of the difference of two gradients, relative to the second."""
    difference = sum(float((one[name].double() - other[name].double()).square().sum()) for name in other)
    return (difference / sum(float(tensor.double().square().sum()) for tensor in other.values())) ** 0.5
