"""How much of what a policy solves is memorised: it fails where the item is perturbed."""

from collections.abc import Sequence

from tooling.tasks.item import Item, Split, split_of
from tooling.tasks.task import Perturbable


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


def changed_pairs(task: Perturbable, items: Sequence[Item]) -> list[tuple[Item, Item]]:
    """Each item that was trained on with one that differs from it in a word, and in its answer.

    The changed item is a first one whose key is neither among the items nor of the split `pretrain`: no training has
    shown it. Items for which there is none are left out.
    """
    shown = {item.key for item in items}
    changed = ((item, [other for other in task.variants(item) if _is_new(other, shown)]) for item in items)
    return [(item, others[0]) for item, others in changed if others]


def _is_new(item: Item, shown: set[str]) -> bool:
    return item.key not in shown and split_of(item.key) != Split.PRETRAIN
