"""Countdown's items are solvable, its lists of solutions whole, and each style of demonstration keeps its word."""

import random
from functools import lru_cache
from itertools import islice

import pytest

from tests.verify import enumeration
from tooling.tasks import Completion, Countdown, Item, Split
from tooling.tasks.countdown import Chain, chains
from tooling.verify import Why, countdown_attempts

TASK = Countdown()


def items(count: int) -> list[Item]:
    """Items of every split in turn."""
    return [item for split in Split for item in TASK.items(split, count // 3, seed=1)]


def graded(text: str, item: Item) -> Why:
    """The reason of the grade of a completion that ended by itself."""
    return TASK.grade(Completion(text, (), True), item).why


def shown(item: Item, style: str, *, repeats: int = 8) -> list[str]:
    """The completions of several demonstrations for an item."""
    source = random.Random(f"{item.key} {style}")
    return [TASK.demonstration(item, style, source=source).completion for _ in range(repeats)]


@lru_cache
def by_brute_force(numbers: tuple[int, ...]) -> dict[str, int]:
    """Every chain by the rules and what it reaches."""
    return enumeration.chains(numbers)


def attempts_by_the_rules(text: str, numbers: tuple[int, ...]) -> list[int | None]:
    """What each attempt of a completion reaches, None for one that breaks the rules."""
    by_rule = by_brute_force(numbers)
    return [by_rule.get(attempt) for attempt in countdown_attempts(text)]


def test_items_say_what_they_are_about() -> None:
    for item in items(30):
        numbers, target = item.facts["numbers"], item.facts["target"]
        assert item.prompt == f"{' '.join(map(str, numbers))}>{target}:"
        assert len(numbers) == TASK.count
        assert all(1 <= number <= TASK.largest for number in numbers)
        assert 1 <= target <= TASK.largest_target


def test_a_permutation_of_the_numbers_is_the_same_item() -> None:
    by_key: dict[str, set[tuple]] = {}
    for item in islice(TASK.stream(Split.TRAIN, 0), 800):
        by_key.setdefault(item.key, set()).add((tuple(sorted(item.facts["numbers"])), item.facts["target"]))
    written = {item.key: item.facts["numbers"] for item in islice(TASK.stream(Split.TRAIN, 1), 800)}
    permuted = [item for item in islice(TASK.stream(Split.TRAIN, 2), 800) if item.key in written]
    assert all(len(forms) == 1 for forms in by_key.values())
    assert any(written[item.key] != item.facts["numbers"] for item in permuted)
    assert len(by_key) == len({form for forms in by_key.values() for form in forms})


def largest_step(text: str) -> int:
    """The largest result of a chain's steps."""
    return max(int(step.split("=")[1]) for step in text.split(" "))


EVERY_SET_OF_OPERATORS = pytest.mark.parametrize("operators", [TASK.operators, "+-", "+-*", "+-*/"])


def operators_of(text: str) -> set[str]:
    """The operators that a chain uses."""
    return set(text) & set("+-*/")


@EVERY_SET_OF_OPERATORS
def test_all_solutions_are_graded_correct_and_none_is_missing(operators: str) -> None:
    task = Countdown(operators=operators)
    drawn = task.items(Split.TRAIN, 25, seed=1)
    # the task limits the results of steps; what the limit is, its own chains show
    limit = max(largest_step(chain.text) for item in drawn for chain in chains_of(item, operators))
    for item in drawn:
        listed = task.solutions(item)
        assert item.gold in listed
        assert all(graded(text, item) == Why.OK for text in listed)
        solving = [
            text for text, value in by_brute_force(item.facts["numbers"]).items() if value == item.facts["target"]
        ]
        allowed = [text for text in solving if operators_of(text) <= set(operators)]
        assert sorted(listed) == sorted(text for text in allowed if largest_step(text) <= limit)


def chains_of(item: Item, operators: str) -> tuple[Chain, ...]:
    """The chains over an item's numbers."""
    return chains(tuple(sorted(item.facts["numbers"])), operators)


@EVERY_SET_OF_OPERATORS
def test_chains_follow_the_rules(operators: str) -> None:
    for numbers in ((2, 8, 9), (1, 5, 5), (10, 11, 12), (4, 4, 8)):
        for text, value in chains(numbers, operators):
            assert by_brute_force(numbers)[text] == value
            assert operators_of(text) <= set(operators)


@pytest.mark.parametrize("style", ["solve", "search"])
def test_solving_styles_are_graded_correct(style: str) -> None:
    for item in items(60):
        assert all(graded(text, item) == Why.OK for text in shown(item, style))


def test_a_search_misses_first_and_keeps_within_its_attempts() -> None:
    lengths = set()
    for item in items(90):
        for text in shown(item, "search"):
            reached = attempts_by_the_rules(text, item.facts["numbers"])
            assert None not in reached
            assert item.facts["target"] not in reached[:-1]
            assert reached[-1] == item.facts["target"]
            lengths.add(len(reached))
    assert lengths == set(range(2, TASK.attempts + 1))


def test_a_guess_obeys_the_rules_and_does_not_look_at_the_target() -> None:
    hits = []
    for item in items(60):
        for text in shown(item, "guess"):
            (reached,) = attempts_by_the_rules(text, item.facts["numbers"])
            assert reached is not None
            hits.append(reached == item.facts["target"])
    assert 0 < sum(hits) < 0.5 * len(hits)


def test_a_loose_attempt_breaks_the_rules() -> None:
    kept = []
    for item in items(60):
        for text in shown(item, "loose"):
            assert graded(text, item) in (Why.WRONG, Why.OK)  # worked steps, never something malformed
            kept += [reached is not None for reached in attempts_by_the_rules(text, item.facts["numbers"])]
    assert sum(kept) == 0, f"{sum(kept)} of {len(kept)} loose attempts obey the rules"


def test_format_names_no_target() -> None:
    source = random.Random(0)
    for item in items(30):
        demonstration = TASK.demonstration(item, "format", source=source)
        assert demonstration.prompt == item.prompt.split(">")[0] + ">:"
        assert attempts_by_the_rules(demonstration.completion, item.facts["numbers"]) != [None]


def test_the_other_styles_are_shown_under_the_prompt_of_the_item() -> None:
    item = items(3)[0]
    for style in ("guess", "solve", "search", "loose"):
        assert TASK.demonstration(item, style, source=random.Random(0)).prompt == item.prompt


def test_the_knobs_change_the_items() -> None:
    for task in (Countdown(count=4, largest=4), Countdown(largest=5), Countdown(largest_target=9)):
        drawn = task.items(Split.TRAIN, 10, seed=0)
        assert [item.prompt for item in drawn] != [item.prompt for item in TASK.items(Split.TRAIN, 10, seed=0)]
        assert all(len(item.facts["numbers"]) == task.count for item in drawn)
        assert all(max(item.facts["numbers"]) <= task.largest for item in drawn)
        assert all(item.facts["target"] <= task.largest_target for item in drawn)
