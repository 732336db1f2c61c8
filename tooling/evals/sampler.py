"""Samplers: from token prefixes to completions."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import transformers
from transformers import PreTrainedTokenizerBase

from tooling.evals.decoding import Choice, decode
from tooling.models import Policy
from tooling.tasks import Completion

Prefix = str | Sequence[int]  # a prompt, or token ids to go on from


@dataclass(frozen=True)
class SampleSettings:
    """How to sample. Two calls with the same settings, policy and prefixes give the same completions.

    A completion ends at the end token (then it is `finished`), at the first token of `stop` (then that is its last
    token, it is not finished, and `stopped_at` tells), or at the limit of `tokens`.
    """

    tokens: int = 48  # at most, the token at which it ends included
    temperature: float = 1.0  # 0 is greedy
    batch: int = 256  # sequences side by side
    seed: int = 0
    stop: tuple[str, ...] = ()  # texts of single tokens at which a completion also ends
    suppressed: tuple[str, ...] = ()  # texts of single tokens that are never sampled; the end token may be one
    top_p: float = 1.0  # sample from the fewest tokens with this much probability (1909.09751, section 3.1); 1: all
    top_k: int = 0  # sample from the k most probable tokens; 0: all
    # Fill `Completion.logprobs`: of each sampled token, under the model itself, that is at temperature 1 with nothing
    # cut off or suppressed, whatever it was sampled with. `score` gives the same numbers.
    logprobs: bool = False

    def __post_init__(self) -> None:
        """Raise `ValueError` for numbers that make no sense, all of them at once."""
        wrong = [
            message
            for holds, message in (
                (self.tokens >= 1, f"tokens={self.tokens} must be at least 1"),
                (self.temperature >= 0, f"temperature={self.temperature} must not be below 0"),
                (self.batch >= 1, f"batch={self.batch} must be at least 1"),
                (0 < self.top_p <= 1, f"top_p={self.top_p} must be above 0 and at most 1"),
                (self.top_k >= 0, f"top_k={self.top_k} must not be below 0"),
            )
            if not holds
        ]
        if wrong:
            raise ValueError(f"SampleSettings: {'; '.join(wrong)}")


Sampler = Callable[[Sequence[Prefix], SampleSettings], list[Completion]]


def transformers_sampler(policy: Policy) -> Sampler:
    """A sampler that runs the policy's model in transformers; it carries the name of its `engine`."""
    return _TransformersSampler(policy)


def engine_of(sampler: Sampler) -> str:
    """Name and version of the engine behind a sampler, a part of a result's identity; `own` for a work's own sampler.

    >>> engine_of(lambda prefixes, settings: [])
    'own'
    """
    return getattr(sampler, "engine", "own")


def single_tokens(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[int]:
    """The id of each text, which must be one token of the vocabulary; raises `ValueError` naming those that are not."""
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    unknown = tokenizer.unk_token_id
    bad = [text for text, found in zip(texts, ids, strict=True) if len(found) != 1 or found[0] == unknown]
    if bad:
        named = ", ".join(map(repr, bad))
        raise ValueError(f"SampleSettings: {named} in `stop` or `suppressed` is not one token of the vocabulary")
    return [found[0] for found in ids]


def stopped_at(completion: Completion, settings: SampleSettings, *, tokenizer: PreTrainedTokenizerBase) -> str | None:
    """The text of `settings.stop` at which a completion ended; None if it ended by itself or at the limit."""
    last = completion.tokens[-1] if completion.tokens and not completion.finished else None
    stops = dict(zip(single_tokens(tokenizer, settings.stop), settings.stop, strict=True))
    return stops.get(last)


def encoded(policy: Policy, prefix: Prefix) -> list[int]:
    """The token ids of a prompt, with what the policy's prompts begin with; token ids are taken as they are."""
    return policy.encode(prefix) if isinstance(prefix, str) else list(prefix)


@dataclass(frozen=True)
class _TransformersSampler:
    policy: Policy
    engine: str = f"transformers {transformers.__version__}"

    def __call__(self, prefixes: Sequence[Prefix], settings: SampleSettings) -> list[Completion]:
        known = {prefix: encoded(self.policy, prefix) for prefix in prefixes if isinstance(prefix, str)}
        ids = [known[prefix] if isinstance(prefix, str) else list(prefix) for prefix in prefixes]
        # longest first: little padding, and the first batch shows at once whether the memory is enough
        order = sorted(range(len(ids)), key=lambda place: (-len(ids[place]), place))
        completions: list[Completion | None] = [None] * len(prefixes)
        with torch.random.fork_rng(), in_evaluation(self.policy.model):
            torch.manual_seed(settings.seed)
            for start in range(0, len(order), settings.batch):
                places = order[start : start + settings.batch]
                batch = _sampled(self.policy, [ids[place] for place in places], settings)
                for place, completion in zip(places, batch, strict=True):
                    completions[place] = completion
        return completions


@contextmanager
def in_evaluation(model: torch.nn.Module) -> Iterator[None]:
    """Put the model into evaluation and, where it was in training, back into that at the end."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


def _sampled(policy: Policy, prefixes: list[list[int]], settings: SampleSettings) -> list[Completion]:
    """The completions of one batch."""
    ends = (policy.tokenizer.eos_token_id, *single_tokens(policy.tokenizer, settings.stop))
    suppressed = tuple(single_tokens(policy.tokenizer, settings.suppressed))
    choice = Choice(settings.temperature, settings.top_p, settings.top_k, suppressed=suppressed, ends=ends)
    decoded = decode(policy.model, prefixes, choice=choice, tokens=settings.tokens)
    logprobs = decoded.logprobs if settings.logprobs else [None] * len(prefixes)
    pairs = zip(decoded.rows, logprobs, strict=True)
    return [completion_of(policy, row, ends=ends, logprobs=known) for row, known in pairs]


def completion_of(
    policy: Policy, row: Sequence[int], *, ends: Sequence[int], logprobs: Sequence[float] | None = None
) -> Completion:
    """The completion in a row of sampled ids, cut behind the first of `ends`, of which the first one is the end token.

    `logprobs`: of each id of the row, cut alike. It is finished only if what it was cut at is the end token.
    """
    length = next((place + 1 for place, token in enumerate(row) if token in ends), len(row))
    tokens = tuple(row[:length])
    known = None if logprobs is None else tuple(logprobs[:length])
    text = policy.tokenizer.decode(tokens, skip_special_tokens=True)
    return Completion(text, tokens, bool(tokens) and tokens[-1] == ends[0], known)
