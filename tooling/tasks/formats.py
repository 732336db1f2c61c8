"""Countdown whose solutions can be written in more than one surface format."""

import random
from dataclasses import dataclass

from tooling.tasks.countdown import Countdown
from tooling.tasks.item import Demonstration, Item
from tooling.verify.countdown import ATTEMPT_SEPARATOR

FORMATS = ("steps", "tries", "expression")


@dataclass(frozen=True)
class Formats(Countdown):
    """Countdown in three formats that a look tells apart, whether a completion is right or wrong.

    `steps` are attempts in steps until one hits, `2+8=10 10-9=1;2+9=11 11-8=3`; `tries` are the same attempts as whole
    expressions with their values, `(2+8)-9=1;(2+9)-8=3`; an `expression` is one attempt and leaves its value out,
    `(2+9)-8`. Two numbers are too few for it: their expression has no brackets.
    """

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, written for `item`; raises `ValueError` for a style that is no format."""
        if style not in FORMATS:
            raise ValueError(f"`Formats` has no style `{style}`; use one of {', '.join(FORMATS)}")
        solved = super().demonstration(item, "solve" if style == "expression" else "search", source=source)
        attempts = solved.completion.split(ATTEMPT_SEPARATOR)
        if style == "expression":
            attempts = [as_expression(attempt) for attempt in attempts]
        elif style == "tries":
            attempts = [f"{as_expression(attempt)}={attempt.rpartition('=')[2]}" for attempt in attempts]
        return Demonstration(solved.prompt, ATTEMPT_SEPARATOR.join(attempts))


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


def format_of(text: str) -> str:
    """The format of a completion: brackets tell whole expressions from steps, and a value tells tries."""
    if "(" not in text:
        return "steps"
    return "tries" if "=" in text else "expression"
