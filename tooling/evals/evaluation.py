"""Evaluation of a sampler on the items of a task, with the outcome of every sample kept."""

from collections.abc import Callable, Sequence
from statistics import fmean
from typing import NamedTuple

from tooling.evals.passk import pass_at_k
from tooling.evals.sampler import Sampler, SampleSettings
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

    def pass_at(self, k: int) -> float:
        """Mean over items of the unbiased pass@k; pass@1 is the share of correct samples."""
        return fmean(pass_at_k(len(row), sum(row), k=k) for row in self.outcomes)

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
