"""Evaluation of a sampler on the items of a task, with the outcome of every sample kept."""

from collections.abc import Callable, Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np

from tooling.evals.passk import pass_at_k
from tooling.evals.sampler import Sampler, SampleSettings
from tooling.evals.vote import best_of_k, majority_at_k, standard_error, weighted_at_k
from tooling.tasks import Completion, Item, Task
from tooling.verify import Grade, Why


class Table(NamedTuple):
    """Items x samples: `completions[i][j]` and `grades[i][j]` of sample j for item i."""

    items: Sequence[Item]
    completions: Sequence[Sequence[Completion]]
    grades: Sequence[Sequence[Grade]]

    @property
    def outcomes(self) -> list[list[bool]]:
        """Whether each sample is correct: (items, samples)."""
        return [[grade.correct for grade in row] for row in self.grades]

    @property
    def tokens(self) -> int:
        """The number of sampled tokens, end tokens included."""
        return sum(len(completion.tokens) for row in self.completions for completion in row)

    @property
    def mean_tokens(self) -> float:
        """The mean number of tokens of a sample, end token included."""
        return self.tokens / sum(map(len, self.completions))

    @property
    def truncated(self) -> float:
        """The share of samples that did not end by themselves."""
        return fmean(not completion.finished for row in self.completions for completion in row)

    @property
    def answers(self) -> list[list[str | None]]:
        """What each sample votes for: the answer as its grader read it, None where there is none: (items, samples)."""
        return [[grade.answer for grade in row] for row in self.grades]

    def pass_at(self, k: int) -> float:
        """Mean over items of the unbiased pass@k; pass@1 is the share of correct samples."""
        return float(self.pass_at_per_item(k).mean())

    def pass_at_per_item(self, k: int) -> np.ndarray:
        """The unbiased pass@k of each item: the mean over sets of k of its samples."""
        rows = self.outcomes
        known = {(len(row), sum(row)) for row in rows}
        values = {(samples, correct): pass_at_k(samples, correct, k=k) for samples, correct in known}
        return np.array([values[len(row), sum(row)] for row in rows])

    def error(self, k: int = 1) -> float:
        """The standard error that the finite number of items gives to pass@k; NaN for one item."""
        return standard_error(self.pass_at_per_item(k))

    def majority(self, k: int) -> float:
        """Mean over items of maj@k, the chance that a majority of k samples is right, by `majority_at_k`."""
        return float(majority_at_k(self.answers, self.outcomes, k=k).mean())

    def weighted(self, k: int, weights: Sequence[Sequence[float]], *, keep: float = 1.0) -> float:
        """Mean over items of the weighted vote of k samples, by `weighted_at_k`; `weights`: (items, samples)."""
        return float(weighted_at_k(self.answers, self.outcomes, weights=weights, k=k, keep=keep).mean())

    def best_of(self, k: int, scores: Sequence[Sequence[float]]) -> float:
        """Mean over items of the best of k samples by `scores`, (items, samples): exact, by `best_of_k`."""
        return float(best_of_k(self.outcomes, scores, k=k).mean())

    def voting(self, read: Callable[[Completion], str | None]) -> "Table":
        """The table in which each sample votes for what `read` finds in it, say a number instead of worked steps."""
        pairs = [zip(done, graded, strict=True) for done, graded in zip(self.completions, self.grades, strict=True)]
        return self._replace(grades=[[grade._replace(answer=read(done)) for done, grade in row] for row in pairs])

    def why(self, reason: Why) -> float:
        """The share of samples graded for this reason."""
        return fmean(grade.why == reason for row in self.grades for grade in row)

    def share(self, holds: Callable[[str], bool]) -> float:
        """The share of samples whose text has a property."""
        return fmean(holds(completion.text) for row in self.completions for completion in row)


def evaluate(
    sampler: Sampler,
    task: Task,
    *,
    items: Sequence[Item],
    samples: int,
    settings: SampleSettings,
) -> Table:
    """The table of `samples` completions for each item."""
    flat = sampler([item.prompt for item in items for _ in range(samples)], settings)
    completions = [flat[start : start + samples] for start in range(0, len(flat), samples)]
    grades = [[task.grade(done, item) for done in row] for item, row in zip(items, completions, strict=True)]
    return Table(items, completions, grades)
