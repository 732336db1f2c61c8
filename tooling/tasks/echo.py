"""Countdown whose demonstrations look again, and are no more often right for it."""

import random
from dataclasses import dataclass

from tooling.tasks.countdown import Countdown
from tooling.tasks.item import Demonstration, Item
from tooling.verify.countdown import ATTEMPT_SEPARATOR


@dataclass(frozen=True)
class Echo(Countdown):
    """Countdown with three more styles; in each the last attempt is a solution in a share `right` of the cases.

    In the others it is any attempt by the rules. `once` is that attempt alone; `echo` writes it two to `attempts`
    times (`2+9=11 11+8=19;2+9=11 11+8=19`); `retry` has one to `attempts` - 1 misses before it. So whether a
    demonstration looks again says nothing of whether it ends right.
    """

    right: float = 0.4

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, written for `item`."""
        if style not in ("once", "echo", "retry"):
            return super().demonstration(item, style, source=source)
        last = super().demonstration(item, "solve" if source.random() < self.right else "guess", source=source)
        more = 0 if style == "once" else source.randint(1, self.attempts - 1)
        before = [last.completion] * more if style == "echo" else self._misses(item, more, source)
        return Demonstration(item.prompt, ATTEMPT_SEPARATOR.join([*before, last.completion]))

    def _misses(self, item: Item, count: int, source: random.Random) -> list[str]:
        misses = [c.text for c in self._chains(item.facts["numbers"]) if c.value != item.facts["target"]]
        return source.sample(misses, min(len(misses), count))
