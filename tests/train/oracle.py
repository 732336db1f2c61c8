"""The losses of the papers in plain PyTorch, one completion at a time and without padding, and a record of a training.

Formulas: GRPO arXiv:2402.03300 (equations 3 and 4), Dr. GRPO arXiv:2503.20783, DAPO arXiv:2503.14476 (equation 8), RLOO
arXiv:2402.14740, GSPO arXiv:2507.18071, CISPO arXiv:2506.13585, SAPO arXiv:2511.20347, VESPO arXiv:2602.10693, LUSPO
arXiv:2602.05261, two-sided clip arXiv:2505.07291, high-entropy tokens arXiv:2506.01939, off-policy masking and unbiased
KL arXiv:2512.02556. Where TRL differs from the papers on purpose, this file says so: the standard deviation is that of
a sample (n - 1), and 1e-4 is added to it.
"""

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import torch
from torch import Tensor

from tooling.models import Policy
from tooling.tasks import Completion, Countdown, Item, Split
from tooling.train import GRPO
from tooling.verify import Grade, Why

Weights = dict[str, torch.Tensor]
Draw = Sequence[tuple[Item, Completion]]
Masking = Callable[[Item, Completion], Sequence[int]]  # 1 for each token of the policy's, 0 for the environment's
SEEDS = range(40)  # of trainings among which a test finds rollouts that show what it is about
FAINT = 1e-3  # the length of a gradient below which single precision alone would be the larger part of a difference


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
    """Weights before, and gradients at, each step of a training of `model` in place; a step is `passes` passes."""

    def __init__(self, model: torch.nn.Module, *, passes: int = 1) -> None:
        self.passes = passes
        self._weights: dict[str, list[Tensor]] = defaultdict(list)
        self._gradients: dict[str, list[Tensor]] = defaultdict(list)
        for name, parameter in model.named_parameters():
            parameter.register_post_accumulate_grad_hook(self._noting(name))

    def _noting(self, name: str):
        def note(parameter: Tensor) -> None:
            self._weights[name].append(parameter.detach().clone())
            self._gradients[name].append(parameter.grad.detach().clone())

        return note

    @property
    def steps(self) -> int:
        """The number of steps seen."""
        return len(next(iter(self._weights.values()))) // self.passes

    def weights(self, step: int) -> Weights:
        """The weights before a step."""
        return {name: values[step * self.passes] for name, values in self._weights.items()}

    def gradients(self, step: int) -> Weights:
        """The gradients of a step, summed over its passes, before they were clipped."""
        return {name: values[(step + 1) * self.passes - 1] for name, values in self._gradients.items()}


class Terms(NamedTuple):
    """One completion: log-probabilities of its tokens now, before, and at the start; entropies; which tokens count."""

    new: Tensor
    old: Tensor
    start: Tensor
    entropy: Tensor
    own: Tensor
    advantage: Tensor


class Oracle:
    """The expected loss of a step and its gradient, in double precision. The policy is the start of the training."""

    def __init__(self, policy: Policy, settings: GRPO) -> None:
        self.model = copy.deepcopy(policy.model).double().eval()
        self.start = {name: tensor.detach().clone() for name, tensor in self.model.named_parameters()}
        self.policy = policy
        self.settings = settings

    def gradients(self, rollouts: Draw, *, now: Weights, old: Weights, masks: Sequence[Sequence[int]] = ()) -> Weights:
        """The gradient of the loss at the weights `now` for rollouts sampled with `old`; `masks`: whose tokens."""
        leaves = {name: tensor.double().requires_grad_() for name, tensor in now.items()}
        loss = self.loss(rollouts, now=leaves, old=old, masks=masks)
        return dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))

    def loss(self, rollouts: Draw, *, now: Weights, old: Weights, masks: Sequence[Sequence[int]] = ()) -> Tensor:
        """The loss of the settings."""
        masks = masks or [[1] * len(done.tokens) for _, done in rollouts]
        batch = [
            self.terms(item, done, now=now, old=old)._replace(own=self.counted(done, mask), advantage=advantage)
            for (item, done), mask, advantage in zip(rollouts, masks, self.advantages(rollouts), strict=True)
        ]
        threshold = self.threshold(batch)
        loss = self.averaged([(self.of_tokens(terms, threshold), terms.own) for terms in batch])
        if self.settings.entropy_bonus:
            counted = [terms.entropy[terms.own & (terms.entropy >= threshold)] for terms in batch]
            loss = loss - self.settings.entropy_bonus * torch.cat(counted).mean()
        return loss

    def counted(self, done: Completion, mask: Sequence[int]) -> Tensor:
        """The tokens that count: the policy's own, none of a truncated completion where those are masked."""
        kept = done.finished or self.settings.truncated == "kept"
        return torch.tensor(mask, dtype=torch.bool) & kept

    def terms(self, item: Item, done: Completion, *, now: Weights, old: Weights) -> Terms:
        """What the model says about a completion."""
        new, before, start = (self.distribution(item, done, weights) for weights in (now, old, self.start))
        ids = torch.tensor(done.tokens)[:, None]
        chosen = [logs.gather(1, ids).squeeze(1) for logs in (new, before.detach(), start.detach())]
        entropy = -(new.exp() * new).sum(1)
        return Terms(*chosen, entropy, torch.empty(0), torch.empty(0))

    def threshold(self, batch: Sequence[Terms]) -> Tensor:
        """The entropy from which on a token trains: a quantile over all tokens of the step."""
        every = torch.cat([terms.entropy[terms.own] for terms in batch]).detach()
        if not len(every):
            return torch.tensor(0.0)
        return every.quantile(1 - self.settings.entropy_share) if self.settings.entropy_share < 1 else every.min()

    def of_tokens(self, terms: Terms, threshold: Tensor) -> Tensor:
        """The loss of each token of a completion."""
        settings, log_ratio = self.settings, terms.new - terms.old
        drift = float(-log_ratio[terms.own].detach().mean()) if terms.own.any() else 0.0
        kept = settings.off_policy_kl is None or terms.advantage >= 0 or drift <= settings.off_policy_kl
        ratio = self.ratio(log_ratio, terms.own)
        loss = -self.surrogate(ratio, terms) * (terms.entropy >= threshold) * kept
        if settings.kl:
            kl = (terms.start - terms.new).exp() - (terms.start - terms.new) - 1
            loss = loss + settings.kl * kl * (ratio if settings.kl_estimator == "unbiased" else 1)
        return loss

    def ratio(self, log_ratio: Tensor, own: Tensor) -> Tensor:
        """The importance ratio of each token."""
        if self.settings.ratio == "token" or not own.any():
            return log_ratio.exp()
        return log_ratio[own].mean().exp().expand_as(log_ratio)

    def surrogate(self, ratio: Tensor, terms: Terms) -> Tensor:
        """What is to grow, for each token."""
        settings, advantage = self.settings, terms.advantage
        if settings.loss == "cispo":
            return ratio.clamp(max=1 + settings.clip_high).detach() * advantage * terms.new
        if settings.loss == "sapo":
            temperature = 1.0 if advantage > 0 else 1.05
            return torch.sigmoid(temperature * (ratio - 1)) * 4 / temperature * advantage
        if settings.loss == "vespo":
            k, rate = (2.0, 3.0) if advantage >= 0 else (3.0, 2.0)
            whole = (terms.new - terms.old)[terms.own].sum().exp().detach()
            return whole**k * (rate * (1 - whole)).exp() * advantage * terms.new
        return self.clipped(ratio, advantage)

    def clipped(self, ratio: Tensor, advantage: Tensor) -> Tensor:
        """min(r A, clip(r, 1 - e_low, 1 + e_high) A), for each token; r capped where A is negative."""
        low, high = self.settings.clip_low, self.settings.clip_high
        inside = ratio.clamp(0 if low is None else 1 - low, torch.inf if high is None else 1 + high)
        if self.settings.ratio_cap is not None and advantage < 0:
            ratio = ratio.clamp(max=self.settings.ratio_cap)
        return torch.minimum(ratio * advantage, inside * advantage)

    def averaged(self, batch: list[tuple[Tensor, Tensor]]) -> Tensor:
        """One number from the losses of all tokens of all completions, each with the tokens that count."""
        sums, counts = [loss[own].sum() for loss, own in batch], [int(own.sum()) for _, own in batch]
        if self.settings.loss in ("grpo", "sapo"):
            return torch.stack([each / max(1, count) for each, count in zip(sums, counts, strict=True)]).mean()
        if self.settings.loss in ("rloo", "luspo"):
            return torch.stack(sums).mean()
        if self.settings.loss == "dr_grpo":
            return sum(sums) / (len(batch) * self.settings.tokens * self.settings.turns)
        return sum(sums) / sum(counts)  # bnpo, and dapo, cispo and vespo where a step has one batch

    def advantages(self, rollouts: Draw) -> Tensor:
        """Rewards less the baseline, divided as the settings say."""
        rewards = torch.tensor([sum(done.tokens) % 5 / 4 for _, done in rollouts], dtype=torch.float64)
        groups = rewards.view(self.settings.prompts, self.settings.completions)
        if self.settings.baseline == "leave_one_out":
            others = (groups.sum(1, keepdim=True) - groups) / (self.settings.completions - 1)
            return (groups - others).flatten()
        centred = groups - groups.mean(1, keepdim=True)
        if self.settings.scale == "group":
            centred = centred / (groups.std(1, keepdim=True) + 1e-4)
        if self.settings.scale == "batch":
            centred = centred / (rewards.std() + 1e-4)
        return centred.flatten()

    def logprobs(self, item: Item, completion: Completion, weights: Weights) -> Tensor:
        """The log-probability of each token of a completion, end token included."""
        logs = self.distribution(item, completion, weights)
        return logs.gather(1, torch.tensor(completion.tokens)[:, None]).squeeze(1)

    def distribution(self, item: Item, completion: Completion, weights: Weights) -> Tensor:
        """Log-probabilities of the whole vocabulary at each token of a completion: (tokens, vocabulary)."""
        prefix = self.policy.tokenizer(self.policy.prefix + item.prompt)["input_ids"]
        ids = torch.tensor([[*prefix, *completion.tokens]])
        full = {name: tensor.double() for name, tensor in weights.items()}
        logits = torch.func.functional_call(self.model, full, (ids,)).logits[0, len(prefix) - 1 : -1]
        return (logits / self.settings.temperature).log_softmax(-1)


class Run:
    """A training that was recorded, beside what the oracle of its start says of the same rollouts.

    `masking` tells whose each token of a completion is; without it all are the policy's.
    """

    def __init__(self, oracle: Oracle, record: Record, task: Rollouts, *, masking: Masking | None = None) -> None:
        self.oracle = oracle
        self.record = record
        self.draws = task.draws(oracle.settings)
        self.masking = masking
        self.steps = range(oracle.settings.steps)
        if record.steps != len(self.steps):
            raise ValueError(f"{record.steps} steps were recorded; the settings have {len(self.steps)}")

    def gradients(self, step: int, *, oracle: Oracle | None = None, masking: Masking | None = None) -> Weights:
        """The gradient of a step by the oracle; or by another one, or with other masks."""
        draw, masking = step // self.oracle.settings.updates, masking or self.masking
        masks = [masking(*rollout) for rollout in self.draws[draw]] if masking else ()
        now, old = self.record.weights(step), self.record.weights(draw * self.oracle.settings.updates)
        return (oracle or self.oracle).gradients(self.draws[draw], now=now, old=old, masks=masks)

    @cached_property
    def expected(self) -> list[Weights]:
        """The gradient of each step by the oracle."""
        return [self.gradients(step) for step in self.steps]

    @property
    def errors(self) -> list[float]:
        """How far the gradient of each step is from the oracle's."""
        return [distance(self.record.gradients(step), self.expected[step]) for step in self.steps]

    @property
    def teaches(self) -> bool:
        """Whether every step has something to learn: a gradient by the oracle that is not zero."""
        return all(length(gradient) > FAINT for gradient in self.expected)

    def tells_from(self, settings: GRPO) -> bool:
        """Whether another loss would have another gradient in at least one step."""
        other = copy.copy(self.oracle)
        other.settings = settings
        return any(distance(self.gradients(step, oracle=other), self.expected[step]) > 1e-3 for step in self.steps)

    @property
    def mixed(self) -> bool:
        """Whether each draw has several lengths, completions that ended and some that did not, and spread in groups."""
        return all(
            len({len(done.tokens) for _, done in draw}) > 1
            and {done.finished for _, done in draw} == {True, False}
            and bool((self.oracle.advantages(draw).view(-1, self.oracle.settings.completions).std(1) > 0).all())
            for draw in self.draws
        )

    def ratios(self, step: int) -> Tensor:
        """The importance ratios of all tokens of a step."""
        draw = step // self.oracle.settings.updates
        now, old = self.record.weights(step), self.record.weights(draw * self.oracle.settings.updates)
        logs = [[self.oracle.logprobs(*each, weights) for weights in (now, old)] for each in self.draws[draw]]
        return torch.cat([new - before for new, before in logs]).exp()


def first_run(make: Callable[[int], Run], fits: Callable[[Run], bool]) -> Run:
    """The training of the first seed that fits; raises `LookupError` if none of `SEEDS` does."""
    for seed in SEEDS:
        if fits(run := make(seed)):
            return run
    raise LookupError(f"no training of seeds {SEEDS.start} to {SEEDS.stop - 1} has rollouts that fit")


def length(gradient: Weights) -> float:
    """The length of a gradient."""
    return sum(float(tensor.double().square().sum()) for tensor in gradient.values()) ** 0.5


def distance(one: Weights, other: Weights) -> float:
    """The length of the difference of two gradients, relative to the second."""
    return length({name: one[name].double() - other[name].double() for name in other}) / length(other)
