"""Countdown: reach a target from a few numbers, each used once, by worked steps.

Source: the task of TinyZero (github.com/Jiayi-Pan/TinyZero), with small numbers and without division.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from tooling.tasks.item import Completion, Demonstration, Item, Split, item_key, split_of
from tooling.verify import Grade, Why, countdown
from tooling.verify.arithmetic import apply
from tooling.verify.countdown import ATTEMPT_SEPARATOR
from tooling.verify.grade import failed


class Chain(NamedTuple):
    """Worked steps that use all the numbers, such as `2+9=11 11-8=3`, and the value they reach."""

    text: str
    value: int


LARGEST_VALUE = 99  # of any step: two digits keep the arithmetic learnable for a model of 0.1M parameters


@dataclass(frozen=True)
class Countdown:
    """The countdown task. Prompt `2 8 9>3:`, completion `2+9=11 11-8=3`, or attempts separated by `;`.

    Styles of demonstrations: `guess` (one attempt by the rules, whatever it reaches), `solve` (one attempt that
    reaches the target), `search` (attempts that miss, then one that reaches it), `loose` (one attempt that breaks the
    rules: a number is left out, or is not the given one), `format` (one by the rules for a prompt without a target).
    """

    count: int = 3  # numbers per item; TinyZero has 3 and 4
    largest: int = 12  # numbers are 1 to this; TinyZero's go to 99
    largest_target: int = 60  # targets are 1 to this
    operators: str = "+-*"  # TinyZero also has division
    attempts: int = 4  # attempts in a `search` demonstration, at most

    def items(self, split: Split, count: int, seed: int) -> list[Item]:
        """`count` different solvable items of `split`, drawn by `seed`."""
        source = random.Random(f"{self} {split} {seed}")
        found: dict[str, Item] = {}
        for _ in range(200 * count):
            if len(found) == count:
                return list(found.values())
            item = self._draw(source)
            if split_of(item.key) == split:
                found.setdefault(item.key, item)
        raise ValueError(f"{self} has fewer than {count} items in `{split}`; ask for fewer or use larger numbers")

    def stream(self, split: Split, seed: int) -> Iterator[Item]:
        """Items of `split` without end, repeats allowed."""
        source = random.Random(f"{self} {split} {seed} stream")
        while True:
            item = self._draw(source)
            if split_of(item.key) == split:
                yield item

    def grade(self, completion: Completion, item: Item) -> Grade:
        """The grade of the last attempt; an unfinished completion is `truncated`."""
        if not completion.finished:
            return failed(Why.TRUNCATED)
        return countdown(completion.text, item.facts["numbers"], item.facts["target"])

    def solution(self, item: Item) -> str:
        """The first solving attempt in the order of `solutions`."""
        return item.gold

    def solutions(self, item: Item) -> tuple[str, ...]:
        """All completions of a single attempt in worked steps that solve the item."""
        return tuple(c.text for c in self._chains(item.facts["numbers"]) if c.value == item.facts["target"])

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, written for `item`."""
        numbers, target = item.facts["numbers"], item.facts["target"]
        if style == "guess":
            return Demonstration(item.prompt, source.choice(self._chains(numbers)).text)
        if style == "solve":
            return Demonstration(item.prompt, self._solving(numbers, target, source))
        if style == "search":
            return Demonstration(item.prompt, self._searching(numbers, target, source))
        if style == "loose":
            return Demonstration(item.prompt, self._loose(numbers, source))
        if style == "format":
            return Demonstration(_prompt(numbers, ""), source.choice(self._chains(numbers)).text)
        raise ValueError(f"countdown has no style `{style}`; it has guess, solve, search, loose and format")

    def _searching(self, numbers: tuple[int, ...], target: int, source: random.Random) -> str:
        misses = [c.text for c in self._chains(numbers) if c.value != target]
        tried = source.sample(misses, min(len(misses), source.randint(1, self.attempts - 1)))
        return ATTEMPT_SEPARATOR.join([*tried, self._solving(numbers, target, source)])

    def _chains(self, numbers: tuple[int, ...]) -> tuple[Chain, ...]:
        return chains(tuple(sorted(numbers)), self.operators)

    def _loose(self, numbers: tuple[int, ...], source: random.Random) -> str:
        """Steps that hold but break the rules: the last one is missing, or a number is not the given one."""
        steps = source.choice(self._chains(numbers)).text.split(" ")
        if len(steps) > 1 and source.random() < 0.5:
            return " ".join(steps[:-1])
        place = source.randrange(len(numbers))
        other = source.choice([number for number in range(1, self.largest + 2) if number != numbers[place]])
        return source.choice(self._chains((*numbers[:place], other, *numbers[place + 1 :]))).text

    def _solving(self, numbers: tuple[int, ...], target: int, source: random.Random) -> str:
        return source.choice([c.text for c in self._chains(numbers) if c.value == target])

    def _draw(self, source: random.Random) -> Item:
        """A random solvable item: numbers first, then the value of one of their chains."""
        while True:
            numbers = tuple(source.randint(1, self.largest) for _ in range(self.count))
            reachable = [c for c in self._chains(numbers) if 0 < c.value <= self.largest_target]
            if reachable:
                target = source.choice(reachable).value
                return self._item(numbers, target)

    def _item(self, numbers: tuple[int, ...], target: int) -> Item:
        gold = next(c.text for c in self._chains(numbers) if c.value == target)
        key = item_key("countdown", tuple(sorted(numbers)), target)
        return Item(_prompt(numbers, target), gold, {"numbers": numbers, "target": target}, key)


def _prompt(numbers: tuple[int, ...], target: int | str) -> str:
    return f"{' '.join(map(str, numbers))}>{target}:"


@lru_cache(maxsize=100_000)
def chains(numbers: tuple[int, ...], operators: str) -> tuple[Chain, ...]:
    """All chains over the numbers with every value from 0 to 99, sorted and without repeats.

    Sums and products are written with both orders of their operands. Three numbers have about 90 chains by `+-*`, 40 by
    `+-`. The order of the numbers does not matter; give them sorted, so that the cache finds them.
    """
    return tuple(sorted(set(_chains(numbers, operators))))


def _chains(numbers: tuple[int, ...], operators: str) -> Iterator[Chain]:
    for first, second in permutations(range(len(numbers)), 2):
        left, right = numbers[first], numbers[second]
        rest = tuple(n for place, n in enumerate(numbers) if place not in (first, second))
        for operator in operators:
            exact = apply(operator, left=Fraction(left), right=Fraction(right))
            if exact is None or exact.denominator != 1 or not 0 <= exact <= LARGEST_VALUE:
                continue
            value = int(exact)
            step = f"{left}{operator}{right}={value}"
            if not rest:
                yield Chain(step, value)
                continue
            yield from (Chain(f"{step} {c.text}", c.value) for c in _chains((*rest, value), operators))
