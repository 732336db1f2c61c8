"""State tracking: each style shows what it promises, and chance is the exact best of answers that read no swap."""

import random
from collections import Counter
from itertools import combinations, islice, product

import pytest

from tests.verify.test_tracking import walked
from tooling.tasks import Item, Split, Tracking

TASK = Tracking()


def items(count: int) -> list[Item]:
    """Items of every split in turn."""
    return [item for split in Split for item in TASK.items(split, count // 3, seed=1)]


def shown(item: Item, style: str) -> list[str]:
    """The completions of several demonstrations for an item."""
    source = random.Random(f"{item.key} {style}")
    return [TASK.demonstration(item, style, source=source).completion for _ in range(4)]


def read(prompt: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The start and the swaps, from the prompt alone."""
    start, _, swaps = prompt.rstrip("?").partition(":")
    return start, tuple((int(pair[0]), int(pair[1])) for pair in swaps.split(" "))


def test_the_prompt_says_all_and_the_gold_answer_follows_from_it() -> None:
    for item in items(60):
        start, swaps = read(item.prompt)
        assert item.gold == walked(start, swaps)
        assert list(TASK.solutions(item)) == [item.gold]
        assert len(swaps) == TASK.swaps
        assert len(start) == len(set(start)) == TASK.things
        assert all(one != other for one, other in zip(swaps, swaps[1:], strict=False))


def test_other_names_are_the_same_item_and_other_swaps_are_not() -> None:
    for item in items(30):
        start, swaps = read(item.prompt)
        for variant in TASK.variants(item):
            assert variant.gold == walked(*read(variant.prompt))
            other_start, other_swaps = read(variant.prompt)
            if variant.facts["variant"] == "rename":
                assert (variant.key, other_swaps) == (item.key, swaps)
                assert other_start != start
            else:
                assert sum(one != other for one, other in zip(swaps, other_swaps, strict=True)) == 1
                assert variant.key != item.key
                assert variant.gold != item.gold
    by_key: dict[str, set] = {}
    for item in islice(TASK.stream(Split.TRAIN, 0), 1500):
        by_key.setdefault(item.key, set()).add(item.facts["swaps"])
    assert all(len(swaps) == 1 for swaps in by_key.values())
    assert len(by_key) == len({swaps for group in by_key.values() for swaps in group})


def test_steps_are_the_orders_after_each_swap() -> None:
    for item in items(30):
        start, swaps = read(item.prompt)
        work, _, answer = shown(item, "steps")[0].partition(">")
        expected = [walked(start, swaps[: step + 1]) for step in range(len(swaps))]
        assert [*work.split(" "), answer] == expected


def test_a_check_undoes_the_swaps_and_says_whether_the_start_comes_back() -> None:
    for item in items(30):
        start, swaps = read(item.prompt)
        for style, attempts in (("check", 1), ("retry", 2)):
            for text in shown(item, style):
                assert len(text.split(";")) == attempts
                for attempt in text.split(";"):
                    answer, _, check = attempt.partition(".")
                    undone = [walked(answer, swaps[::-1][: step + 1]) for step in range(len(swaps))]
                    assert check == " ".join(undone) + ("+" if answer == item.gold else "-")
                    assert (undone[-1] == start) == (answer == item.gold)


def test_a_mistake_makes_one_other_swap() -> None:
    for item in items(30):
        start, swaps = read(item.prompt)
        pairs = list(combinations(range(1, TASK.things + 1), 2))
        for text in shown(item, "mistake"):
            orders = [start, *text.replace(">", " ").split(" ")]
            done = [next((p for p in pairs if walked(one, (p,)) == other), None) for one, other in
                    zip(orders, orders[1:], strict=False)]  # fmt: skip
            assert sum(one != other for one, other in zip(done, swaps, strict=True)) == 1
            assert None not in done


@pytest.mark.parametrize("task", [Tracking(things=3, swaps=3), Tracking(things=3, swaps=4), Tracking(swaps=3), TASK])
def test_chance_is_that_of_the_commonest_permutation_over_all_items(task: Tracking) -> None:
    start = "abcdefghi"[: task.things]
    pairs = list(combinations(range(1, task.things + 1), 2))
    every = [swaps for swaps in product(pairs, repeat=task.swaps)
             if all(one != other for one, other in zip(swaps, swaps[1:], strict=False))]  # fmt: skip
    ends = Counter(walked(start, swaps) for swaps in every)
    assert task.chance == max(ends.values()) / len(every)


def test_no_answer_that_reads_only_the_start_earns_more_than_chance() -> None:
    drawn = TASK.items(Split.PRETRAIN, 400, seed=2)
    moved = Counter(tuple(item.facts["start"].index(each) for each in item.gold) for item in drawn)
    constant = Counter(item.gold for item in drawn)
    for best in (max(moved.values()), max(constant.values())):
        # up to 24 answers, 4 standard deviations
        assert best / len(drawn) <= TASK.chance + 4 * (TASK.chance * (1 - TASK.chance) / len(drawn)) ** 0.5


@pytest.mark.parametrize("wrong", [{"things": 2}, {"things": 10}, {"swaps": 0}, {"attempts": 1}])
def test_settings_that_cannot_be_written_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="`things` is 3 to 9"):
        Tracking(**wrong)
