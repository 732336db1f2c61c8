"""pass@k equals the share of subsets of the samples that hold a correct one."""

import doctest
from fractions import Fraction
from itertools import combinations

import pytest

from tooling.evals import pass_at_k, passk


def by_subsets(samples: int, correct: int, k: int) -> Fraction:
    """The share of all k-subsets of the samples in which at least one is correct."""
    outcomes = [True] * correct + [False] * (samples - correct)
    subsets = list(combinations(outcomes, k))
    return Fraction(sum(map(any, subsets)), len(subsets))


def test_every_small_case_equals_the_enumeration_of_subsets() -> None:
    for samples in range(1, 9):
        for correct in range(samples + 1):
            for k in range(1, samples + 1):
                assert pass_at_k(samples, correct, k=k) == pytest.approx(
                    float(by_subsets(samples, correct, k)), abs=1e-12
                )


def test_pass_at_one_is_the_share_of_correct_samples() -> None:
    assert pass_at_k(1024, 123, k=1) == pytest.approx(123 / 1024)


def test_many_samples_neither_overflow_nor_leave_the_unit_interval() -> None:
    assert pass_at_k(10_000, 1, k=5_000) == pytest.approx(0.5)
    assert pass_at_k(10_000, 9_000, k=5_000) == 1.0
    assert pass_at_k(10_000, 0, k=10_000) == 0.0


@pytest.mark.parametrize(("samples", "correct", "k"), [(4, 1, 5), (4, 1, 0), (4, 5, 1), (4, -1, 1), (0, 0, 1)])
def test_numbers_that_make_no_sense_are_refused(samples: int, correct: int, k: int) -> None:
    with pytest.raises(ValueError, match=f"pass@{k}"):
        pass_at_k(samples, correct, k=k)


def test_the_example_of_the_docstring_holds() -> None:
    assert doctest.testmod(passk) == (0, 1)
