"""Looking again: how samples that make more than one attempt fare beside the others, and what the looks change."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from tooling.evals.evaluation import Table
from tooling.tasks import Completion, Task


class Looks(NamedTuple):
    """What became of the samples of a table that made several attempts; NaN where there is nothing to compare.

    `share`: of samples that look again; `gap`: their accuracy less that of the other samples of the same items;
    `pays`: their accuracy less that of their own first attempts, had they stopped there.
    """

    share: float
    gap: float
    pays: float


def looks(table: Table, task: Task, *, attempts: Callable[[str], Sequence[str]]) -> Looks:
    """How the samples that look again fare, by the attempts that `attempts` reads in a text.

    `pays` is causal where a sample is its attempts in a row: cut behind the first it is that attempt. `gap` is not:
    who looks again has often missed at first.
    """
    right = np.array(table.outcomes)
    tries = [[attempts(done.text) for done in row] for row in table.completions]
    again = np.array([[len(each) > 1 for each in row] for row in tries])
    rows = zip(table.items, tries, strict=True)
    first = np.array(
        [[task.grade(Completion("".join(each[:1]), (), True), item).correct for each in row] for item, row in rows]
    )
    pays = float(right[again].mean() - first[again].mean()) if again.any() else float("nan")
    return Looks(float(again.mean()), difference_within(right, again), pays)


def difference_within(right: np.ndarray, marked: np.ndarray) -> float:
    """The difference in accuracy between marked and other samples of the same items, both (items, samples).

    Items count by what they know of it, marked x others / samples (Mantel and Haenszel); an item whose samples are all
    marked, or none, says nothing. NaN without any other item. Items that are solved more often do not bias it, however
    often they are marked.

    >>> round(difference_within(np.array([[1, 1, 0], [0, 0, 0]], bool), np.array([[1, 0, 0], [1, 1, 1]], bool)), 3)
    0.5
    """
    marks, others = marked.sum(1), (~marked).sum(1)
    known = marks * others / marked.shape[1]
    if not known.any():
        return float("nan")
    gaps = (right & marked).sum(1) / np.maximum(marks, 1) - (right & ~marked).sum(1) / np.maximum(others, 1)
    return float(np.average(gaps, weights=known))
