"""What a grader says about one completion."""

from enum import StrEnum
from typing import NamedTuple


class Why(StrEnum):
    """The reason of a grade. `truncated` and `no_answer` are not `wrong`: they are counted apart."""

    OK = "ok"
    WRONG = "wrong"
    NO_ANSWER = "no_answer"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    TIMEOUT = "timeout"


class Grade(NamedTuple):
    """A grade: whether the answer is right, its score in [0, 1], the answer as read, and the reason."""

    correct: bool
    score: float
    answer: str | None
    why: Why


def right(answer: str) -> Grade:
    """The grade of a right `answer`, score 1."""
    return Grade(True, 1.0, answer, Why.OK)


def failed(why: Why, answer: str | None = None) -> Grade:
    """The grade of a completion that earns nothing, for the reason `why`."""
    return Grade(False, 0.0, answer, why)
