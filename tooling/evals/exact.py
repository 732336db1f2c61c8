"""Exact chances under a policy, where all completions that matter can be enumerated: no sampling, any k.

A completion's probability is the product of those of its tokens, the end token included; an item's chance of success is
the sum over its solutions, which are different completions and so exclude one another.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch

from tooling.evals.sampler import encoded
from tooling.models import Policy
from tooling.tasks import Completion, Item, Task

ROWS = 2048  # completions side by side, at most
LOGITS = 2**26  # numbers in the logits of one forward pass, at most, unless one item alone needs more: 256 MB


class Enumerable(Protocol):
    """A task that lists all accepted completions of an item, or as many as make up nearly all the probability."""

    def solutions(self, item: Item) -> Sequence[str]:
        """The accepted completions, each once."""
        ...


def solve_probability(
    policy: Policy, task: Enumerable, items: Sequence[Item], *, temperature: float = 1.0
) -> np.ndarray:
    """The chance that one sample solves each item: (items,), float64.

    It counts what `task.solutions` lists, each text in the tokenizer's own spelling, so it is a lower bound where the
    grader accepts more; compare it with the share of correct samples to see by how much. No limit on tokens is applied.

    >>> pass_at(solve_probability(policy, Countdown(), items), 1024)
    0.94
    """
    solutions = [task.solutions(item) for item in items]
    prompts = [item.prompt for item in items]
    scored = completion_logprobs(policy, prompts, completions=solutions, temperatures=(temperature,))
    return np.array([np.exp(each[0]).sum() for each in scored])


def coverage(
    policy: Policy, task: Enumerable, *, items: Sequence[Item], k: Sequence[int] = (1, 64, 1024)
) -> dict[str, float]:
    """The exact pass@k of a policy on some items by name, such as `{"pass@1": 0.15, "pass@1024": 0.84}`."""
    solved = solve_probability(policy, task, items)
    return {f"pass@{samples}": pass_at(solved, samples) for samples in k}


class Exact(NamedTuple):
    """Listed completions of some items, graded, with their chances under a policy at one temperature."""

    completions: Sequence[Sequence[str]]  # (items, completions of the item), each once
    correct: Sequence[np.ndarray]  # as graded, (completions,) for each item
    logprobs: Sequence[np.ndarray]  # nats, (completions,) for each item

    @property
    def solved(self) -> np.ndarray:
        """The chance that one sample solves each item by a listed completion: (items,)."""
        rows = zip(self.logprobs, self.correct, strict=True)
        return np.array([np.exp(logprobs[correct]).sum() for logprobs, correct in rows])

    @property
    def listed(self) -> np.ndarray:
        """The chance that one sample is a listed completion, right or wrong: (items,)."""
        return np.array([np.exp(logprobs).sum() for logprobs in self.logprobs])

    @property
    def entropy(self) -> float:
        """The mean over items of the entropy (nats) of which listed completion is drawn, or none of them."""
        return float(
            np.mean([_entropy(np.append(np.exp(row), max(0.0, 1 - np.exp(row).sum()))) for row in self.logprobs])
        )

    def beyond(self, other: "Exact", *, reach: float) -> float:
        """Of the right samples, the share that `other` draws with a chance below `reach`, where both list the same.

        sum of p over right completions with q < reach, divided by the sum of p over all right ones; all items together.

        >>> Exact([["a", "b"]], [both_right], [np.log([0.3, 0.1])]).beyond(base, reach=1 / 4096)  # b is not in the base
        0.25
        """
        rows = zip(self.logprobs, other.logprobs, self.correct, strict=True)
        out = sum(np.exp(mine[right & (theirs < np.log(reach))]).sum() for mine, theirs, right in rows)
        return float(out / self.solved.sum())

    def surprise(self, other: "Exact") -> float:
        """The mean over right samples of -log(chance under `other`), in nats per completion; all items together.

        The logarithm of a perplexity, per completion and not per token (arXiv:2504.13837, section 4.1).
        """
        rows = zip(self.logprobs, other.logprobs, self.correct, strict=True)
        total = sum(-(np.exp(mine[right]) * theirs[right]).sum() for mine, theirs, right in rows)
        return float(total / self.solved.sum())

    def votes(self, answer: Callable[[str], str]) -> list[dict[str, float]]:
        """For each item the chance of each answer, `answer(text)` of a completion; what is not listed has none."""
        found: list[dict[str, float]] = []
        for texts, logprobs in zip(self.completions, self.logprobs, strict=True):
            found.append({})
            for text, chance in zip(texts, np.exp(logprobs), strict=True):
                found[-1][answer(text)] = found[-1].get(answer(text), 0.0) + float(chance)
        return found


def _entropy(chances: np.ndarray) -> float:
    held = chances[chances > 0]
    return float(-(held * np.log(held)).sum())


def exact_chances(
    policy: Policy,
    task: Task,
    *,
    items: Sequence[Item],
    completions: Sequence[Sequence[str]],
    temperatures: Sequence[float] = (1.0,),
) -> list[Exact]:
    """The chances of listed completions of each item, one `Exact` per temperature; the task grades them.

    List whatever matters: all solutions for pass@k, all answers that are common for majorities. What is not listed
    counts as not drawn, so chances of success are lower bounds.
    """
    correct = [
        np.array([task.grade(Completion(text, (), True), item).correct for text in texts], dtype=bool)
        for item, texts in zip(items, completions, strict=True)
    ]
    scored = completion_logprobs(
        policy, [item.prompt for item in items], completions=completions, temperatures=temperatures
    )
    return [Exact(completions, correct, [each[place] for each in scored]) for place in range(len(temperatures))]


def completion_logprobs(
    policy: Policy,
    prompts: Sequence[str],
    *,
    completions: Sequence[Sequence[str]],
    temperatures: Sequence[float] = (1.0,),
    rows: int = ROWS,
) -> list[np.ndarray]:
    """For each prompt, the log-probabilities (nats) of its completions: (temperatures, completions), float64.

    `completions[i]` are texts behind `prompts[i]`; each is scored with its end token, as a sampler at that temperature
    without top-k or top-p would draw it. Several temperatures cost one pass of the model. At most `rows` completions
    are scored side by side (those of one prompt always are), and the result does not depend on it. Raises `ValueError`
    for a temperature of 0: greedy decoding gives one completion, so sample that.
    """
    if not all(temperature > 0 for temperature in temperatures):
        raise ValueError(
            f"temperatures are {tuple(temperatures)}; give numbers above 0, and sample for greedy decoding"
        )
    end = policy.tokenizer.eos_token_id
    heads = [encoded(policy, prompt) for prompt in prompts]
    tails = [
        [[*policy.tokenizer(text, add_special_tokens=False)["input_ids"], end] for text in texts]
        for texts in completions
    ]
    widest = max((len(tail) for group in tails for tail in group), default=1)
    most = min(rows, LOGITS // (widest * policy.model.config.vocab_size))
    scored: list[np.ndarray] = []
    for start, stop in _batches([len(each) for each in tails], most):
        flat = [tail for group in tails[start:stop] for tail in group]
        owners = [place for place, group in enumerate(tails[start:stop]) for _ in group]
        values = _logprobs(policy, heads[start:stop], tails=_Tails(flat, owners), temperatures=temperatures)
        ends = np.cumsum([len(group) for group in tails[start:stop]])[:-1]
        scored.extend(np.split(values, ends, axis=1))
    return scored


def pass_at(probabilities: Sequence[float] | np.ndarray, k: float) -> float:
    """Mean over items of the exact pass@k, 1 - (1 - p)^k, without loss for p near 0 and k in the millions.

    >>> pass_at([0.5, 0.0], 2)
    0.375
    """
    p = np.clip(np.asarray(probabilities, dtype=np.float64), 0.0, 1.0)
    with np.errstate(divide="ignore"):  # p = 1 is solved for sure
        return float(np.mean(-np.expm1(k * np.log1p(-p))))


def majority_at(
    answers: Sequence[Mapping[str, float]], golds: Sequence[str], *, k: int, draws: int = 400, seed: int = 0
) -> float:
    """Mean over items of maj@k: the chance that the answer with most votes among k samples is the gold one.

    `answers[i]` has the probability of each answer of item i; what is missing to 1 gives no answer and no vote. A tie
    counts by its share, no vote at all counts 0. By `draws` draws of k votes per item from the exact distribution,
    the same for the same `seed`; the standard error of an item is at most 1 / (2 sqrt(draws)).

    >>> majority_at([{"3": 0.6, "4": 0.4}], ["3"], k=1001)
    1.0
    """
    source = np.random.default_rng(seed)
    rows = zip(answers, golds, strict=True)
    return float(np.mean([_won(each, gold, k=k, draws=draws, source=source) for each, gold in rows]))


def _won(answers: Mapping[str, float], gold: str, *, k: int, draws: int, source: np.random.Generator) -> float:
    """The share of votes that `gold` wins for one item."""
    if gold not in answers:
        return 0.0
    chances = np.array([answers[gold], *(chance for answer, chance in answers.items() if answer != gold)])
    chances = np.append(chances, max(0.0, 1.0 - chances.sum()))
    votes = source.multinomial(k, chances / chances.sum(), size=draws)[:, :-1]
    most = votes.max(axis=1)
    leaders = (votes == most[:, None]).sum(axis=1)
    return float(np.mean(((votes[:, 0] == most) & (most > 0)) / leaders))


class _Tails(NamedTuple):
    """Token ids of completions, and the place of the prompt that each belongs to."""

    ids: list[list[int]]
    owners: list[int]


def _batches(sizes: Sequence[int], rows: int) -> list[tuple[int, int]]:
    """Stretches of prompts that have about `rows` completions together; a prompt is never split."""
    stretches, start, total = [], 0, 0
    for place, size in enumerate(sizes):
        if total and total + size > rows:
            stretches.append((start, place))
            start, total = place, 0
        total += size
    return [*stretches, (start, len(sizes))] if sizes else []


@torch.no_grad()
def _logprobs(policy: Policy, heads: list[list[int]], *, tails: _Tails, temperatures: Sequence[float]) -> np.ndarray:
    """(temperatures, completions): the prompts go through the model once, and their keys and values are shared."""
    if not tails.ids:
        return np.zeros((len(temperatures), 0))
    model = policy.model.eval()
    longest = max(map(len, heads))
    mask = torch.tensor([[0] * (longest - len(head)) + [1] * len(head) for head in heads], device=model.device)
    ids = torch.tensor([[0] * (longest - len(head)) + list(head) for head in heads], device=model.device)
    places = (mask.cumsum(1) - 1).clamp(min=0)
    first = model(input_ids=ids, attention_mask=mask, position_ids=places, use_cache=True, logits_to_keep=1)
    owners = torch.tensor(tails.owners, device=model.device)
    width = max(map(len, tails.ids))
    targets = torch.tensor([tail + [-1] * (width - len(tail)) for tail in tails.ids], device=model.device)
    logits = first.logits[owners]
    if width > 1:
        cache = first.past_key_values
        cache.reorder_cache(owners)
        steps = torch.arange(width - 1, device=model.device)
        rest = model(
            input_ids=targets[:, :-1].clamp(min=0),
            attention_mask=torch.cat([mask[owners], torch.ones_like(targets[:, :-1])], 1),
            position_ids=mask.sum(1)[owners, None] + steps,
            past_key_values=cache,
        )
        logits = torch.cat([logits, rest.logits], 1)
    return np.stack([_summed(logits / temperature, targets) for temperature in temperatures])


def _summed(logits: torch.Tensor, targets: torch.Tensor) -> np.ndarray:
    """The log-probability of each row of target ids; -1 is padding."""
    chosen = logits.float().gather(2, targets.clamp(min=0)[..., None])[..., 0] - logits.float().logsumexp(2)
    return chosen.double().where(targets >= 0, 0.0).sum(1).cpu().numpy()
