"""Items and streams of a task whose items are drawn one by one."""

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator

from tooling.tasks.item import Item, Split, split_of

DRAWS_PER_ITEM = 200  # a split with a fifth of the items, most of them found already, is given up after so many


class Drawn(ABC):
    """A task that draws its items; what the splits hold follows from the keys, whatever is drawn."""

    @abstractmethod
    def draw(self, source: random.Random) -> Item:
        """A random item of any split."""

    def items(self, split: Split, count: int, seed: int) -> list[Item]:
        """`count` different items of `split`, drawn by `seed`; raises `ValueError` if the split is too small."""
        source = random.Random(f"{self} {split} {seed}")
        found: dict[str, Item] = {}
        for _ in range(DRAWS_PER_ITEM * count):
            if len(found) == count:
                break
            item = self.draw(source)
            if split_of(item.key) == split:
                found.setdefault(item.key, item)
        if len(found) < count:
            raise ValueError(f"{self}: found {len(found)} of {count} items in `{split}`; ask for fewer, or larger ones")
        return list(found.values())

    def stream(self, split: Split, seed: int) -> Iterator[Item]:
        """Items of `split` without end, repeats allowed."""
        source = random.Random(f"{self} {split} {seed} stream")
        while True:
            item = self.draw(source)
            if split_of(item.key) == split:
                yield item
