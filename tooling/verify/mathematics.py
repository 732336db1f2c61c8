r"""The grader of mathematics: an answer against a gold answer, up to equivalence, whatever the text does.

What happens, in this order: the answer is extracted; its notation is brought to one form, under limits that come
before any parsing; its shape is read; equal texts and plain numbers are compared at once, as exact fractions;
everything else goes to a worker process that can be killed. The calling process evaluates no text.

Rules. One answer is asked for: several different boxes, a list where one value is gold, "A or B", a denial are
`malformed`. In a chain of equations every side without a variable must be the gold answer. Values are exact: 0.33 is
not 1/3, and a decimal is right only for its own value. Units agree where both are given; a percentage agrees with its
number and its value. A gold answer in words is compared word by word.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from tooling.verify.arithmetic import Malformed
from tooling.verify.extraction import extraction
from tooling.verify.form import Form, Kind, agree, form
from tooling.verify.grade import Grade, Why, failed, right
from tooling.verify.notation import LIBRARY_COMMANDS, library_commands, normal
from tooling.verify.pool import Ended, shared_pool
from tooling.verify.value import Exact, Undecided

MAX_SHOWN = 200


class Question(NamedTuple):
    """What only a worker can decide: an answer and a gold answer in the notation of `normal`, and the text to show."""

    answer: str
    gold: str
    shown: str


def mathematics(text: str, gold: str) -> Grade:
    r"""The grade of a completion `text` for a `gold` answer in LaTeX or plain text; never raises for what a model
    wrote.

    Needs math-verify (extra `repro`) unless both answers are plain numbers, and takes at most a second of processor
    time. Many completions are graded faster by `grade_many(mathematics, pairs)`.

    >>> mathematics(r"Half of it is \boxed{\frac{2}{4}}.", "1/2")
    Grade(correct=True, score=1.0, answer='\\frac{2}{4}', why=<Why.OK: 'ok'>)
    """
    decided = decision(text, gold)
    return decided if isinstance(decided, Grade) else conclusion(decided, shared_pool().replies([asked(decided)])[0])


def decision(text: str, gold: str) -> Grade | Question:
    """The grade, where no worker is needed, or the question for one."""
    extracted = extraction(text)
    if extracted.why is not None:
        return failed(extracted.why)
    shown = ", ".join(extracted.answers)[:MAX_SHOWN]
    reference = _reference(gold.strip())
    if reference is None:
        return right(shown) if extracted.answers == (gold.strip(),) else failed(Why.WRONG, shown)
    try:
        answers = [normal(each, allowed=library_commands(reference.notation)) for each in extracted.answers]
        answer = _one_answer(answers, reference.form)
        read = form(answer)
        return (
            right(shown) if agree(read, reference.form, oracle=Exact()) else failed(_why(read, reference.form), shown)
        )
    except Malformed:
        return failed(Why.MALFORMED, shown)
    except Undecided:
        return Question(answer, reference.notation, shown)


class _Reference(NamedTuple):
    notation: str
    form: Form


@lru_cache(maxsize=4096)
def _reference(gold: str) -> _Reference | None:
    """A gold answer as it is compared, or None for one that is outside of the notation: only its own text is right."""
    gold = re.sub(r"^\$*\\boxed\{(.*)\}\$*$", r"\1", gold)
    try:
        notation = normal(gold, allowed=LIBRARY_COMMANDS)
        return _Reference(notation, form(notation))
    except Malformed:
        return None


def asked(question: Question) -> dict[str, Any]:
    """The question as a worker gets it."""
    return {"answer": question.answer, "gold": question.gold}


def conclusion(question: Question, reply: dict[str, Any] | Ended) -> Grade:
    """The grade that follows from a worker's reply, or from its end."""
    if isinstance(reply, Ended):
        return failed(Why.TIMEOUT if reply.by_time else Why.MALFORMED, question.shown)
    if "agrees" in reply:
        return right(question.shown) if reply["agrees"] is True else failed(Why.WRONG, question.shown)
    return failed(Why.MALFORMED, question.shown)


def _one_answer(answers: list[str], gold: Form) -> str:
    """The answer of a completion; several boxes are the parts of a list where a list is gold, else a hedge."""
    if not all(answers):
        raise Malformed("an empty box")
    different = list(dict.fromkeys(answers))
    if len(different) == 1:
        return different[0]
    if gold.kind in (Kind.LIST, Kind.GROUP) and len(different) == len(gold.parts) and gold.mark in ("", "{}"):
        return ", ".join(different)
    raise Malformed("several different answers")


def _why(answer: Form, gold: Form) -> Why:
    """A list where one value is asked is a hedge; anything else that does not agree is wrong."""
    hedged = answer.kind == Kind.LIST and gold.kind in (Kind.VALUE, Kind.WORDS)
    return Why.MALFORMED if hedged else Why.WRONG
