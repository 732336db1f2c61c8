"""The grader of integer multiplication, and the strategy that a completion shows.

Source: TinyZero's second task (github.com/Jiayi-Pan/TinyZero): multiply two integers; only the final answer counts.
A completion is one attempt or several, separated by `;`. An attempt is a number (`1938`) or worked steps
(`34*50=1700 34*7=238 1700+238=1938`), whose answer is the result of the last step.
"""

from tooling.verify.arithmetic import MAX_CHARACTERS, MAX_DIGITS, Malformed, read_steps
from tooling.verify.countdown import countdown_attempts, last_attempt
from tooling.verify.grade import Grade, Why, failed, right


def product(text: str, factors: tuple[int, int]) -> Grade:
    """The grade of a completion for the product of `factors`; the last attempt counts, its steps are not checked.

    >>> product("7*30=210 7*4=28 210+28=238", (7, 34)).correct
    True
    """
    answer = last_attempt(text)
    if not answer:
        return failed(Why.NO_ANSWER)
    if len(answer) > MAX_CHARACTERS:
        return failed(Why.MALFORMED)
    try:
        value = _value(answer)
    except Malformed:
        return failed(Why.MALFORMED, answer)
    return right(answer) if value == factors[0] * factors[1] else failed(Why.WRONG, answer)


def product_strategy(text: str) -> str:
    """The strategy shown: `search` (several attempts), `decomposition` (worked steps with a sum), or `direct`."""
    attempts = countdown_attempts(text)
    if len(attempts) > 1:
        return "search"
    try:
        steps = read_steps(attempts[0]) if attempts else []
    except Malformed:
        return "direct"
    return "decomposition" if any(step.operator == "+" for step in steps) else "direct"


def _value(answer: str) -> int:
    if answer.isascii() and answer.isdigit() and len(answer) <= MAX_DIGITS:
        return int(answer)
    return read_steps(answer)[-1].result
