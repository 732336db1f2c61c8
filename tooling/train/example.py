"""Examples as token ids, split as sampling splits them, and the order in which a training sees them."""

import random
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from tooling.models import Policy

Shown = TypeVar("Shown")


class Encoded(NamedTuple):
    """Token ids of a prompt with what the policy's prompts begin with, and of a completion with the end token."""

    prompt: list[int]
    completion: list[int]


def encoded(policy: Policy, prompt: str, *, completion: str) -> Encoded:
    """The ids of an example. Prompt and completion are tokenized apart, so that no token spans both.

    A policy samples after the tokens of its prompt; text tokenized in one piece could merge the two, and would train on
    what is never sampled. Raises `ValueError` for a prompt without any token: nothing would predict the completion.
    """
    head = policy.encode(prompt)
    if not head:
        raise ValueError(f"the prompt `{prompt}` has no token in {policy.name}; give it text or the policy a prefix")
    tail = policy.tokenizer(completion, add_special_tokens=False)["input_ids"]
    return Encoded(head, [*tail, policy.tokenizer.eos_token_id])


def in_drawn_order(examples: Sequence[Shown], count: int, *, seed: int) -> list[Shown]:
    """`count` of the examples, pass after pass, each pass in an order drawn by `seed`.

    >>> in_drawn_order("abc", 5, seed=0)
    ['a', 'c', 'b', 'a', 'c']
    """
    if not examples:
        raise ValueError("there is no example to train on")
    source = random.Random(f"order of examples {seed}")
    drawn: list[Shown] = []
    while len(drawn) < count:
        drawn += source.sample(examples, len(examples))
    return drawn[:count]
