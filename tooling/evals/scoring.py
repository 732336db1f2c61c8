"""What a model makes of given completions: probabilities, entropies, hidden states, attention, and its distance."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from transformers import PreTrainedModel

from tooling.evals.sampler import Prefix, encoded
from tooling.models import Policy
from tooling.tasks import Completion

SIDE_BY_SIDE = 256  # sequences in one forward pass, at most
LOGITS = 2**26  # numbers in the logits of one forward pass, at most: 256 MB
TOP = 20  # tokens whose log-probabilities make a token's confidence (arXiv:2508.15260; its script asks for 20)
WANTS = ("logprobs", "entropy", "confidence", "hidden", "attention")


class Scored(NamedTuple):
    """What `score` found, in float32 on the CPU, one tensor per completion; empty where it was not wanted.

    `starts[i]` is the length of prefix i: the completion's tokens stand at the places from there on in `hidden` and
    `attention`, which have `length` = prefix and completion together.
    """

    starts: list[int]
    logprobs: list[torch.Tensor]  # (tokens,): of each token, at temperature 1
    entropy: list[torch.Tensor]  # (tokens,): of the distribution that each token was drawn from, in nats
    confidence: list[torch.Tensor]  # (tokens,): mean negative log-probability of the 20 most probable tokens there
    hidden: list[torch.Tensor]  # (layers + 1, length, width): the residual stream before the layers and behind each
    attention: list[torch.Tensor]  # (layers, heads, length, length): rows look at columns and sum to 1

    @property
    def totals(self) -> list[float]:
        """The log-probability of each whole completion, summed in float64."""
        return [float(each.double().sum()) for each in self.logprobs]


def score(
    policy: Policy,
    prefixes: Sequence[Prefix],
    completions: Sequence[Completion | Sequence[int]],
    *,
    want: Sequence[str] = ("logprobs",),
) -> Scored:
    """What the policy makes of each completion behind its prefix; neither dropout nor other completions touch it.

    `want`: any of `logprobs`, `entropy`, `confidence`, `hidden`, `attention`; the last two take memory that grows with
    the length and its square, so ask for them on few sequences. Attention needs the plain implementation, which is
    used for that call only. Raises `ValueError` for an unknown want and for a completion with nothing before it.
    """
    unknown = [each for each in want if each not in WANTS]
    if unknown:
        raise ValueError(f"score: {', '.join(map(repr, unknown))} is none of {', '.join(WANTS)}")
    rows = _rows(policy, prefixes, completions)
    found: list[dict[str, torch.Tensor]] = [{} for _ in rows]
    with torch.no_grad(), _evaluated(policy.model), _eager(policy.model, "attention" in want):
        for places in _batches(policy, rows):
            batch = [rows[place] for place in places]
            with _stream(policy.model, "hidden" in want) as stream:
                out = _forward(policy, batch, attention="attention" in want)
            for line, (place, row) in enumerate(zip(places, batch, strict=True)):
                found[place] = {name: _part(out, stream, name, (row, line)) for name in want}
    columns = {name: [each[name] for each in found] if name in want else [] for name in WANTS}
    return Scored([row.start for row in rows], **columns)


def kl(
    policy: Policy,
    reference: Policy,
    *,
    prefixes: Sequence[Prefix],
    completions: Sequence[Completion | Sequence[int]],
) -> float:
    """The mean over all tokens of the completions of KL(policy || reference), exact over the vocabulary, in nats.

    On the policy's own completions it estimates the KL per token that training penalises; on others it compares the
    two where those lead. Computed in float64; 0 for a policy and itself. Raises `ValueError` where the vocabularies
    differ in size, and without any token.
    """
    rows = _rows(policy, prefixes, completions)
    tokens = sum(len(row.ids) - row.start for row in rows)
    if not tokens:
        raise ValueError("kl: the completions have no token; give at least one")
    total = 0.0
    with torch.no_grad(), _evaluated(policy.model), _evaluated(reference.model):
        for places in _batches(policy, rows):
            batch = [rows[place] for place in places]
            ours, theirs = (_log_softmax(_forward(each, batch).logits) for each in (policy, reference))
            if ours.shape != theirs.shape:
                raise ValueError(f"kl: vocabularies of {ours.shape[-1]} and {theirs.shape[-1]}; they must be the same")
            distance = (ours.exp() * (ours - theirs.to(ours.device))).sum(-1)
            total += sum(float(distance[line, row.drawn].sum()) for line, row in enumerate(batch))
    return total / tokens


class _Row(NamedTuple):
    """A sequence: the ids of prefix and completion, and where the completion starts."""

    ids: list[int]
    start: int

    @property
    def drawn(self) -> slice:
        """The places whose logits the completion's tokens were drawn from."""
        return slice(self.start - 1, len(self.ids) - 1)


def _rows(policy: Policy, prefixes: Sequence[Prefix], completions: Sequence[Completion | Sequence[int]]) -> list[_Row]:
    rows = []
    for prefix, completion in zip(prefixes, completions, strict=True):
        head = encoded(policy, prefix)
        if not head:
            raise ValueError(f"score: prefix {len(rows)} is empty, so its completion's first token has no probability")
        tokens = completion.tokens if isinstance(completion, Completion) else completion
        rows.append(_Row([*head, *tokens], len(head)))
    return rows


def _batches(policy: Policy, rows: Sequence[_Row]) -> Iterator[list[int]]:
    """Places of rows for one forward pass each, the longest first, so that there is little padding."""
    order = sorted(range(len(rows)), key=lambda place: (-len(rows[place].ids), place))
    vocabulary = policy.model.get_output_embeddings().weight.shape[0]
    while order:
        count = max(1, min(SIDE_BY_SIDE, LOGITS // (len(rows[order[0]].ids) * vocabulary)))
        yield order[:count]
        order = order[count:]


def _forward(policy: Policy, rows: Sequence[_Row], *, attention: bool = False) -> Any:
    """The model's output for rows padded on the right, where no token looks at the padding."""
    longest = max(len(row.ids) for row in rows)
    ids = torch.tensor([row.ids + [0] * (longest - len(row.ids)) for row in rows])
    mask = torch.tensor([[1] * len(row.ids) + [0] * (longest - len(row.ids)) for row in rows])
    device = policy.model.device
    return policy.model(ids.to(device), attention_mask=mask.to(device), use_cache=False, output_attentions=attention)


def _log_softmax(logits: torch.Tensor) -> torch.Tensor:
    return logits.double().log_softmax(-1)


def _part(out: Any, stream: Sequence[torch.Tensor], name: str, at: tuple[_Row, int]) -> torch.Tensor:
    """One wanted tensor of a row and its line in the batch, without its padding."""
    row, line = at
    length = len(row.ids)
    if name == "hidden":
        return torch.stack([layer[line, :length] for layer in stream]).float().cpu()
    if name == "attention":
        return torch.stack([layer[line, :, :length, :length] for layer in out.attentions]).float().cpu()
    known = _log_softmax(out.logits[line, row.drawn])
    if name == "entropy":
        return torch.special.entr(known.exp()).sum(-1).float().cpu()
    if name == "confidence":
        return -known.topk(min(TOP, known.shape[-1]), dim=-1).values.mean(-1).float().cpu()
    tokens = torch.tensor(row.ids[row.start :], dtype=torch.long, device=known.device)
    return known.gather(1, tokens[:, None])[:, 0].float().cpu()


@contextmanager
def _evaluated(model: PreTrainedModel) -> Iterator[None]:
    """Dropout off; afterwards the model is as it was, since a probe may look in the middle of a training."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


@contextmanager
def _stream(model: PreTrainedModel, wanted: bool) -> Iterator[list[torch.Tensor]]:
    """The residual stream of the next forward pass, before the layers and behind each.

    By hooks of our own: what transformers collects is taken before other hooks, so that steering would not show.
    """
    seen: list[torch.Tensor] = []
    layers = model.get_decoder().layers

    def before(module: torch.nn.Module, given: tuple, named: dict) -> None:
        seen.append(given[0] if given else named["hidden_states"])

    def behind(module: torch.nn.Module, given: Any, written: Any) -> None:
        seen.append(written[0] if isinstance(written, tuple) else written)

    handles = [layers[0].register_forward_pre_hook(before, with_kwargs=True)] if wanted else []
    handles += [layer.register_forward_hook(behind) for layer in layers] if wanted else []
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _eager(model: PreTrainedModel, wanted: bool) -> Iterator[None]:
    """The plain implementation of attention where its maps are wanted: the fast ones do not keep them."""
    before = model.config._attn_implementation
    if wanted:
        model.set_attn_implementation("eager")
    try:
        yield
    finally:
        if wanted:
            model.set_attn_implementation(before)
