"""Samplers: from token prefixes to completions."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from transformers import GenerationConfig, PreTrainedModel

from tooling.models import Policy
from tooling.tasks import Completion

Prefix = str | Sequence[int]  # a prompt, or token ids to go on from


@dataclass(frozen=True)
class SampleSettings:
    """How to sample. Two calls with the same settings, policy and prefixes give the same completions."""

    tokens: int = 48  # at most, the end token included
    temperature: float = 1.0  # 0 is greedy
    batch: int = 256  # sequences side by side
    seed: int = 0


Sampler = Callable[[Sequence[Prefix], SampleSettings], list[Completion]]


def transformers_sampler(policy: Policy) -> Sampler:
    """A sampler that uses the `generate` of transformers on the policy's model."""

    def sample(prefixes: Sequence[Prefix], settings: SampleSettings) -> list[Completion]:
        encoded = [_encoded(policy, prefix) for prefix in prefixes]
        # longest first: little padding, and the first batch shows at once whether the memory is enough
        order = sorted(range(len(encoded)), key=lambda place: (-len(encoded[place]), place))
        completions: list[Completion | None] = [None] * len(prefixes)
        with torch.random.fork_rng():
            torch.manual_seed(settings.seed)
            for start in range(0, len(order), settings.batch):
                places = order[start : start + settings.batch]
                batch = _generate(policy, [encoded[place] for place in places], settings)
                for place, completion in zip(places, batch, strict=True):
                    completions[place] = completion
        return completions

    return sample


def _encoded(policy: Policy, prefix: Prefix) -> Sequence[int]:
    """The token ids of a prompt, with what the policy's prompts begin with; token ids are taken as they are."""
    if not isinstance(prefix, str):
        return prefix
    return policy.tokenizer(policy.prefix + prefix, add_special_tokens=not policy.prefix)["input_ids"]


@torch.no_grad()
def _generate(policy: Policy, prefixes: list[Sequence[int]], settings: SampleSettings) -> list[Completion]:
    longest = max(len(prefix) for prefix in prefixes)
    end = policy.tokenizer.eos_token_id
    pad = end if policy.tokenizer.pad_token_id is None else policy.tokenizer.pad_token_id
    ids = torch.tensor([[pad] * (longest - len(prefix)) + list(prefix) for prefix in prefixes])
    mask = torch.tensor([[0] * (longest - len(prefix)) + [1] * len(prefix) for prefix in prefixes])
    greedy = settings.temperature == 0
    choice = {"do_sample": False} if greedy else {"do_sample": True, "temperature": settings.temperature, "top_k": 0}
    config = GenerationConfig(max_new_tokens=settings.tokens, pad_token_id=pad, eos_token_id=end, **choice)
    model = policy.model.eval()
    with _plain_generation(model):
        out = model.generate(ids.to(model.device), attention_mask=mask.to(model.device), generation_config=config)
    return [_completion(policy, row, end) for row in out[:, longest:].tolist()]


@contextmanager
def _plain_generation(model: PreTrainedModel) -> Iterator[None]:
    """Hide what a checkpoint suggests for sampling (top-k, repetition penalty): it would be mixed into ours."""
    suggested, model.generation_config = model.generation_config, GenerationConfig()
    try:
        yield
    finally:
        model.generation_config = suggested


def _completion(policy: Policy, row: list[int], end: int) -> Completion:
    """The completion in a row of sampled ids, cut behind its first end token."""
    finished = end in row
    tokens = row[: row.index(end) + 1] if finished else row
    return Completion(policy.tokenizer.decode(tokens, skip_special_tokens=True), tuple(tokens), finished)
