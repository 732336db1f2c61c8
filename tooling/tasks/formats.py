"""Countdown whose solutions can be written in more than one surface format."""

import random
from dataclasses import dataclass

from tooling.tasks.countdown import Countdown
from tooling.tasks.item import Completion, Demonstration, Item
from tooling.verify import Grade
from tooling.verify.countdown import ATTEMPT_SEPARATOR

# the letter that opens a completion: without it a search that hits at once would look like steps, and only then
MARKS = {"search": "t", "steps": "s", "expression": "e"}
FORMATS = tuple(MARKS)


@dataclass(frozen=True)
class Formats(Countdown):
    """Countdown in three formats, which a letter at the start announces: as code and prose, known by their first word.

    `s2+9=11 11-8=3` and `e(2+9)-8` solve the same item, in steps and as an expression; `t` opens a search, attempts in
    steps one after the other. `format_of` tells formats apart whether they are right or wrong. The letter is no part of
    the answer. A share `guessed` of the demonstrations in steps and as expression are one attempt that may miss: who saw
    right ones alone would go on to search after a miss.
    """

    guessed: float = 0.5

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, written for `item`; raises `ValueError` for a style that is no format."""
        if style not in MARKS:
            raise ValueError(f"`Formats` has no style `{style}`; use one of {', '.join(MARKS)}")
        once = "guess" if source.random() < self.guessed else "solve"
        solved = super().demonstration(item, "search" if style == "search" else once, source=source)
        text = as_expression(solved.completion) if style == "expression" else solved.completion
        return Demonstration(solved.prompt, MARKS[style] + text)

    def grade(self, completion: Completion, item: Item) -> Grade:
        """The grade of what follows the letter; a completion without one is graded as it is."""
        text = completion.text
        return super().grade(completion._replace(text=text[1:] if text[:1] in MARKS.values() else text), item)


def as_expression(chain: str) -> str:
    """Worked steps as one expression: `2+9=11 11-8=3` becomes `(2+9)-8`.

    A number that an earlier step has reached stands for that step, even where the same number was also given.
    """
    at_hand: dict[str, list[str]] = {}
    expression = chain
    for step in chain.split(" "):
        body, _, value = step.partition("=")
        operator = next(letter for letter in body if letter in "+-*")
        operands = (at_hand[number].pop() if at_hand.get(number) else number for number in body.split(operator))
        expression = operator.join(operands)
        at_hand.setdefault(value, []).append(f"({expression})")
    return expression


def format_of(text: str) -> str | None:
    """The format that the letter announces; None where there is none or what follows is not written in it."""
    body = text[1:]
    kept = {
        "search": "=" in body,
        "steps": "=" in body and ATTEMPT_SEPARATOR not in body,
        "expression": "=" not in body and ATTEMPT_SEPARATOR not in body,
    }
    return next((name for name, mark in MARKS.items() if text[:1] == mark and kept[name]), None)
