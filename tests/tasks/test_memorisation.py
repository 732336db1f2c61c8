"""The memorisation score is accuracy times inconsistency."""

import doctest
import random

import pytest

from tooling.tasks import Knights, Split, changed_pairs, memorisation, memorisation_score, split_of


def test_the_example_holds() -> None:
    outcome = doctest.testmod(memorisation)
    assert (outcome.failed, outcome.attempted) == (0, 1)


def test_it_is_the_formula_of_the_paper() -> None:
    source = random.Random(0)
    for _ in range(50):
        solved = [source.random() < 0.6 for _ in range(40)]
        still = [source.random() < 0.5 for _ in range(40)]
        accuracy = sum(solved) / 40
        consistency = sum(one and other for one, other in zip(solved, still, strict=True)) / sum(solved)
        assert memorisation_score(solved, still) == pytest.approx(accuracy * (1 - consistency))


def test_a_policy_that_solves_nothing_or_everything_has_memorised_nothing() -> None:
    assert memorisation_score([False] * 3, [True, False, False]) == 0
    assert memorisation_score([True] * 3, [True] * 3) == 0


def test_lists_that_do_not_match_are_refused() -> None:
    for solved, still in (([], []), ([True], []), ([True], [True, False])):
        with pytest.raises(ValueError, match="give one of each per item"):
            memorisation_score(solved, still)


def test_a_changed_item_has_another_answer_and_was_shown_by_no_training() -> None:
    task = Knights(people=4)
    items = task.items(Split.TRAIN, 40, seed=1)
    pairs = changed_pairs(task, items)
    assert len(pairs) > 10
    assert [item for item, _ in pairs] == [item for item in items if item in [seen for seen, _ in pairs]]
    for item, changed in pairs:
        assert changed.gold != item.gold
        assert changed.key not in {each.key for each in items}
        assert split_of(changed.key) != Split.PRETRAIN
