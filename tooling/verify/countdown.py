"""The grader of countdown: reach a target with each given number used exactly once.

Source: the rules of TinyZero's countdown task (github.com/Jiayi-Pan/TinyZero): basic operations, every number once.
A completion is one attempt or several, separated by `;`; the last one is the answer. An attempt is a chain of worked
steps (`2+9=11 11-8=3`) or one expression (`(2+9)-8`, with or without `=3`).
"""

from collections import Counter
from collections.abc import Sequence
from string import whitespace

from tooling.verify.arithmetic import MAX_CHARACTERS, Malformed, Step, read_expression, read_steps
from tooling.verify.grade import Grade, Why, failed, right

ATTEMPT_SEPARATOR = ";"


def countdown(text: str, numbers: Sequence[int], target: int) -> Grade:
    """The grade of a completion `text` for `numbers` and `target`; only its last attempt counts.

    >>> countdown("2+9=11 11+8=19;2+9=11 11-8=3", (2, 8, 9), 3).correct
    True
    """
    answer = last_attempt(text)
    if not answer:
        return failed(Why.NO_ANSWER)
    if len(answer) > MAX_CHARACTERS:
        return failed(Why.MALFORMED)
    try:
        reached = _reached(answer, numbers)
    except Malformed:
        return failed(Why.MALFORMED, answer)
    return right(answer) if reached == target else failed(Why.WRONG, answer)


def countdown_attempts(text: str) -> list[str]:
    """The attempts of a completion, in order; empty ones are left out."""
    attempts = (attempt.strip(whitespace) for attempt in text.split(ATTEMPT_SEPARATOR))
    return [attempt for attempt in attempts if attempt]


def last_attempt(text: str) -> str:
    """The last of `countdown_attempts`, or an empty text; fast for a text of a million separators."""
    return text.rstrip(ATTEMPT_SEPARATOR + whitespace).rpartition(ATTEMPT_SEPARATOR)[2].lstrip(whitespace)


def _reached(answer: str, numbers: Sequence[int]) -> int | None:
    """What an attempt reaches by the rules, or None where it breaks them (a wrong step, a number used twice)."""
    try:
        steps = read_steps(answer)
    except Malformed:
        return _reached_by_expression(answer, numbers)
    return _reached_by_steps(steps, numbers)


def _reached_by_expression(answer: str, numbers: Sequence[int]) -> int | None:
    """The value of an expression that uses exactly the numbers; `=` behind it must be followed by that value."""
    body, equals, claimed = answer.partition("=")
    expression = read_expression(body)
    if Counter(expression.numbers) != Counter(numbers) or expression.value.denominator != 1:
        return None
    value = int(expression.value)
    return value if not equals or claimed.strip() == str(value) else None


def _reached_by_steps(steps: list[Step], numbers: Sequence[int]) -> int | None:
    """The result of the last step if each step holds and uses what is at hand, and nothing is left over."""
    at_hand = Counter(numbers)
    for step in steps:
        for operand in (step.left, step.right):
            if at_hand[operand] == 0:
                return None
            at_hand[operand] -= 1
        if not step.holds:
            return None
        at_hand[step.result] += 1
    left_over = +at_hand
    return steps[-1].result if left_over == Counter((steps[-1].result,)) else None
