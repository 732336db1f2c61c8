"""A prompt asks for a length; the item, its split, its solutions and its demonstrations stay those of countdown."""

import random
from collections import Counter

from tooling.models.tokenizer import encoded
from tooling.tasks import Completion, Countdown, Split
from tooling.tasks.budgeted import Budgeted

TASK = Budgeted(largest=10)


def test_the_prompt_ends_in_the_budget_and_the_fact_says_it() -> None:
    items = TASK.items(Split.TEST, 200, seed=3)
    assert all(item.prompt.endswith(f"#{item.facts['budget']}:") for item in items)
    counts = Counter(item.facts["budget"] for item in items)
    assert set(counts) == set(TASK.budgets) and min(counts.values()) > 25


def test_the_same_numbers_are_the_same_item_whatever_is_asked() -> None:
    (item,) = TASK.items(Split.TRAIN, 1, seed=0)
    again = TASK.asking(TASK.asking(item, 36), 12)
    assert again.prompt.count("#") == 1 and again.prompt.endswith("#12:")
    assert again.key == item.key and TASK.asking(again, item.facts["budget"]) == item


def test_the_prompt_without_the_budget_and_the_key_are_those_of_countdown() -> None:
    plain = {item.key: item for item in Countdown(largest=10).items(Split.TEST, 300, seed=0)}
    known = [item for item in TASK.items(Split.TEST, 300, seed=0) if item.key in plain]
    assert len(known) > 100
    for item in known:
        left, right = (text.partition(">") for text in (item.prompt.partition("#")[0] + ":", plain[item.key].prompt))
        assert left[2] == right[2] and sorted(left[0].split()) == sorted(right[0].split())


def test_the_grid_has_every_item_with_every_budget_in_blocks() -> None:
    items = TASK.items(Split.TEST, 5, seed=1)
    grid = TASK.grid(items)
    assert [item.facts["budget"] for item in grid] == [budget for budget in TASK.budgets for _ in items]
    assert [item.key for item in grid] == [item.key for item in items] * len(TASK.budgets)


def test_a_demonstration_says_nothing_of_the_budget() -> None:
    (item,) = TASK.items(Split.PRETRAIN, 1, seed=2)
    shown = {
        TASK.demonstration(TASK.asking(item, budget), "search", source=random.Random(5)).completion
        for budget in TASK.budgets
    }
    assert len(shown) == 1
    assert TASK.grade(Completion(shown.pop(), (), True), item).correct


def test_an_attempt_and_what_ends_it_are_twelve_tokens_so_that_budgets_can_be_met() -> None:
    items, source = TASK.items(Split.PRETRAIN, 100, seed=4), random.Random(0)
    lengths = {len(encoded(TASK.demonstration(item, "search", source=source).completion)) + 1 for item in items}
    assert lengths == {24, 36, 48}


def test_an_example_is_labelled_with_the_budget_nearest_to_its_length() -> None:
    (item,) = TASK.items(Split.TRAIN, 1, seed=0)
    asked = [TASK.labelled(item, "x", tokens=tokens).prompt for tokens in (1, 17, 19, 40, 90)]
    assert [prompt.partition("#")[2] for prompt in asked] == ["12:", "12:", "24:", "36:", "36:"]


def test_a_heeding_demonstration_has_as_many_attempts_as_the_budget_has_room_for() -> None:
    task, source = Budgeted(largest=10, heeded=1.0), random.Random(1)
    items = task.items(Split.PRETRAIN, 100, seed=5)
    shown = [(item.facts["budget"], task.demonstration(item, "search", source=source).completion) for item in items]
    assert {(budget, len(encoded(text)) + 1) for budget, text in shown} == {(each, each) for each in task.budgets}


def test_half_of_the_demonstrations_heed_where_half_is_asked() -> None:
    task, source = Budgeted(largest=10, heeded=0.5), random.Random(2)
    items = task.items(Split.PRETRAIN, 400, seed=6)
    # a solution alone is one attempt, so every longer one heeds its budget
    longer = [";" in task.demonstration(task.asking(item, 36), "solve", source=source).completion for item in items]
    assert 0.4 < sum(longer) / len(longer) < 0.6
