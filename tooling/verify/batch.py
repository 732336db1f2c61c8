"""Many gradings at once."""

from collections.abc import Callable, Iterable
from typing import Any

from tooling.verify.grade import Grade
from tooling.verify.mathematics import Question, asked, conclusion, decision, mathematics
from tooling.verify.pool import shared_pool


def grade_many(grader: Callable[..., Grade], items: Iterable[tuple[Any, ...]]) -> list[Grade]:
    """The grade of each item, in order; an item holds the arguments of `grader`, a completion's text first.

    `mathematics` is spread over worker processes: an item that hangs costs its own second and delays no other for
    longer than that. Graders that are pure and total (`countdown`, `choice`...) run here, one after the other. May be
    called from any thread; in a coroutine write `await asyncio.to_thread(grade_many, grader, items)` to let others
    run meanwhile.

    >>> [grade.correct for grade in grade_many(mathematics, [(r"\\boxed{12}", "12"), ("0=1=12", "12")])]
    [True, False]
    """
    if grader is not mathematics:
        return [grader(*item) for item in items]
    decided = [decision(*item) for item in items]
    questions = [each for each in decided if isinstance(each, Question)]
    replies = iter(shared_pool().replies([asked(each) for each in questions]) if questions else ())
    return [conclusion(each, next(replies)) if isinstance(each, Question) else each for each in decided]
