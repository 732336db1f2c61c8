"""Countdown whose solutions can be written in more than one surface format."""

import random
from dataclasses import dataclass

from tooling.tasks.countdown import Countdown
from tooling.tasks.item import Demonstration, Item
from tooling.verify.countdown import ATTEMPT_SEPARATOR

FORMATS = ("search", "steps", "expression")


@dataclass(frozen=True)
class Formats(Countdown):
    """Countdown with two more styles, `steps` and `expression`: the same solving chain, written in two formats.

    `2+9=11 11-8=3` and `(2+9)-8` solve the same item. With `search` of countdown, which makes several attempts in
    steps, there are three formats of a completion, which `format_of` tells apart whether it is right or wrong.
    """

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, written for `item`."""
        if style not in ("steps", "expression"):
            return super().demonstration(item, style, source=source)
        solved = super().demonstration(item, "solve", source=source)
        return solved if style == "steps" else Demonstration(solved.prompt, as_expression(solved.completion))


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
    """The format of a completion: `search` (several attempts), `steps` (one, with an equals sign) or `expression`."""
    if ATTEMPT_SEPARATOR in text:
        return "search"
    return "steps" if "=" in text else "expression"
