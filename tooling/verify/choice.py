"""The grader of multiple choice: one letter, or the text of one option."""

import re
from collections.abc import Mapping

from tooling.verify.grade import Grade, Why, failed, right

MAX_CHARACTERS = 20_000

_ANNOUNCED = re.compile(r"\b(?:answer|choice|option)\b\s*(?:is\b|:|=)+\s*(?P<said>[^\n]+)", re.IGNORECASE)
_BOX = re.compile(r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}")
_LETTER = re.compile(
    r"(?:option\s+|choice\s+)?\(?\s*(?P<letter>[A-Za-z])\s*\)?(?:\s*[.:)]\s*(?P<rest>.*))?", re.IGNORECASE | re.DOTALL
)


def choice(text: str, gold: str, *, options: Mapping[str, str]) -> Grade:
    """The grade of a completion `text` for the letter `gold`; `options` has the text of each letter.

    The answer is the last box, else what follows the last "answer is", else the whole text. It is a letter in any case,
    with or without brackets, which its own option's text may follow, or an option's text. Letters of several options, a
    letter with another option's text and a letter that is no option are malformed; so are several different boxes or
    announcements.

    >>> choice("The answer is (B).", "B", options={"A": "red", "B": "blue"}).correct
    True
    """
    said = {_plain(each) for each in _answers(text[-MAX_CHARACTERS:].rpartition("</think>")[2])} - {""}
    if not said:
        return failed(Why.NO_ANSWER)
    letters = {_chosen(each, options) for each in said}
    shown = ", ".join(sorted(said))[:100]
    if len(letters) > 1 or None in letters:
        return failed(Why.MALFORMED, shown)
    (letter,) = letters
    return right(shown) if letter == gold.strip("() ").upper() else failed(Why.WRONG, shown)


def _answers(text: str) -> list[str]:
    return _BOX.findall(text) or [match["said"] for match in _ANNOUNCED.finditer(text)] or [text]


def _plain(said: str) -> str:
    said = re.sub(r"\\text(?:bf|rm)?\s*\{([^{}]*)\}", r"\1", said)
    return re.sub(r"\s+", " ", said.replace("$", "").replace("*", "")).strip().rstrip(".").strip()


def _chosen(said: str, options: Mapping[str, str]) -> str | None:
    """The letter that an answer names, or None: there is no such option, or more than one is named."""
    written = {_plain(text).casefold(): letter for letter, text in options.items()}
    if said.casefold() in written and said.upper() not in options:
        return written[said.casefold()]
    match = _LETTER.fullmatch(said)
    if match is None or match["letter"].upper() not in options:
        return None
    letter, rest = match["letter"].upper(), match["rest"]
    return letter if not rest or _plain(rest).casefold() == _plain(options[letter]).casefold() else None
