"""Completions cut off at a number of tokens, with what was whole by then as the answer."""

from collections.abc import Sequence

from tooling.evals.evaluation import Table
from tooling.models.tokenizer import END, token_ids
from tooling.tasks import Completion, Task
from tooling.verify.countdown import ATTEMPT_SEPARATOR

WHOLE = (ATTEMPT_SEPARATOR, END)  # tokens that stand behind a whole attempt


def cut_at(table: Table, task: Task, *, budgets: Sequence[int]) -> Table:
    """The table with each item's completions cut off at its budget in tokens, and graded anew.

    Only whole attempts count, those whose separator or end token lies within the budget: it is what a forced answer is
    for a policy whose last attempt is its answer. A completion without a whole attempt becomes the empty text.
    """
    rows = [[_cut(done, int(budget)) for done in row] for row, budget in zip(table.completions, budgets, strict=True)]
    grades = [[task.grade(done, item) for done in row] for item, row in zip(table.items, rows, strict=True)]
    return Table(table.items, rows, grades)


def _cut(completion: Completion, budget: int) -> Completion:
    ends = [token_ids()[token] for token in WHOLE]
    tokens = completion.tokens[:budget]
    whole = [place for place, token in enumerate(tokens) if token in ends]
    text = ATTEMPT_SEPARATOR.join(completion.text.split(ATTEMPT_SEPARATOR)[: len(whole)])
    return Completion(text, tokens[: whole[-1] + 1] if whole else (), True)
