"""pass@k without bias."""

from math import comb


def pass_at_k(samples: int, correct: int, *, k: int) -> float:
    """The unbiased estimate of the chance that at least one of k samples is correct, from `correct` of `samples`.

    1 - C(n-c, k) / C(n, k) (Chen et al., arXiv:2107.03374, equation 1). Raises `ValueError` for k above `samples`.

    >>> pass_at_k(4, 1, k=2)
    0.5
    """
    if not 0 < k <= samples or not 0 <= correct <= samples:
        raise ValueError(f"pass@{k} needs at least {k} samples, and {correct} correct of {samples} must make sense")
    return 1.0 - comb(samples - correct, k) / comb(samples, k)
