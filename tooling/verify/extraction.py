r"""The answer that a completion gives: what it puts in a box, or announces, or ends with.

In this order: the contents of the last balanced `\boxed{...}`; what follows the last "answer is" or "answer:"; the
whole text if it is short and nothing but mathematics; the last number. Only what comes behind the last `</think>`
counts. A completion that gives several different answers, denies its answer or offers alternatives is a hedge and has
none.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tooling.verify.grade import Why
from tooling.verify.notation import MAX_CHARACTERS
from tooling.verify.unit import UNIT_WORDS, quantity

MAX_TAIL = 20_000  # characters from the end that are looked at
END_OF_THOUGHT = "</think>"

_BOX = re.compile(r"\\(?:boxed|fbox) ?\{")
_OPEN_BOX = re.compile(r"\\(?:boxed|fbox)(?![a-zA-Z])")
_ANNOUNCED = re.compile(
    r"\b(?:answer|result|solution)(?:\s+(?:to|of|for)\s+[^.\n:]{1,60}?)?\s*(?:\*\*)?\s*(?:is\b|:|=)(?:\s*(?:\*\*|:))?",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"\n|(?<!\d)[.!?](?=\s|$)|(?<=\d)\.(?=\s+[A-Z]|\s*$)")
_DENIED = re.compile(
    r"(?:\b(?:not|never|no|neither|isn't|wasn't|cannot|can't|or|nor|either|maybe|perhaps|possibly|between)\b|n't)"
    r"(?:\s+(?:be|equal|equals|to|is|exactly|the|answer|than|x|y))*[\s$:*=(]*$",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"^[\s$.)*]*(?:,\s*)?(?:or\b|nor\b|and/or\b|(?:is|was)\s*(?:not|n't|wrong|false|incorrect|a lie)|"
    r"isn't|wrong\b|not\b|"
    r"\?|maybe\b|perhaps\b|but\b|unless\b)",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"\b(?:nor|not|never|neither|either|maybe|perhaps|possibly|between|isn't|wasn't|wrong|false|incorrect|unless|"
    r"cannot|none)\b|n't\b|\?",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(r"\bor\b|\\l?or\b|\\vee\b", re.IGNORECASE)
_WORD = re.compile(r"(?<![a-zA-Z\\])[a-zA-Z]{2,}(?![a-zA-Z])")
_SPAN = re.compile(r"(?:\\frac ?\{[-0-9.,]+\} ?\{[-0-9.,]+\}|[-+*/^=(),.;\s]|\d)*\d[\d.,]*(?:\\?%|[)}])?")
_FRACTION = re.compile(r"-?\s*\\[dt]?frac ?\{-?[0-9]+\} ?\{-?[0-9]+\}")


class Extraction(NamedTuple):
    """The answers of a completion (one, or the contents of several boxes), or why there is none."""

    answers: tuple[str, ...]
    why: Why | None = None


def extraction(text: str) -> Extraction:
    r"""What a completion gives as its answer, as written.

    `why` is `no_answer` for a text without any, and `malformed` for a hedge or a box that is not closed.

    >>> extraction(r"<think>\boxed{3}?</think> So it is \boxed{\frac{1}{2}}.").answers
    ('\\frac{1}{2}',)
    """
    tail = text[-MAX_TAIL:].rpartition(END_OF_THOUGHT)[2].strip()
    if not tail:
        return Extraction((), Why.NO_ANSWER)
    if _OPEN_BOX.search(tail):
        return _boxed(tail)
    announced = list(dict.fromkeys(_announcements(tail)))
    if announced:
        hedged = len(announced) > 1 or any(_HEDGE.search(each) for each in announced)
        return Extraction((), Why.MALFORMED) if hedged else _said(announced[0])
    if len(tail) <= MAX_CHARACTERS and "\n" not in tail and not _is_prose(tail):
        return Extraction((tail,))
    return _last_number(tail)


def _boxed(tail: str) -> Extraction:
    boxes = list(_boxes(tail))
    if len(boxes) != len(_OPEN_BOX.findall(tail)):
        return Extraction((), Why.MALFORMED)
    first, last = boxes[0], boxes[-1]
    before, behind = tail[: first.start][-60:], tail[last.end :][:60]
    contents = tuple(dict.fromkeys(box.content for box in boxes))
    denied = (
        _DENIED.search(_last_sentence(before))
        if len(boxes) == 1
        else _DENIED.search(_last_sentence(tail[: last.start][-60:]))
    )
    later = [said for said in _announcements(tail[last.end :]) if said.strip("$ .*") not in contents]
    if denied and not (len(contents) > 1 and denied.group().strip().lower().startswith("or")) or later:
        return Extraction((), Why.MALFORMED)
    return Extraction((), Why.MALFORMED) if _TAKEN_BACK.search(behind) else Extraction(contents)


class _Box(NamedTuple):
    start: int
    end: int
    content: str


def _boxes(tail: str) -> Iterator[_Box]:
    """The balanced boxes, outer ones only, from left to right; the work is linear in the text."""
    place = 0
    while match := _BOX.search(tail, place):
        depth, end = 1, match.end()
        while depth and end < len(tail):
            depth += (tail[end] == "{") - (tail[end] == "}")
            end += 1
        if depth:
            return
        yield _Box(match.start(), end, tail[match.end() : end - 1].strip())
        place = end


def _last_sentence(text: str) -> str:
    return re.split(r"[.!?\n]\s", text)[-1]


def _announcements(text: str) -> Iterator[str]:
    for match in _ANNOUNCED.finditer(text):
        said = _SENTENCE_END.split(text[match.end() :][:MAX_CHARACTERS].lstrip(), maxsplit=1)[0].strip("* ")
        if said.strip("$ "):
            yield said


def _is_prose(text: str) -> bool:
    r"""Whether there are words that a formula does not have; `2 or 3`, `10 cm` and `\text{not so}` are formulas
    here."""
    plain = re.sub(r"\\(?:text\w*|begin|end) ?\{[^{}]*\}", "", text)
    return sum(word not in UNIT_WORDS and word not in ("or", "and") for word in _WORD.findall(plain)) > 1


def _said(said: str) -> Extraction:
    """An announcement that is mathematics, else the number that it ends with."""
    return _last_number(said) if _is_prose(said) else Extraction((said,))


def _last_number(tail: str) -> Extraction:
    """The last number, with the sum, list or chain of equations that it ends; a line with a hedge has none."""
    lines = [line for line in tail.splitlines() if re.search(r"[0-9]", line)]
    if not lines:
        return Extraction((), Why.NO_ANSWER)
    line = lines[-1]
    if _HEDGE.search(line) or _ALTERNATIVE.search(line):
        return Extraction((), Why.MALFORMED)
    spans = [match for match in _SPAN.finditer(line[-MAX_CHARACTERS:])]
    if not spans:
        return Extraction((), Why.NO_ANSWER)
    last, behind = spans[-1].group().strip(" ,;."), line[-MAX_CHARACTERS:][spans[-1].end() :].strip(" .*$")
    fractions = _FRACTION.findall(line)
    if fractions and line.rstrip(" .$*").endswith(fractions[-1]):
        return Extraction((fractions[-1],))
    return Extraction((f"{last} {behind}" if quantity(f"{last} {behind}").unit else last,))
