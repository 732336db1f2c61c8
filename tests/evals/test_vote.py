"""Votes and the best of k equal what one counts over all sets of samples, or over all orders of ties."""

import doctest
import random
import time
from collections import defaultdict
from itertools import combinations, permutations
from statistics import fmean

import numpy as np
import pytest

from tooling.evals import best_of_k, majority_at_k, standard_error, vote, weighted_at_k


def voted(votes: list, correct: list[bool], weights: list[float]) -> float:
    """The chance that one set of samples votes for a right answer, by hand."""
    mass: dict = defaultdict(float)
    right: dict = defaultdict(float)
    for answer, holds, weight in zip(votes, correct, weights, strict=True):
        if answer is not None and weight:
            mass[answer] += weight
            right[answer] += weight * holds
    most = [answer for answer in mass if mass[answer] == max(mass.values())]
    return fmean(right[answer] / mass[answer] for answer in most) if most else 0.0


def over_all_sets(votes: list, correct: list[bool], k: int, weights: list[float] | None = None) -> float:
    """The mean over all sets of k samples."""
    rows = list(zip(votes, correct, weights or [1.0] * len(votes), strict=True))
    return fmean(voted(*map(list, zip(*chosen, strict=True))) for chosen in combinations(rows, k))


def drawn(seed: int, samples: int) -> tuple[list, list[bool], list[float]]:
    """Votes (one in five is none), outcomes and whole weights of one item; an answer may be right only at times."""
    source = random.Random(seed)
    votes = [source.choice(["a", "b", "c", "d", None]) for _ in range(samples)]
    correct = [vote is not None and source.random() < {"a": 1, "b": 0.5}.get(vote, 0) for vote in votes]
    return votes, correct, [float(source.randint(0, 3)) for _ in votes]


@pytest.mark.parametrize("k", [1, 2, 3, 5, 7])
def test_a_majority_equals_the_count_over_all_sets(k: int) -> None:
    items = [drawn(seed, 7) for seed in range(12)]
    found = majority_at_k([each[0] for each in items], [each[1] for each in items], k=k)
    assert found == pytest.approx([over_all_sets(votes, correct, k) for votes, correct, _ in items], abs=1e-12)
    assert len(set(found)) > 4


@pytest.mark.parametrize("k", [1, 3, 7])
def test_a_weighted_vote_equals_the_count_over_all_sets(k: int) -> None:
    items = [drawn(seed, 7) for seed in range(12)]
    votes, correct, weights = (list(column) for column in zip(*items, strict=True))
    found = weighted_at_k(votes, correct, weights=weights, k=k)
    assert found == pytest.approx([over_all_sets(*item[:2], k, item[2]) for item in items], abs=1e-12)
    assert any(abs(found - majority_at_k(votes, correct, k=k)) > 0.05)


def test_tied_answers_win_with_equal_chance_whatever_stands_first() -> None:
    for order in permutations([("3", True), ("4", False), ("5", False), ("3", True), ("4", False), (None, False)]):
        votes, correct = zip(*order, strict=True)
        assert majority_at_k([votes], [correct], k=6) == pytest.approx([0.5])


def test_two_voters_are_right_as_often_as_one() -> None:
    votes, correct, _ = drawn(3, 9)
    answered = [(vote, holds) for vote, holds in zip(votes, correct, strict=True) if vote is not None]
    row, outcomes = zip(*answered, strict=True)
    one, two = (majority_at_k([row], [outcomes], k=k) for k in (1, 2))
    assert one == pytest.approx(np.mean(outcomes))
    assert two == pytest.approx(one)


def test_sets_that_are_drawn_hit_the_mean_over_all_sets_without_bias() -> None:
    votes, correct, _ = drawn(5, 14)
    exact = over_all_sets(votes, correct, 5)
    estimates = [majority_at_k([votes], [correct], k=5, subsets=64, seed=seed)[0] for seed in range(200)]
    spread = np.std(estimates)
    assert 0 < spread < 0.1
    assert abs(np.mean(estimates) - exact) < 4 * spread / np.sqrt(len(estimates))
    assert majority_at_k([votes], [correct], k=5, seed=3) == majority_at_k([votes], [correct], k=5, seed=3)


def test_a_sample_without_an_answer_casts_no_vote() -> None:
    assert majority_at_k([[None, None, "3"]], [[False, False, True]], k=3) == [1.0]
    assert majority_at_k([[None, None, None]], [[False, False, False]], k=2) == [0.0]


def test_an_answer_that_is_right_at_times_counts_by_its_share() -> None:
    assert majority_at_k([["3", "3", "3", "4"]], [[True, False, True, False]], k=4) == pytest.approx([2 / 3])


def test_only_the_most_confident_share_votes() -> None:
    votes, correct = [["3", "4", "4", "4", "4"]], [[True, False, False, False, False]]
    weights = [[5.0, 1.0, 1.0, 1.0, 2.0]]
    assert weighted_at_k(votes, correct, weights=weights, k=5) == pytest.approx([0.5])
    assert weighted_at_k(votes, correct, weights=weights, k=5, keep=0.2) == [1.0]
    assert weighted_at_k(votes, correct, weights=weights, k=5, keep=0.4) == [1.0]
    assert weighted_at_k([[None, *votes[0][1:]]], correct, weights=weights, k=5, keep=0.2) == [0.0]


@pytest.mark.parametrize(("weight", "keep"), [(-1.0, 1.0), (float("nan"), 1.0), (1.0, 0.0), (1.0, 1.5)])
def test_weights_and_shares_that_make_no_sense_are_refused(weight: float, keep: float) -> None:
    with pytest.raises(ValueError, match="votes need finite weights"):
        weighted_at_k([["3"]], [[True]], weights=[[weight]], k=1, keep=keep)


@pytest.mark.parametrize("k", [1, 2, 4, 6])
def test_the_best_of_k_equals_the_count_over_all_sets_and_orders_of_ties(k: int) -> None:
    correct, scores = [True, False, True, False, False, True], [0.5, 0.9, 0.5, 0.5, 0.1, 0.2]
    wins = []
    for chosen in combinations(range(6), k):
        top = max(scores[place] for place in chosen)
        wins.append(fmean(correct[place] for place in chosen if scores[place] == top))
    assert best_of_k([correct], [scores], k=k) == pytest.approx([fmean(wins)])


def test_more_votes_than_samples_are_refused() -> None:
    for call in (majority_at_k, lambda votes, correct, k: best_of_k(correct, [[0.1, 0.2]], k=k)):
        for k in (0, 3):
            with pytest.raises(ValueError, match=f"among {k} needs at least {k} samples per item, not 2"):
                call([["3", "4"]], [[True, False]], k=k)


def test_a_score_that_is_missing_is_refused() -> None:
    for scores in ([[0.1]], [[0.1, float("nan")]]):
        with pytest.raises(ValueError, match="one number for each"):
            best_of_k([[True, False]], scores, k=1)


def test_the_error_over_items_is_that_of_a_mean_and_one_item_has_none() -> None:
    values = [0.2, 0.4, 0.9]
    assert standard_error(values) == pytest.approx(np.std(values, ddof=1) / 3**0.5)
    assert np.isnan(standard_error([0.5]))


def test_five_hundred_items_of_256_samples_take_under_a_second_of_processor_time() -> None:
    source = np.random.default_rng(0)
    codes = source.integers(0, 60, (500, 256))
    votes, correct = [list(map(str, row)) for row in codes], codes < 10
    weights = source.random((500, 256))
    for call in (
        lambda: majority_at_k(votes, correct, k=64),
        lambda: best_of_k(correct, weights, k=64),
        lambda: weighted_at_k(votes, correct, weights=weights, k=256, keep=0.1),
    ):
        started = time.process_time()
        call()
        assert time.process_time() - started < 1.0


def test_the_examples_of_the_docstrings_hold() -> None:
    assert doctest.testmod(vote) == (0, 3)
