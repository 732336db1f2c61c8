"""What the lab asks of a task."""

import random
from collections.abc import Iterator
from typing import Protocol

from tooling.tasks.item import Completion, Demonstration, Item, Split
from tooling.verify import Grade


class Task(Protocol):
    """A source of items with verifiable answers. Implementations are frozen dataclasses: their fields are hashed."""

    def items(self, split: Split, count: int, seed: int) -> list[Item]:
        """`count` items of `split`, the same for the same seed; raises `ValueError` if the split is too small."""
        ...

    def stream(self, split: Split, seed: int) -> Iterator[Item]:
        """Items of `split` without end, repeats allowed."""
        ...

    def grade(self, completion: Completion, item: Item) -> Grade:
        """The grade of a completion; one that did not end by itself is `truncated`."""
        ...

    def solution(self, item: Item) -> str:
        """A completion that is graded correct."""
        ...

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example to pretrain on, in `style`; raises `ValueError` for a style that the task lacks."""
        ...
