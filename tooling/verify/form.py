r"""The shape of an answer (value, list, tuple, set, interval, union, matrix, equation, words) and when two agree.

Shapes are read by the calling process, character by character; what a value is worth is asked of an oracle.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from tooling.verify.arithmetic import Malformed
from tooling.verify.notation import GREEK, closing, compact
from tooling.verify.rational import rational

MAX_PARTS = 60
MAX_UNORDERED = 16


class Kind(StrEnum):
    """The shape of an answer."""

    VALUE = "value"
    WORDS = "words"
    LIST = "list"  # 1, 2: no brackets
    GROUP = "group"  # (1, 2), [1, 2), \{1, 2\}
    UNION = "union"
    MATRIX = "matrix"
    EQUATION = "equation"


class Form(NamedTuple):
    """A shape with its parts; `mark` is the pair of brackets of a group and the size of a matrix."""

    kind: Kind
    text: str
    parts: tuple["Form", ...] = ()
    mark: str = ""


class Oracle(Protocol):
    """What decides about values; either method may raise."""

    def equal(self, answer: str, gold: str) -> bool:
        """Whether two values are the same."""
        ...

    def same_equation(self, answer: tuple[str, str], gold: tuple[str, str]) -> bool:
        """Whether two equations, given by their sides, have the same solutions because one is a multiple of the
        other."""
        ...


_WORDS = re.compile(r"(?:\\text ?\{([^{}\\]*)\}|\(?([a-zA-Z]{2,}(?: [a-zA-Z]+)*)\)?)")
_MATRIX = re.compile(r"\\begin ?\{([pbvB]?matrix|array)\}(?:\{[lcr|]+\})?(.*)\\end ?\{\1\}")
_RELATION = re.compile(r"\\leq|\\geq|<|>")
_NAME = re.compile(
    r"[a-zA-Z](?:_\{?\w+\}?|')?(?: ?\([a-zA-Z](?:,[a-zA-Z])*\))?|[A-Z]{2,3}|\\angle ?[A-Z]+|\|[A-Z]+\||P\(.{1,20}\)"
    r"|\\overline ?\{[A-Z]+\}|\\text ?\{[^{}]*\}|\\(?:alpha|beta|gamma|theta|lambda|phi)"
    r"|[a-zA-Z]+|\([a-zA-Z](?:,[a-zA-Z])+\)"
)


def form(text: str) -> Form:
    r"""The shape of an answer in the notation of `normal`; raises `Malformed` for one of too many parts.

    >>> form(r"x\in (0,1]\cup [2,\infty )").kind
    <Kind.UNION: 'union'>
    """
    text = _unwrapped(re.sub(r"^\{?[a-zA-Z]\}? ?\\in ?(?=[\[(\\])", "", text.strip()))
    for reader in (_plain, _matrix, _union, _listed, _equation, _inequality, _group, _either_sign, _words):
        if (found := reader(text)) is not None:
            return found
    return Form(Kind.VALUE, compact(text))


def _unwrapped(text: str) -> str:
    """The text without brackets around the whole of a single value, and without a leading approximation sign."""
    text = re.sub(r"^(?:\\approx|=) ?", "", text)
    while text[:1] in ("(", "{") and closing(text, 0) == len(text) - 1 and text[-1] == {"(": ")", "{": "}"}[text[0]]:
        if len(list(_split(text[1:-1], ","))) > 1 or re.fullmatch(r"\([A-Z]\)", text):
            break
        text = text[1:-1].strip()
    return text


def _plain(text: str) -> Form | None:
    return Form(Kind.VALUE, text) if rational(text) is not None else None


def _matrix(text: str) -> Form | None:
    match = _MATRIX.fullmatch(text.removeprefix("(").removesuffix(")").strip())
    if match is None or "matrix" in match.group(2):
        return None
    rows = [row.split("&") for row in re.split(r"\\cr", match.group(2)) if row.strip()]
    cells = tuple(form(cell) for row in rows for cell in row)
    return Form(Kind.MATRIX, text, _few(cells), "x".join(str(len(row)) for row in rows))


def _union(text: str) -> Form | None:
    parts = list(_split(text, r"\cup"))
    return Form(Kind.UNION, text, _few(form(part) for part in parts)) if len(parts) > 1 else None


def _listed(text: str) -> Form | None:
    spread = re.sub(r",? ?\\text ?\{ ?(?:and|or) ?\} ?|,? ?(?<![a-zA-Z\\])(?:and|or)(?![a-zA-Z]) ?", ",", text)
    parts = [part for cut in _split(spread, ";") for part in _split(cut, ",")]
    if len(parts) < 2 and spread == text:
        return None
    return Form(Kind.LIST, text, tuple(_spread_signs(_few(form(part) for part in parts))))


def _spread_signs(parts: Sequence[Form]) -> Iterator[Form]:
    for part in parts:
        yield from part.parts if part.kind == Kind.LIST else (part,)


def _equation(text: str) -> Form | None:
    sides = list(_split(text, "="))
    if len(sides) < 2 or _RELATION.search(text) or r"\neq" in text:
        return None
    return Form(Kind.EQUATION, text, _few(form(side) for side in sides))


def _inequality(text: str) -> Form | None:
    r"""`1<x\leq 2` as the interval (1,2], `x\geq 3` as [3,\infty): one variable, alone on its side."""
    signs = _RELATION.findall(text)
    sides = [side.strip() for side in _RELATION.split(text)]
    if not signs or not all(sides):
        return None
    if len(sides) == 2:
        return _half_line(sides, signs[0])
    if (
        len(sides) != 3
        or not re.fullmatch(r"[a-zA-Z]", sides[1])
        or len({sign in ("<", r"\leq") for sign in signs}) > 1
    ):
        return None
    if signs[0] in (">", r"\geq"):
        sides, signs = sides[::-1], signs[::-1]
    return _interval(("(" if signs[0] in "<>" else "[") + (")" if signs[1] in "<>" else "]"), sides[0], sides[2])


def _half_line(sides: list[str], sign: str) -> Form | None:
    upward = sign in (">", r"\geq")
    if re.fullmatch(r"[a-zA-Z]", sides[1]) and not re.fullmatch(r"[a-zA-Z]", sides[0]):
        sides, upward = sides[::-1], not upward
    if not re.fullmatch(r"[a-zA-Z]", sides[0]):
        return None
    open_end = sign in "<>"
    if upward:
        return _interval("()" if open_end else "[)", sides[1], r"\infty")
    return _interval("()" if open_end else "(]", r"-\infty", sides[1])


def _interval(mark: str, low: str, high: str) -> Form:
    return Form(Kind.GROUP, f"{mark[0]}{low},{high}{mark[1]}", (form(low), form(high)), mark)


def _group(text: str) -> Form | None:
    for opening, ends in ((r"\{", (r"\}",)), ("(", (")", "]")), ("[", ("]", ")"))):
        if not text.startswith(opening):
            continue
        inner = text[len(opening) : -len(ends[0])]
        # the bracket of `\{` stands behind the backslash
        if closing(text, len(opening) - 1) != len(text) - 1 or not text.endswith(ends):
            return None
        parts = list(_split(inner, ","))
        if len(parts) > 1 or opening == r"\{":
            return Form(Kind.GROUP, text, _few(form(part) for part in parts), opening[-1] + text[-1])
    return None


def _either_sign(text: str) -> Form | None:
    if text.count(r"\pm") != 1:
        return None
    before, behind = text.split(r"\pm")
    return Form(Kind.LIST, text, (form(f"{before}+{behind}" if before else behind), form(f"{before}-{behind}")))


def _words(text: str) -> Form | None:
    r"""Words, or a single letter that names a choice: `\text{east}`, `(B)`, `odd`."""
    if match := re.fullmatch(r"\(([A-Z])\)|\\text ?\{ ?\(?([A-Za-z])\)? ?\}", text):
        return Form(Kind.WORDS, (match.group(1) or match.group(2)).lower())
    if match := _WORDS.fullmatch(text):
        words = (match.group(1) if match.group(1) is not None else match.group(2)).strip().lower().rstrip(".")
        # two letters may be a product; the oracle sees those
        return Form(Kind.WORDS, words) if len(words) > 2 or words == "no" or "text" in text else None
    return None


def _few(parts: Iterator[Form] | tuple[Form, ...]) -> tuple[Form, ...]:
    found = tuple(parts)
    if len(found) > MAX_PARTS:
        raise Malformed("too many parts")
    return found


def _split(text: str, separator: str) -> Iterator[str]:
    """The parts of a text between separators that stand in no bracket; brackets of any kind may pair up, as in
    (0,1]."""
    depth, start, place = 0, 0, 0
    while place < len(text):
        if text[place] in "([{":
            depth += 1
        elif text[place] in ")]}":
            depth -= 1
        if depth == 0 and text.startswith(separator, place) and not _inside_a_number(text, place, separator):
            yield text[start:place].strip()
            place += len(separator)
            start = place
            continue
        place += 1
    yield text[start:].strip()


def _inside_a_number(text: str, place: int, separator: str) -> bool:
    """Whether a comma groups digits: one to three digits before it, three behind, and no other reading as a list."""
    if separator != "," or not re.match(r",[0-9]{3}(?![0-9])", text[place:]):
        return False
    return re.search(r"(?<![0-9.])[1-9][0-9]{0,2}(?:,[0-9]{3})*$", text[:place]) is not None and "(" not in text


def closed(text: str) -> bool:
    """Whether a value holds no variable; `e` and `i` are numbers."""
    plain = re.sub(r"\\text ?\{[^{}]*\}", "", text)
    if any(name in GREEK for name in re.findall(r"\\([a-zA-Z]+)", plain)):
        return False
    return re.search(r"[a-df-hj-zA-Z]", re.sub(r"\\[a-zA-Z]+", "", plain)) is None


def agree(answer: Form, gold: Form, *, oracle: Oracle) -> bool:
    """Whether an answer says what the gold answer says; the oracle decides about single values.

    A list agrees in any order and with the set of its values; a tuple, an interval or a matrix place by place. In a
    chain of equations every side without a variable must agree with the gold answer, so `0=1=17` is not 17 and `x=17`
    is.
    """
    if gold.kind == Kind.EQUATION:
        return _same_equation(answer, gold, oracle)
    if answer.kind == Kind.EQUATION:
        return _chain_agrees(answer, gold, oracle)
    if gold.kind in (Kind.LIST, Kind.UNION) or gold.mark == "{}":
        return _unordered(answer, gold, oracle)
    if gold.kind == Kind.GROUP and answer.kind == Kind.LIST and gold.mark == "()":
        return _ordered(answer.parts, gold.parts, oracle)
    if Kind.WORDS in (answer.kind, gold.kind):
        return answer.text.lower() == gold.text.lower()
    if answer.kind != gold.kind or answer.mark != gold.mark:
        return False
    if gold.kind == Kind.VALUE:
        return oracle.equal(answer.text, gold.text)
    return _ordered(answer.parts, gold.parts, oracle)


def _ordered(answers: Sequence[Form], golds: Sequence[Form], oracle: Oracle) -> bool:
    return len(answers) == len(golds) and all(agree(a, g, oracle=oracle) for a, g in zip(answers, golds, strict=True))


def _unordered(answer: Form, gold: Form, oracle: Oracle) -> bool:
    if gold.kind == Kind.LIST and answer.mark == "()":
        return _ordered(answer.parts, gold.parts, oracle)
    allowed = {Kind.LIST, Kind.GROUP} if gold.kind != Kind.UNION else {Kind.UNION}
    if answer.kind not in allowed or answer.mark not in ("", "{}"):
        return False
    if len(answer.parts) != len(gold.parts) or len(gold.parts) > MAX_UNORDERED:
        return False
    left = list(answer.parts)
    for part in gold.parts:
        # agreement is an equivalence, so whichever partner is taken first, the others still find theirs
        partner = next((each for each in left if agree(each, part, oracle=oracle)), None)
        if partner is None:
            return False
        left.remove(partner)
    return True


def _chain_agrees(answer: Form, gold: Form, oracle: Oracle) -> bool:
    sides = list(answer.parts)
    if closed(gold.text):
        counted = [side for side in sides if side.kind != Kind.WORDS and closed(side.text)]
    else:
        counted = sides[1:] if _NAME.fullmatch(sides[0].text) else sides
    return bool(counted) and all(agree(side, gold, oracle=oracle) for side in counted)


def _same_equation(answer: Form, gold: Form, oracle: Oracle) -> bool:
    named = _NAME.fullmatch(gold.parts[0].text) is not None
    if answer.kind != Kind.EQUATION:
        return named and len(gold.parts) == 2 and agree(answer, gold.parts[-1], oracle=oracle)
    first, last = answer.parts[0], answer.parts[-1]
    if named and first.text == gold.parts[0].text and closed(gold.parts[-1].text):
        return all(agree(side, gold.parts[-1], oracle=oracle) for side in answer.parts[1:])
    if len(answer.parts) != 2 or len(gold.parts) != 2:
        return False
    return oracle.same_equation((first.text, last.text), (gold.parts[0].text, gold.parts[-1].text))
