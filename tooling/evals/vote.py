"""Votes among samples, and the best of several by a score: what k of the samples of an item would give."""

from collections.abc import Hashable, Sequence
from itertools import combinations
from math import comb

import numpy as np

ROWS = 2**21  # votes counted at once: about 100 MB of arrays


def majority_at_k(
    votes: Sequence[Sequence[Hashable | None]],
    correct: Sequence[Sequence[bool]],
    *,
    k: int,
    subsets: int = 64,
    seed: int = 0,
) -> np.ndarray:
    """Per item, the chance that a majority vote of k of its samples is right (self-consistency, arXiv:2203.11171).

    `votes[i][j]` is the answer for which sample j of item i votes; None casts no vote, and a set of samples without
    any vote is wrong. Tied answers win with equal chance. A winning answer is right as often as the samples that voted
    for it are. All sets of k samples are counted where there are at most `subsets` of them; otherwise that many or more
    are drawn (the same ones for all items), which is unbiased. Raises `ValueError` for k above the number of samples.

    >>> majority_at_k([["3", "3", "4"]], [[True, True, False]], k=3)
    array([1.])
    """
    ones = np.ones((len(votes), len(votes[0]) if len(votes) else 0))
    return _voted(_codes(votes), np.asarray(correct, bool), ones, sets=_sets(ones.shape[1], k, subsets, seed))


def weighted_at_k(
    votes: Sequence[Sequence[Hashable | None]],
    correct: Sequence[Sequence[bool]],
    *,
    weights: Sequence[Sequence[float]],
    k: int,
    keep: float = 1.0,
) -> np.ndarray:
    """Per item, the chance that a weighted vote of k of its samples is right.

    As `majority_at_k`, but each sample votes with its weight, which must not be negative, and of the k samples only
    keep * k vote, at least one: those with the largest weights, the first ones among equals. That is DeepConf's
    confidence-weighted majority with top-eta% filtering (arXiv:2508.15260, section 3.2), where keep is 0.1 or 0.9.
    """
    heavy = np.asarray(weights, float)
    if not 0 < keep <= 1 or (heavy < 0).any() or not np.isfinite(heavy).all():
        raise ValueError(f"votes need finite weights from 0 on and a share above 0 and at most 1 to keep, not {keep}")
    kept = max(1, round(keep * k))
    sets = _sets(heavy.shape[1], k, 64, 0)
    return _voted(_codes(votes), np.asarray(correct, bool), heavy, sets=sets, kept=kept)


def best_of_k(correct: Sequence[Sequence[bool]], scores: Sequence[Sequence[float]], *, k: int) -> np.ndarray:
    """Per item, the chance that the sample with the highest score among k of its samples is right: exact.

    The sample of rank r (from 0) of n is the best of k with probability C(n-1-r, k-1) / C(n, k). Samples of equal score
    win with equal chance. Raises `ValueError` for k above the number of samples.

    >>> best_of_k([[True, False, False]], [[0.9, 0.5, 0.1]], k=2)
    array([0.66666667])
    """
    right, scored = np.asarray(correct, float), np.asarray(scores, float)
    samples = right.shape[1]
    _check(samples, k)
    if scored.shape != right.shape or np.isnan(scored).any():
        raise ValueError(f"scores of shape {scored.shape} for outcomes of shape {right.shape}: one number for each")
    chance = [k / samples]
    for rank in range(samples - 1):
        chance.append(chance[-1] * (samples - rank - k) / (samples - 1 - rank))
    order = np.argsort(-scored, axis=1, kind="stable")
    ranked, right = np.take_along_axis(scored, order, 1), np.take_along_axis(right, order, 1)
    return np.array([float(_tied(row, score) @ np.array(chance)) for row, score in zip(right, ranked, strict=True)])


def standard_error(per_item: Sequence[float]) -> float:
    """The standard error of the mean over items: what the finite number of items alone leaves open.

    For a contrast of two arms on the same items give the differences per item: it is the `item_error` of a claim.
    One item has none: NaN.

    >>> round(standard_error([0.0, 1.0, 0.0, 1.0]), 4)
    0.2887
    """
    values = np.asarray(per_item, float)
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def _tied(right: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Outcomes by rank, those of equal scores replaced by their mean."""
    _, group = np.unique(-score, return_inverse=True)
    return (np.bincount(group, right) / np.bincount(group))[group]


def _check(samples: int, k: int) -> None:
    if not 0 < k <= samples:
        raise ValueError(f"a choice among {k} needs at least {k} samples per item, not {samples}")


def _codes(votes: Sequence[Sequence[Hashable | None]]) -> np.ndarray:
    """Votes as numbers from 0 on, item by item; -1 for none."""
    coded = []
    for row in votes:
        known: dict[Hashable, int] = {}
        coded.append([-1 if vote is None else known.setdefault(vote, len(known)) for vote in row])
    return np.array(coded, dtype=np.int64)


def _sets(samples: int, k: int, subsets: int, seed: int) -> np.ndarray:
    """Places of the samples in each set: (sets, k)."""
    _check(samples, k)
    if comb(samples, k) <= subsets:
        return np.array(list(combinations(range(samples), k)))
    # an order cut into pieces gives several sets that share no sample: closer to all sets than as many drawn apart
    pieces = samples // k
    orders = np.tile(np.arange(samples), (-(-subsets // pieces), 1))
    return np.random.default_rng(seed).permuted(orders, axis=1)[:, : pieces * k].reshape(-1, k)


def _voted(
    codes: np.ndarray, correct: np.ndarray, weights: np.ndarray, *, sets: np.ndarray, kept: int | None = None
) -> np.ndarray:
    """Per item, the mean over the sets of the chance that the vote is right; few items at a time."""
    if not codes.shape == correct.shape == weights.shape:
        raise ValueError(f"votes {codes.shape}, outcomes {correct.shape} and weights {weights.shape} differ in shape")
    answers = int(codes.max(initial=0)) + 1
    step = max(1, ROWS // (len(sets) * max(answers, sets.shape[1])))
    parts = []
    for start in range(0, len(codes), step):
        picked = [array[start : start + step][:, sets] for array in (codes, correct, weights)]
        parts.append(_counted(*picked, answers=answers, kept=kept))
    return np.concatenate(parts) if parts else np.zeros(0)


def _counted(
    codes: np.ndarray, correct: np.ndarray, weights: np.ndarray, *, answers: int, kept: int | None
) -> np.ndarray:
    """As `_voted`, for arrays of shape (items, sets, k)."""
    items, sets, k = codes.shape
    weights = np.where(codes < 0, 0.0, weights)
    if kept is not None and kept < k:
        order = np.argsort(-weights, axis=2, kind="stable")
        np.put_along_axis(weights, order[:, :, kept:], 0.0, axis=2)
    cells = np.arange(items * sets).reshape(items, sets, 1) * answers + np.maximum(codes, 0)
    size = items * sets * answers
    total = np.bincount(cells.ravel(), weights.ravel(), size).reshape(items * sets, answers)
    right = np.bincount(cells.ravel(), (weights * correct).ravel(), size).reshape(items * sets, answers)
    most = total.max(axis=1, keepdims=True)
    # sums of the same weights in another order differ in the last digits
    wins = (total > 0) & (total >= most * (1 - 1e-9))
    shares = np.divide(right, total, out=np.zeros_like(right), where=wins)
    return (shares.sum(axis=1) / np.maximum(wins.sum(axis=1), 1)).reshape(items, sets).mean(axis=1)
