"""A handful of training items of one task or several, shown again and again."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as numbers

from tooling.tasks.item import Completion, Demonstration, Item, Split
from tooling.tasks.task import Task
from tooling.verify import Grade


@dataclass(frozen=True)
class Handful:
    """A task with few different `train` items, for claims about epochs, memorisation and the order of difficulties.

    Its items are those of its tasks, which share them evenly; `facts["task"]` of an item is the place of its task. The
    stream of `train` items goes pass after pass, each in an order drawn anew: over the items of all tasks, or, with
    `passes` above 0, so often over those of the first task, then so often over those of the second, and for ever
    over those of the last (a curriculum). Handfuls with the same seed and count have the same items of a task.
    """

    tasks: tuple[Task, ...]
    count: int = 50  # different `train` items of each task
    seed: int = 0  # draws them
    passes: int = 0  # over the items of one task before those of the next; 0: all tasks are mixed

    def items(self, split: Split, count: int, seed: int) -> list[Item]:
        """`count` different items, as many of each task; of `train`, those of the handful, all where it has fewer.

        Raises `ValueError` where a task has too few.
        """
        if split == Split.TRAIN:
            shown = [item for place in range(len(self.tasks)) for item in self._shown(place)]
            return random.Random(f"handful {seed}").sample(shown, min(count, len(shown)))
        return [
            _marked(item, place)
            for place, task in enumerate(self.tasks)
            for item in task.items(split, (count + place) // len(self.tasks), seed)
        ]

    def stream(self, split: Split, seed: int) -> Iterator[Item]:
        """Items of `split` without end, repeats allowed."""
        source = random.Random(f"handful {split} {seed}")
        if split == Split.TRAIN:
            yield from self._in_passes(source)
        streams = [task.stream(split, seed) for task in self.tasks]
        while True:
            place = source.randrange(len(streams))
            yield _marked(next(streams[place]), place)

    def grade(self, completion: Completion, item: Item) -> Grade:
        """The grade that the item's task gives."""
        return self._task(item).grade(completion, item)

    def solution(self, item: Item) -> str:
        """The solution that the item's task gives."""
        return self._task(item).solution(item)

    def variants(self, item: Item) -> list[Item]:
        """The perturbed items that the item's task gives, where it can perturb."""
        return [_marked(changed, item.facts["task"]) for changed in self._task(item).variants(item)]

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """The demonstration that the item's task gives."""
        return self._task(item).demonstration(item, style, source=source)

    def _task(self, item: Item) -> Task:
        return self.tasks[item.facts["task"]]

    def _in_passes(self, source: random.Random) -> Iterator[Item]:
        shown = [self._shown(place) for place in range(len(self.tasks))]
        for done in numbers():
            place = min(done // self.passes, len(shown) - 1) if self.passes else None
            every = shown[place] if place is not None else [item for items in shown for item in items]
            yield from source.sample(every, len(every))

    def _shown(self, place: int) -> list[Item]:
        return [_marked(item, place) for item in self.tasks[place].items(Split.TRAIN, self.count, self.seed)]


def _marked(item: Item, place: int) -> Item:
    return item._replace(facts={**item.facts, "task": place})
