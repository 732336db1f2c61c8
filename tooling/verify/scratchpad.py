"""The grader of a sum worked in a scratchpad: thinking, `>`, and the answer in digits apart, such as `1 2 0 6`.

Only the answer counts, as on AIME (s1, arXiv:2501.19393, section 4.1); the thinking is never read for a value. A
second end of thinking, a second number, a sign, a leading zero or touching digits are refused: an answer has one form.
"""

import re
from collections.abc import Sequence
from string import whitespace

from tooling.verify.grade import Grade, Why, failed, right

END_OF_THINKING = ">"
WAIT = "!"
MAX_ANSWER = 64  # characters: 32 digits

_ANSWER = re.compile("0|[1-9](?: [0-9])*")


def scratchpad(text: str, terms: Sequence[int]) -> Grade:
    """The grade of a completion for the sum of `terms`; what stands behind the end of thinking is the answer.

    A text without an end of thinking is an answer alone.

    >>> scratchpad("7+9+0=16 4+5+1=10 3+8+1=12>1 2 0 6", (347, 859)).correct
    True
    """
    if text.count(END_OF_THINKING) > 1:
        return failed(Why.MALFORMED)
    answer = text.rpartition(END_OF_THINKING)[2].strip(whitespace)
    if not answer:
        return failed(Why.NO_ANSWER)
    if len(answer) > MAX_ANSWER:
        return failed(Why.MALFORMED)
    if _ANSWER.fullmatch(answer) is None:
        return failed(Why.MALFORMED, answer)
    return right(answer) if answer == spaced(sum(terms)) else failed(Why.WRONG, answer)


def spaced(number: int) -> str:
    """A number from 0 on in digits apart: 1206 is `1 2 0 6`."""
    return " ".join(str(number))


def scratchpad_passes(text: str) -> list[str]:
    """The passes of a completion's thinking, in order: what stands before, between and behind its WAITs.

    A completion without thinking has one empty pass; one that checks itself once has two.
    """
    thinking, end, _ = text.rpartition(END_OF_THINKING)
    return (thinking if end else "").split(WAIT)


def looks_again(text: str) -> bool:
    """Whether the thinking of a completion has a second pass."""
    return len(scratchpad_passes(text)) > 1
