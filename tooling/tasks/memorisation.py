"""How much of what a policy solves is memorised: it fails where the item is perturbed."""

from collections.abc import Sequence


def memorisation_score(solved: Sequence[bool], still_solved: Sequence[bool]) -> float:
    """LiMem: accuracy times (1 - consistency), from 0 (nothing is memorised) to 1 (everything is, and solved).

    `solved[i]` says whether item i is solved, `still_solved[i]` whether it is after perturbation; consistency is the
    share of the solved items that stay solved. Where nothing is solved the score is 0. Source: the score of Xie et
    al., arXiv 2410.23123, which Logic-RL (arXiv 2502.14768) uses as well; the equation was not looked up.

    >>> memorisation_score([True, True, True, False], [True, False, False, True])
    0.5
    """
    if len(solved) != len(still_solved) or not solved:
        raise ValueError(f"{len(solved)} items and {len(still_solved)} perturbed ones; give one of each per item")
    # accuracy * (1 - kept / solved) is the share that is solved and then lost
    return sum(one and not other for one, other in zip(solved, still_solved, strict=True)) / len(solved)
