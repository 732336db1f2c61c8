"""Pools of worked examples to select training data from, each with the item it is about."""

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from tooling.tasks.item import Demonstration, Item, Split
from tooling.tasks.task import Task


class Trace(NamedTuple):
    """A worked example with what a selection of training data looks at: its item, its style, whether it is whole."""

    item: Item
    style: str
    whole: bool
    demonstration: Demonstration


def traces(task: Task, styles: Mapping[str, float], *, count: int, seed: int, broken: float = 0.0) -> list[Trace]:
    """`count` worked examples of the split `train`, in styles drawn by their weights; the same for the same seed.

    A share `broken` of them, drawn at random, breaks off in the middle, as answers of a service that failed do.
    """
    source = random.Random(f"traces {seed}")
    found = []
    for item in islice(task.stream(Split.TRAIN, seed), count):
        (style,) = source.choices(list(styles), list(styles.values()))
        shown = task.demonstration(item, style, source=source)
        whole = source.random() >= broken
        text = shown.completion if whole else shown.completion[: len(shown.completion) // 2]
        found.append(Trace(item, style, whole, Demonstration(shown.prompt, text)))
    return found


def chosen(
    pool: Sequence[Trace], solved: Sequence[bool], *, count: int, domain: Callable[[Item], str], seed: int
) -> list[Trace]:
    """`count` of the pool by s1's three criteria (arXiv:2501.19393, section 2.2).

    Quality: only whole traces. Difficulty: none whose item is `solved` by the base. Diversity: a domain is drawn
    uniformly, then one of its traces with a chance in proportion to its length, again and again, without putting back.
    Raises `ValueError` where fewer than `count` are left to choose from.
    """
    left: dict[str, list[Trace]] = {}
    for trace, done in zip(pool, solved, strict=True):
        if trace.whole and not done:
            left.setdefault(domain(trace.item), []).append(trace)
    if sum(map(len, left.values())) < count:
        raise ValueError(f"{sum(map(len, left.values()))} traces are whole and unsolved, fewer than {count}")
    source, found = random.Random(f"chosen {seed}"), []
    while len(found) < count:
        group = left[source.choice(sorted(name for name in left if left[name]))]
        lengths = [len(trace.demonstration.completion) for trace in group]
        found.append(group.pop(source.choices(range(len(group)), lengths)[0]))
    return found
