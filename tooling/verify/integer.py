"""The grader of whole numbers: exact, of any length up to 1,000 digits, one number only."""

import re

from tooling.verify.grade import Grade, Why, failed, right

MAX_DIGITS = 1000
MAX_CHARACTERS = 20_000

_ANSWER = re.compile(r"(?:\banswer\b\s*(?:is\b|:|=)?|=)\s*", re.IGNORECASE)
_NUMBER = re.compile(r"([-+\u2212]?)\s?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)\.?")
_BOX = re.compile(r"\\boxed\{([^{}]*)\}")


def integer(text: str, gold: int | str) -> Grade:
    """The grade of a completion `text` whose answer is one whole number.

    The answer is what stands in the last box, else behind the last "answer is", "answer:" or `=`, else the whole
    text; it must be one number and nothing else (a full stop may follow, thousands may be grouped by commas, leading
    zeros count for nothing). Several different boxes, `12 or 13`, `12.5` and `1e3` are malformed.

    >>> integer("17*6=102", 102).correct, integer("102 or 103", 102).why
    (True, <Why.MALFORMED: 'malformed'>)
    """
    tail = text[-MAX_CHARACTERS:]
    answers = dict.fromkeys(_BOX.findall(tail) or [_ANSWER.split(tail)[-1]])
    written = " or ".join(answers).strip().strip("$*").strip()
    if not written:
        return failed(Why.NO_ANSWER)
    match = _NUMBER.fullmatch(written)
    if match is None or len(match.group(2)) > MAX_DIGITS:
        return failed(Why.MALFORMED, written[:MAX_DIGITS])
    return (
        right(written) if _digits(match.group(1) + match.group(2)) == _digits(str(gold)) else failed(Why.WRONG, written)
    )


def _digits(text: str) -> str:
    """The number's digits with its sign, compared as text: converting a long number takes quadratic time."""
    sign = "-" if text[:1] in ("-", "\u2212") else ""
    digits = text.lstrip("-+\u2212").replace(",", "").lstrip("0")
    return sign + digits if digits else "0"
