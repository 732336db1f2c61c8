"""State tracking: where things are after their places were swapped, one pair after the other.

Source: composition of permutations, the word problem that needs one step per swap (Merrill, Petty and Sabharwal, "The
Illusion of State in State-Space Models", arXiv 2404.08819); the shuffled objects of BIG-bench in letters and digits.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from string import ascii_lowercase

from tooling.tasks.drawing import Drawn
from tooling.tasks.item import Completion, Demonstration, Item, item_key
from tooling.verify import Grade, Why
from tooling.verify.countdown import ATTEMPT_SEPARATOR
from tooling.verify.grade import failed
from tooling.verify.logic import CHECK_START, WORK_END
from tooling.verify.tracking import swapped, tracking

STYLES = ("direct", "steps", "check", "retry", "mistake")

Swaps = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Tracking(Drawn):
    """Orders after swaps. Prompt `acbd:24 23 14 23?`, completion `cdba`; `24` swaps the things in places 2 and 4.

    With steps the completion is `adbc abdc cbda>cdba`, with a check `cdba.cbda abdc adbc acbd+`. A pair of digits
    is one token, and so is a swap.

    Styles of demonstrations: `direct` (the order in the end), `steps` (the order after each swap, then the answer),
    `check` (the answer, then the swaps undone from the last to the first, `+` where that gives the start), `retry`
    (answers whose check does not give the start, `-`, then the right one with its check), `mistake` (steps of which one
    makes another swap, carried on to a wrong answer).
    """

    things: int = 4  # in the order, 2 to 9: a place is one digit
    swaps: int = 4  # the number of steps, which is the depth of the state to be tracked
    attempts: int = 2  # answers in a `retry` demonstration, at most

    def __post_init__(self) -> None:
        """Refuse what cannot be written."""
        if not 3 <= self.things <= 9 or self.swaps < 1 or self.attempts < 2:
            raise ValueError(f"{self}: `things` is 3 to 9, `swaps` at least 1, `attempts` at least 2")

    @property
    def chance(self) -> float:
        """The most that an answer earns which reads the start but no swap, by the exact distribution of the swaps.

        It is more than 1 in things!, because the number of swaps decides whether a permutation is even.
        """
        start = ascii_lowercase[: self.things]
        pairs = list(combinations(range(1, self.things + 1), 2))
        # the order and the last swap, which is not repeated at once, with the number of ways to it
        ways = Counter({(swapped(start, pair), pair): 1 for pair in pairs})
        for _ in range(self.swaps - 1):
            longer: Counter[tuple[str, tuple[int, int]]] = Counter()
            for (order, last), count in ways.items():
                for pair in pairs:
                    if pair != last:
                        longer[swapped(order, pair), pair] += count
            ways = longer
        ends: Counter[str] = Counter()
        for (order, _), count in ways.items():
            ends[order] += count
        return max(ends.values()) / ends.total()

    def draw(self, source: random.Random) -> Item:
        """A random start and random swaps, none of them undoing the one before."""
        start = "".join(source.sample(ascii_lowercase[: self.things], self.things))
        pairs = list(combinations(range(1, self.things + 1), 2))
        swaps = [source.choice(pairs)]
        while len(swaps) < self.swaps:
            swaps.append(source.choice([pair for pair in pairs if pair != swaps[-1]]))
        return _item(start, tuple(swaps))

    def grade(self, completion: Completion, item: Item) -> Grade:
        """The grade of the last attempt's answer; an unfinished completion is `truncated`."""
        if not completion.finished:
            return failed(Why.TRUNCATED)
        return tracking(completion.text, item.facts["start"], swaps=item.facts["swaps"])

    def solution(self, item: Item) -> str:
        """The answer alone."""
        return item.gold

    def solutions(self, item: Item) -> tuple[str, ...]:
        """All completions without work or check that solve the item: its one answer."""
        return (item.gold,)

    def variants(self, item: Item) -> list[Item]:
        """The item perturbed, for memorisation scores (see `memorisation_score`); `facts["variant"]` says how.

        `swap`: one swap is another (each has a key, and so a split, of its own, and always another answer); `rename`:
        the things have each other's names, which keeps the key.
        """
        start, swaps = item.facts["start"], item.facts["swaps"]
        found = [_item(start, changed, variant="swap") for changed in self._one_other(swaps)]
        names = sorted(start)
        next_name = dict(zip(names, names[1:] + names[:1], strict=True))
        return [*found, _item("".join(map(next_name.__getitem__, start)), swaps, variant="rename")]

    def demonstration(self, item: Item, style: str, *, source: random.Random) -> Demonstration:
        """A worked example in `style`, written for `item`."""
        if style not in STYLES:
            raise ValueError(f"tracking has no style `{style}`; it has {', '.join(STYLES[:-1])} and {STYLES[-1]}")
        start, swaps = item.facts["start"], item.facts["swaps"]
        shown = {
            "direct": lambda: item.gold,
            "steps": lambda: _worked(start, swaps),
            "check": lambda: _checked(item.gold, start, swaps),
            "retry": lambda: self._retried(item, source),
            "mistake": lambda: _worked(start, source.choice(self._one_other(swaps))),
        }
        return Demonstration(item.prompt, shown[style]())

    def _one_other(self, swaps: Swaps) -> list[Swaps]:
        """The same swaps but for one, which is another; none undoes the one before."""
        pairs = list(combinations(range(1, self.things + 1), 2))
        changed = [(*swaps[:place], pair, *swaps[place + 1 :]) for place in range(len(swaps)) for pair in pairs]
        return [each for each in changed if each != swaps and all(map(_differ, each, each[1:]))]

    def _retried(self, item: Item, source: random.Random) -> str:
        """Answers that come from a mistaken step, each with its check, then the right one."""
        start, swaps = item.facts["start"], item.facts["swaps"]
        missed = sorted({_states(start, other)[-1] for other in self._one_other(swaps)})
        tried = source.sample(missed, min(len(missed), source.randint(1, self.attempts - 1)))
        return ATTEMPT_SEPARATOR.join(_checked(answer, start, swaps) for answer in [*tried, item.gold])


def _item(start: str, swaps: Swaps, *, variant: str = "") -> Item:
    prompt = f"{start}:{' '.join(f'{first}{second}' for first, second in swaps)}?"
    facts = {"start": start, "swaps": swaps} | ({"variant": variant} if variant else {})
    # the names of the things do not matter: what is asked is the permutation
    return Item(prompt, _states(start, swaps)[-1], facts, item_key("tracking", len(start), swaps))


def _differ(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one != other


def _states(start: str, swaps: Sequence[tuple[int, int]]) -> list[str]:
    """The order after each swap."""
    return list(accumulate(swaps, swapped, initial=start))[1:]


def _worked(start: str, swaps: Swaps) -> str:
    *between, last = _states(start, swaps)
    return f"{' '.join(between)}{WORK_END}{last}"


def _checked(answer: str, start: str, swaps: Swaps) -> str:
    """An answer, the swaps undone, and whether that gives the start: `acbd.cabd bacd+`."""
    undone = _states(answer, swaps[::-1])
    return f"{answer}{CHECK_START}{' '.join(undone)}{'+' if undone[-1] == start else '-'}"
