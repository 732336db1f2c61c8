"""Countdown with traces to prime a model with: behaviour, right answers and length, each without the others."""

import random
import re
from dataclasses import dataclass

from tooling.tasks.echo import Echo
from tooling.tasks.item import Demonstration, Item, Split
from tooling.verify.countdown import ATTEMPT_SEPARATOR, countdown_attempts

KINDS = ("right", "wrong", "empty", "straight")
_TOKEN = re.compile("[0-9]{2}|.")  # as small bases read: two digits, else one character


@dataclass(frozen=True)
class Primed(Echo):
    """Countdown with four more styles, the kinds of priming of "Cognitive Behaviors" (arXiv:2503.01307).

    `right` is one to `attempts` - 1 misses, then a solution: `2+9=11 11+8=19;2+9=11 11-8=3`; `wrong` has the same
    misses, then another one; `empty` has a separator for each token of the misses, `;;;;;;;;;;;;2+9=11 11-8=3`;
    `straight` is the solution alone. Of one item and one source all four have the same misses and the same solution.

    The filler is the separator since bases know it: a dot, which no pretraining has, takes more steps than a priming.
    """

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, written for `item`."""
        if style not in KINDS:
            return super().demonstration(item, style, source=source)
        solution = self._solving(item.facts["numbers"], item.facts["target"], source)
        misses = self._misses(item, source.randint(2, self.attempts), source)
        # an item of two numbers can have a single miss, which then is both
        tried, missed = ATTEMPT_SEPARATOR.join(misses[1:] or misses), misses[0]
        if style == "empty":
            tried = _TOKEN.sub(ATTEMPT_SEPARATOR, tried)
        before = "" if style == "straight" else tried + ATTEMPT_SEPARATOR
        return Demonstration(item.prompt, before + (missed if style == "wrong" else solution))

    def examples(self, style: str, count: int, *, seed: int) -> list[Demonstration]:
        """Demonstrations in `style` for `count` different items of the split `pretrain`.

        Of one seed, every kind is written for the same items with the same misses and solutions.
        """
        items = self.items(Split.PRETRAIN, count, seed)
        return [self.demonstration(it, style, source=random.Random(f"priming {seed} {it.key}")) for it in items]


def tries(text: str) -> int:
    """The number of different attempts of a completion; one written twice counts once, and empty ones do not."""
    return len({attempt for attempt in countdown_attempts(text) if "=" in attempt})
