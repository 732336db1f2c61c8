"""Countdown whose prompts ask for a number of tokens."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tooling.tasks.echo import Echo
from tooling.tasks.item import Demonstration, Item
from tooling.verify.countdown import ATTEMPT_SEPARATOR


@dataclass(frozen=True)
class Budgeted(Echo):
    """Countdown with a budget in the prompt, as in L1 (arXiv:2503.04697): `2 8 9>3#24:` asks for 24 tokens.

    The budget is drawn from `budgets` and is the fact `budget` of an item; the key is that of the numbers and the
    target, so that an item is in the same split whatever is asked of it. Demonstrations are those of `Echo`; a share
    `heeded` of them has one attempt for the first budget, two for the second and so on, the others are written without
    a look at the budget. Over 3 numbers below 100 an attempt and the separator or end behind it are 12 tokens.
    """

    budgets: tuple[int, ...] = (12, 24, 36)  # tokens, the end token included; two digits are a single token
    heeded: float = 0.0  # share of the demonstrations that keep to the budget

    def asking(self, item: Item, budget: int) -> Item:
        """The same item with a prompt that asks for so many tokens."""
        prompt = item.prompt.partition("#")[0].removesuffix(":")
        return item._replace(prompt=f"{prompt}#{budget}:", facts={**item.facts, "budget": budget})

    def grid(self, items: Sequence[Item]) -> list[Item]:
        """Each item with each budget: all items with the first, then all with the second, and so on."""
        return [self.asking(item, budget) for budget in self.budgets for item in items]

    def labelled(self, item: Item, completion: str, *, tokens: int) -> Demonstration:
        """A completion of so many tokens as an example for the budget that is nearest to its length."""
        nearest = min(self.budgets, key=lambda budget: abs(budget - tokens))
        return Demonstration(self.asking(item, nearest).prompt, completion)

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, or one that keeps to the item's budget."""
        if source.random() >= self.heeded:
            return super().demonstration(item, style, source=source)
        last = super().demonstration(item, "once", source=source)
        before = self._misses(item, self.budgets.index(item.facts["budget"]), source)
        return Demonstration(item.prompt, ATTEMPT_SEPARATOR.join([*before, last.completion]))

    def _draw(self, source: random.Random) -> Item:
        return self.asking(super()._draw(source), source.choice(self.budgets))
