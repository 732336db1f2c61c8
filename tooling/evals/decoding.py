"""Decoding: token by token with the model's own forward pass and cache, without work on what is finished.

What `generate` of transformers does plainly, with two savings that matter for groups of short completions: a prompt
that several rows share is read once, and rows that have ended leave the batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from transformers import PreTrainedModel, TopKLogitsWarper, TopPLogitsWarper

SHARE_LEFT = 0.8  # rows are put together when no more than this share of them goes on; each time copies the cache


@dataclass(frozen=True)
class Choice:
    """How the next token is chosen; ids of tokens."""

    temperature: float
    top_p: float
    top_k: int
    suppressed: tuple[int, ...]
    ends: tuple[int, ...]  # a row ends with the first of these

    def __call__(self, logits: torch.Tensor) -> torch.Tensor:
        """One id per row of `logits` (rows, vocabulary)."""
        if self.suppressed:
            logits = logits.index_fill(1, torch.tensor(self.suppressed, device=logits.device), -torch.inf)
        if self.temperature == 0:
            return logits.argmax(-1)
        logits = logits / self.temperature
        for warper in self._warpers:
            logits = warper(None, logits)
        return torch.multinomial(logits.softmax(-1), 1)[:, 0]

    @property
    def _warpers(self) -> list[TopKLogitsWarper | TopPLogitsWarper]:
        cut = [TopKLogitsWarper(self.top_k)] if self.top_k else []
        return [*cut, TopPLogitsWarper(self.top_p)] if self.top_p < 1 else cut


class Decoded(NamedTuple):
    """The sampled ids of each row, its end token included, and the log-probability of each under the plain model."""

    rows: list[list[int]]
    logprobs: list[list[float]]


class _Batch(NamedTuple):
    """The rows that go on: their places, attention mask (None without padding), next positions, cache and logits."""

    places: torch.Tensor
    mask: torch.Tensor | None
    positions: torch.Tensor
    cache: object
    logits: torch.Tensor

    def only(self, kept: torch.Tensor) -> "_Batch":
        """The rows at the indices `kept`, which may repeat."""
        self.cache.batch_select_indices(kept)
        mask = None if self.mask is None else self.mask[kept]
        return _Batch(self.places[kept], mask, self.positions[kept], self.cache, self.logits[kept])


@torch.inference_mode()
def decode(model: PreTrainedModel, prefixes: Sequence[Sequence[int]], *, choice: Choice, tokens: int) -> Decoded:
    """At most `tokens` ids for each prefix; draws from torch's global source of randomness.

    Raises `RuntimeError` where the model's logits are not finite.
    """
    batch = _read(model, prefixes)
    sampled: list[list[int]] = [[] for _ in prefixes]
    logprobs: list[list[float]] = [[] for _ in prefixes]
    ends = torch.tensor(choice.ends, device=model.device)
    for step in range(tokens):
        chosen = choice(batch.logits)
        known = batch.logits.float().log_softmax(-1).gather(1, chosen[:, None])[:, 0]
        running = ~torch.isin(chosen, ends)
        _note(batch.places.tolist(), chosen, known, into=(sampled, logprobs), ends=choice.ends)
        left = int(running.sum())
        if not left or step + 1 == tokens:
            break
        if left <= SHARE_LEFT * len(running):
            kept = running.nonzero()[:, 0]
            batch, chosen = batch.only(kept), chosen[kept]
        batch = _next(model, batch, chosen)
    return Decoded(sampled, logprobs)


def _note(
    places: list[int],
    chosen: torch.Tensor,
    known: torch.Tensor,
    *,
    into: tuple[list[list[int]], list[list[float]]],
    ends: Sequence[int],
) -> None:
    """Add the chosen ids to the rows that have not ended; a row that has may still be in the batch."""
    sampled, logprobs = into
    for place, token, value in zip(places, chosen.tolist(), known.tolist(), strict=True):
        if not sampled[place] or sampled[place][-1] not in ends:
            sampled[place].append(token)
            logprobs[place].append(value)


def _read(model: PreTrainedModel, prefixes: Sequence[Sequence[int]]) -> _Batch:
    """The model's state behind every prefix; each different one is read once, padded on the left."""
    numbers: dict[tuple[int, ...], int] = {}
    which = [numbers.setdefault(tuple(prefix), len(numbers)) for prefix in prefixes]
    longest = max(map(len, numbers))
    ids = torch.tensor([[0] * (longest - len(prefix)) + list(prefix) for prefix in numbers], device=model.device)
    shown = torch.tensor([[0] * (longest - len(prefix)) + [1] * len(prefix) for prefix in numbers], device=model.device)
    positions = (shown.cumsum(1) - 1).clamp(min=0)
    mask = None if bool(shown.all()) else shown
    out = model(input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=True, logits_to_keep=1)
    rows = torch.arange(len(numbers), device=model.device)
    read = _Batch(rows, mask, positions[:, -1] + 1, out.past_key_values, out.logits[:, -1])
    each = read.only(torch.tensor(which, device=model.device))
    return each._replace(places=torch.arange(len(prefixes), device=model.device))


def _next(model: PreTrainedModel, batch: _Batch, chosen: torch.Tensor) -> _Batch:
    """The state one token on."""
    mask = None if batch.mask is None else torch.cat([batch.mask, batch.mask.new_ones(len(chosen), 1)], dim=1)
    out = model(
        input_ids=chosen[:, None],
        attention_mask=mask,
        position_ids=batch.positions[:, None],
        past_key_values=batch.cache,
        use_cache=True,
    )
    return _Batch(batch.places, mask, batch.positions + 1, batch.cache, out.logits[:, -1])
