"""What a table of samples gives to train on: its right completions, and labels that are preferred to its wrong ones."""

from collections.abc import Sequence

from tooling.evals import Table
from tooling.tasks.item import Demonstration
from tooling.train.dpo import Preference


def right_samples(table: Table) -> list[Demonstration]:
    """Every correct completion behind its prompt, in the order of the table, repeats included."""
    return [
        Demonstration(item.prompt, done.text)
        for item, row, grades in zip(table.items, table.completions, table.grades, strict=True)
        for done, grade in zip(row, grades, strict=True)
        if grade.correct
    ]


def over_mistakes(labels: Sequence[Demonstration], table: Table) -> list[Preference]:
    """The label of each item, preferred to each of its wrong completions, in the order of the table.

    Labels stand in the order of the items, one for each; raises `ValueError` where a prompt is another.
    """
    for label, item in zip(labels, table.items, strict=True):
        if label.prompt != item.prompt:
            raise ValueError(f"the label of `{label.prompt}` stands beside `{item.prompt}`; give labels in order")
    return [
        Preference(label.prompt, label.completion, done.text)
        for label, row, grades in zip(labels, table.completions, table.grades, strict=True)
        for done, grade in zip(row, grades, strict=True)
        if not grade.correct
    ]
