"""How confident a model is in a completion, from the confidence of each token: the measures of DeepConf.

Source: Deep Think with Confidence (arXiv:2508.15260), section 3.1, and the offline script of its authors
(github.com/facebookresearch/deepconf). The confidence of a token is the mean negative log-probability of the 20 most
probable tokens at its place: high where one token has nearly all of the probability. `score` gives it as `confidence`.
The paper's windows of 2,048 tokens are for traces of tens of thousands; the window here is for ours of a few dozen.
"""

from collections.abc import Sequence

import numpy as np

WINDOW = 8  # tokens of a group, and of the tail; the paper: 2,048


def mean_confidence(tokens: Sequence[float]) -> float:
    """The mean over all tokens of a completion (average trace confidence); NaN without tokens."""
    return float(np.mean(tokens)) if len(tokens) else float("nan")


def group_confidences(tokens: Sequence[float], *, window: int = WINDOW) -> np.ndarray:
    """The mean over each stretch of `window` tokens; that of all tokens where there are fewer.

    >>> group_confidences([1.0, 3.0, 5.0], window=2)
    array([2., 4.])
    """
    values = np.asarray(tokens, float)
    width = min(window, len(values))
    if width == 0:
        return np.array([float("nan")])
    return np.lib.stride_tricks.sliding_window_view(values, width).mean(axis=1)


def bottom_confidence(tokens: Sequence[float], *, window: int = WINDOW, share: float = 0.1) -> float:
    """The mean over the least confident tenth of the groups, at least one (bottom 10% group confidence)."""
    groups = np.sort(group_confidences(tokens, window=window))
    return float(groups[: max(1, int(share * len(groups)))].mean())


def lowest_confidence(tokens: Sequence[float], *, window: int = WINDOW) -> float:
    """The least confident group (lowest group confidence)."""
    return float(group_confidences(tokens, window=window).min())


def tail_confidence(tokens: Sequence[float], *, window: int = WINDOW) -> float:
    """The mean over the last `window` tokens (tail confidence)."""
    return mean_confidence(tokens[-window:])


def auroc_within(outcomes: Sequence[Sequence[bool]], scores: Sequence[Sequence[float]]) -> np.ndarray:
    """Per item, the chance that a right sample scores above a wrong one, ties counted half: AUROC within the item.

    NaN for an item whose samples are all right or all wrong; 0.5 where the scores tell nothing.

    >>> auroc_within([[True, False, False], [True, True, True]], [[2.0, 1.0, 2.0], [1.0, 2.0, 3.0]])
    array([0.75,  nan])
    """
    found = []
    for outcome, score in zip(np.asarray(outcomes, bool), np.asarray(scores, float), strict=True):
        right, wrong = score[outcome][:, None], score[~outcome]
        ahead = (right > wrong) + 0.5 * (right == wrong)
        found.append(ahead.mean() if ahead.size else float("nan"))
    return np.array(found)
