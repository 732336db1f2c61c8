"""The memorisation score is accuracy times inconsistency."""

import doctest
import random

import pytest

from tooling.tasks import memorisation, memorisation_score


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
