"""The grader of state tracking: the order of things after swaps of places.

A completion is one attempt or several, separated by `;`; the last one counts. An attempt is an order (`dbca`), with
work before it (`bdac bdca>dbca`) or a check of it behind (`dbca.bdca bdac+`), which are not judged.
"""

import re
from collections.abc import Iterable

from tooling.verify.arithmetic import MAX_CHARACTERS
from tooling.verify.countdown import last_attempt
from tooling.verify.grade import Grade, Why, failed, right
from tooling.verify.logic import CHECK_START, WORK_END

_ORDER = re.compile(r"[a-z]+")


def swapped(order: str, places: tuple[int, int]) -> str:
    """The order after the things at two places, counted from 1, change places.

    >>> swapped("abc", (1, 3))
    'cba'
    """
    first, second = places
    things = list(order)
    things[first - 1], things[second - 1] = things[second - 1], things[first - 1]
    return "".join(things)


def tracking(text: str, start: str, *, swaps: Iterable[tuple[int, int]]) -> Grade:
    """The grade of a completion for the order that `start` has after all `swaps`; the last attempt counts.

    An answer that is no order of the same things is malformed.

    >>> tracking("bac bca>acb.", "abc", swaps=[(1, 2), (2, 3), (1, 3)]).correct
    True
    """
    attempt = last_attempt(text)
    if not attempt:
        return failed(Why.NO_ANSWER)
    if len(attempt) > MAX_CHARACTERS:
        return failed(Why.MALFORMED)
    answer = attempt.rpartition(WORK_END)[2].partition(CHECK_START)[0]
    if not _ORDER.fullmatch(answer) or sorted(answer) != sorted(start):
        return failed(Why.MALFORMED, answer)
    order = start
    for places in swaps:
        order = swapped(order, places)
    return right(answer) if answer == order else failed(Why.WRONG, answer)
