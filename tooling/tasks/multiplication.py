"""Multiplication of integers, by heart, by partial products, or by trying.

Source: TinyZero's second task (github.com/Jiayi-Pan/TinyZero).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tooling.tasks.item import Completion, Demonstration, Item, Split, item_key, split_of
from tooling.verify import Grade, Why, product
from tooling.verify.countdown import ATTEMPT_SEPARATOR
from tooling.verify.grade import failed


@dataclass(frozen=True)
class Multiplication:
    """The multiplication task. Prompt `34*7:`, completion `238` or `30*7=210 4*7=28 210+28=238`.

    Styles of demonstrations: `direct` (the product), `decompose` (partial products by the distributive law),
    `search` (products that miss by a plausible slip, then the right one), `slip` (a product that misses).
    """

    smallest: int = 11
    largest: int = 99  # of the first factor
    smallest_factor: int = 3
    largest_factor: int = 9  # of the second factor
    attempts: int = 3  # attempts in a `search` demonstration, at most

    def items(self, split: Split, count: int, seed: int) -> list[Item]:
        """`count` different items of `split`, drawn by `seed`."""
        every = [item for item in self._every() if split_of(item.key) == split]
        if len(every) < count:
            raise ValueError(f"{self} has {len(every)} items in `{split}`, fewer than {count}; ask for fewer")
        return random.Random(f"{self} {split} {seed}").sample(every, count)

    def stream(self, split: Split, seed: int) -> Iterator[Item]:
        """Items of `split` without end, repeats allowed."""
        every = [item for item in self._every() if split_of(item.key) == split]
        source = random.Random(f"{self} {split} {seed} stream")
        while True:
            yield source.choice(every)

    def grade(self, completion: Completion, item: Item) -> Grade:
        """The grade of the last attempt; an unfinished completion is `truncated`."""
        if not completion.finished:
            return failed(Why.TRUNCATED)
        return product(completion.text, item.facts["factors"])

    def solution(self, item: Item) -> str:
        """The product, as a number."""
        return item.gold

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, written for `item`."""
        left, factor = item.facts["factors"]
        if style == "direct":
            return Demonstration(item.prompt, item.gold)
        if style == "decompose":
            return Demonstration(item.prompt, _partial_products(left, factor))
        if style == "search":
            tried = [_slip(left * factor, source) for _ in range(source.randint(1, self.attempts - 1))]
            return Demonstration(item.prompt, ATTEMPT_SEPARATOR.join([*tried, item.gold]))
        if style == "slip":
            return Demonstration(item.prompt, _slip(left * factor, source))
        raise ValueError(f"multiplication has no style `{style}`; it has direct, decompose, search and slip")

    def _every(self) -> list[Item]:
        factors = range(self.smallest_factor, self.largest_factor + 1)
        items = [_item(left, factor) for left in range(self.smallest, self.largest + 1) for factor in factors]
        return list({item.key: item for item in items}.values())


def _item(left: int, factor: int) -> Item:
    key = item_key("multiplication", tuple(sorted((left, factor))))
    return Item(f"{left}*{factor}:", str(left * factor), {"factors": (left, factor)}, key)


def _partial_products(left: int, factor: int) -> str:
    """`34*7` as `30*7=210 4*7=28 210+28=238`."""
    tens, ones = left - left % 10, left % 10
    first, second = tens * factor, ones * factor
    return f"{tens}*{factor}={first} {ones}*{factor}={second} {first}+{second}={left * factor}"


def _slip(value: int, source: random.Random) -> str:
    """A plausible wrong product: one digit off by one or two, or a carry lost."""
    return str(value + source.choice((-20, -10, -2, -1, 1, 2, 10, 20)))
