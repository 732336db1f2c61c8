"""What the lab asks of a task."""

import random
from collections.abc import Iterator, Sequence
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


class Enumerable(Protocol):
    """A task whose right answers can be listed, so that a policy's chance of success can be summed, not sampled."""

    def solutions(self, item: Item) -> tuple[str, ...] | None:
        """All accepted completions of the task's plain form; None for an item where they cannot be listed."""
        ...


class Perturbable(Protocol):
    """A task that can change an item a little, to tell a solved item from a memorised one."""

    def variants(self, item: Item) -> list[Item]:
        """Perturbed items; `facts["variant"]` names the kind of change. Those of another key have another answer."""
        ...


class Interactive(Protocol):
    """A task whose environment answers a policy's turns: tools, games, users."""

    def reply(self, item: Item, transcript: Sequence[str]) -> str | None:
        """The environment's next turn after the turns so far; None where the episode is over."""
        ...
