"""Addition in a scratchpad: columns from the right are thinking, then the end of thinking, then the answer.

A stand-in for long reasoning traces that can look again (s1, arXiv:2501.19393): behind a WAIT the prompt is read again
and the columns are worked once more, which confirms the first look or corrects it. Digits are written apart, so that
each is one token.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from tooling.tasks.drawing import Drawn
from tooling.tasks.item import Completion, Demonstration, Item, item_key
from tooling.verify import Grade, Why, scratchpad
from tooling.verify.grade import failed
from tooling.verify.scratchpad import END_OF_THINKING, WAIT, spaced

PAUSE = "."  # means nothing: it may stand before any column and before the end of thinking
SLIPS = (-10, -1, 1, 10)  # of a planted mistake: a digit off by one, a carry lost or made up


@dataclass(frozen=True)
class Addition(Drawn):
    """The addition task. Prompt `3 4 7+8 5 9:`, completion `7+9+0=16 4+5+1=10 3+8+1=12>1 2 0 6`.

    A column has one digit of each term, the carry that comes in, and their sum in two digits. Styles of demonstrations:
    `direct` (no thinking), `steps` (the columns), `check` (the columns, WAIT, the prompt and the columns again),
    `mistake` (one column is wrong, and all that follows agrees with it), `fix` (a mistake, WAIT, the prompt and the
    columns as they should be), `confirm` (a mistake, WAIT, the prompt and the same mistake). Those that look again do
    so once, now and then more often, and always alike. The prompt is read again, as in figure 3 of s1.
    """

    digits: int = 3  # of each term, at most
    fewest: int = 3  # of each term, at least; all terms of an item have the same number
    terms: int = 2
    looks: int = 6  # behind the first one, at most
    more: float = 0.3  # chance of a further look behind each, and of a further pause
    pauses: float = 0.1  # share of passes in which one or several pauses are put somewhere

    def draw(self, source: random.Random) -> Item:
        """A random sum; all terms have the same number of digits, which is drawn evenly."""
        digits = source.randint(self.fewest, self.digits)
        return _item(tuple(source.randrange(10 ** (digits - 1), 10**digits) for _ in range(self.terms)))

    def grade(self, completion: Completion, item: Item) -> Grade:
        """The grade of the answer; an unfinished completion is `truncated`."""
        if not completion.finished:
            return failed(Why.TRUNCATED)
        return scratchpad(completion.text, item.facts["terms"])

    def solution(self, item: Item) -> str:
        """The answer alone, in digits apart."""
        return item.gold

    def domain(self, item: Item) -> str:
        """The kind of sum: its number of digits and of carries, such as `3 digits, 2 carries`."""
        columns = worked(item.facts["terms"])
        return f"{len(columns)} digits, {sum(column.total > 9 for column in columns)} carries"

    def variants(self, item: Item) -> list[Item]:
        """The same sum with its terms in every other order: the same key, the same answer, another prompt."""
        orders = sorted(set(permutations(item.facts["terms"])) - {tuple(item.facts["terms"])})
        return [_item(terms) for terms in orders]

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, written for `item`."""
        terms = item.facts["terms"]
        if style == "direct":
            return Demonstration(item.prompt, f"{END_OF_THINKING}{item.gold}")
        if style not in ("steps", "check", "mistake", "fix", "confirm"):
            raise ValueError(f"addition has no style `{style}`; it has direct, steps, check, mistake, fix and confirm")
        first = worked(terms) if style in ("steps", "check") else _slipped(terms, source)
        last = worked(terms) if style == "fix" else first
        again = self._often(source) if style in ("check", "fix", "confirm") else 0
        looks = [self._written(columns, source) for columns in (first, *[last] * again)]
        thinking = f"{WAIT}{item.prompt}".join(looks)
        return Demonstration(item.prompt, f"{thinking}{END_OF_THINKING}{_answer(last)}")

    def _often(self, source: random.Random) -> int:
        """How often a demonstration looks again, or pauses: geometric, so that many times are rare and not unseen."""
        count = 1
        while count < self.looks and source.random() < self.more:
            count += 1
        return count

    def _written(self, columns: Sequence["Column"], source: random.Random) -> str:
        """The columns as text, now and then with pauses before one of them or at the end."""
        parts = [str(column) for column in columns]
        text = " ".join(parts)
        if source.random() >= self.pauses:
            return text
        place = source.randint(0, len(parts))
        before, after = " ".join(parts[:place]), " ".join(parts[place:])
        return f"{before}{PAUSE * self._often(source)}{after}"


@dataclass(frozen=True)
class Column:
    """One column of the scratchpad: the digits, the carry that comes in, and what was written as their sum."""

    digits: tuple[int, ...]
    carry: int
    total: int

    def __str__(self) -> str:
        """The column as the scratchpad has it: `4+5+1=10`."""
        return f"{'+'.join(map(str, (*self.digits, self.carry)))}={self.total:02}"


def worked(terms: Sequence[int], *, slip: tuple[int, int] = (0, 0)) -> list[Column]:
    """The columns of a sum from the right; `slip` is a column and what is wrongly added to its total.

    >>> [str(column) for column in worked((347, 859))]
    ['7+9+0=16', '4+5+1=10', '3+8+1=12']
    """
    columns, carry = [], 0
    for place in range(max(len(str(term)) for term in terms)):
        digits = tuple(term // 10**place % 10 for term in terms)
        total = sum(digits) + carry + (slip[1] if place == slip[0] else 0)
        columns.append(Column(digits, carry, total))
        carry = total // 10
    return columns


def _slipped(terms: Sequence[int], source: random.Random) -> list[Column]:
    """The columns with one mistake, whose carry is carried on; every total keeps to two digits."""
    right = worked(terms)
    place = source.randrange(len(right))
    slips = [slip for slip in SLIPS if 0 <= right[place].total + slip < 100]
    return worked(terms, slip=(place, source.choice(slips)))


def _answer(columns: Sequence[Column]) -> str:
    """What the columns add up to, as they stand."""
    *lower, last = columns
    return spaced(
        last.total * 10 ** len(lower) + sum(column.total % 10 * 10**place for place, column in enumerate(lower))
    )


def _item(terms: tuple[int, ...]) -> Item:
    prompt = f"{'+'.join(map(spaced, terms))}:"
    return Item(prompt, spaced(sum(terms)), {"terms": terms}, item_key("addition", tuple(sorted(terms))))
