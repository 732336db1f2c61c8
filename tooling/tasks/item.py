"""Items, completions, and the split that an item belongs to."""

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple


class Split(StrEnum):
    """The part of a task's items that a use may draw from."""

    PRETRAIN = "pretrain"
    TRAIN = "train"
    TEST = "test"


class Item(NamedTuple):
    """A prompt with its gold answer, the facts that a grader needs, and the key of its canonical form."""

    prompt: str
    gold: str
    facts: Mapping[str, Any]
    key: str


class Completion(NamedTuple):
    """What a sampler returns: text, token ids (end token included), whether it ended by itself, log-probabilities."""

    text: str
    tokens: Sequence[int]
    finished: bool
    logprobs: Sequence[float] | None = None


class Demonstration(NamedTuple):
    """A worked example to pretrain on."""

    prompt: str
    completion: str


# Upper ends of the buckets of 100: 60% of the items for pretraining, 20% for RL, 20% for tests.
_UPPER_ENDS = {Split.PRETRAIN: 60, Split.TRAIN: 80, Split.TEST: 100}


def item_key(*canonical: object) -> str:
    """The key of an item: the hash of its canonical form (numbers sorted, people renamed), 16 hex digits.

    >>> item_key("countdown", (2, 8, 9), 3)[:4]
    '41a4'
    """
    return hashlib.sha256(repr(canonical).encode()).hexdigest()[:16]


def split_of(key: str) -> Split:
    """The split of the item with this key; each item has exactly one, whatever seed drew it."""
    bucket = int(key, 16) % 100
    return next(split for split, upper_end in _UPPER_ENDS.items() if bucket < upper_end)
