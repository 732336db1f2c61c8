"""The graders of the suite by name, and the grades that they give to its cases."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from tests.verify.attack import OPTIONS, Case
from tooling.verify import Grade, choice, countdown, grade_many, integer, layout, mathematics, product

GRADERS: dict[str, Callable[..., Grade]] = {
    "mathematics": mathematics,
    "countdown": countdown,
    "product": product,
    "integer": integer,
    "choice": partial(choice, options=OPTIONS),
    "layout": layout,
}


def graded(cases: Iterable[Case]) -> list[tuple[str, str, Grade]]:
    """Grader, family and grade of each case; those of one grader are graded together."""
    found = []
    by_grader: dict[str, list[Case]] = {}
    for case in cases:
        by_grader.setdefault(case.grader, []).append(case)
    for name, own in by_grader.items():
        grades = grade_many(GRADERS[name], [case.arguments for case in own])
        found += [(name, case.family, grade) for case, grade in zip(own, grades, strict=True)]
    return found


def with_canary(case: Case, trace: Path) -> Case:
    """The case with a file's path for the word CANARY."""
    text, *rest = case.arguments
    return case._replace(arguments=(text.replace("CANARY", str(trace)), *rest))
