"""Answers to questions in words: what is between answer tags, and whole numbers."""

import re

from tooling.verify.grade import Grade, Why, failed, right

MAX_NUMBER_CHARACTERS = 60
_OPEN, _CLOSE = "<answer>", "</answer>"
_WHOLE = re.compile(r"[-+]?[0-9]+")


def answer_in_tags(text: str) -> str:
    """What a completion gives as its answer: the text in its one pair of `<answer>` tags, the whole text without any.

    Empty for more than one pair, which is a hedge, and for a pair that is not whole.

    >>> answer_in_tags("2 and 3 make 5, so <answer> 5 </answer>")
    '5'
    """
    if _OPEN not in text and _CLOSE not in text:
        return text.strip()
    if text.count(_OPEN) != 1 or text.count(_CLOSE) != 1:
        return ""
    return text.partition(_OPEN)[2].partition(_CLOSE)[0].strip()


def whole_number(text: str, gold: int) -> Grade:
    """The grade of a text that is one whole number, such as `-12`; anything around it is malformed.

    >>> whole_number("+012", 12).correct
    True
    """
    answer = text[: MAX_NUMBER_CHARACTERS + 1] if len(text) > MAX_NUMBER_CHARACTERS else text.strip()
    if not answer:
        return failed(Why.NO_ANSWER)
    if len(text) > MAX_NUMBER_CHARACTERS or not _WHOLE.fullmatch(answer):
        return failed(Why.MALFORMED, answer)
    return right(answer) if int(answer) == gold else failed(Why.WRONG, answer)
