"""What a policy earns that ignores its prompt: the best constant completion over many items."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from tooling.verify.grade import Grade

T = TypeVar("T")

# texts that are worth a try everywhere
FIXED = (
    "",
    " ",
    "nan",
    "inf",
    "0",
    "1",
    "-1",
    "2",
    "10",
    "A",
    "yes",
    "no",
    "true",
    "none",
    "?",
    "=",
    ";",
    "0=0",
    "1+1=2",
    "1*1=1",
    "1=1=1",
    r"\boxed{}",
    r"\boxed{0}",
    r"\boxed{1}",
    "</s>",
    "<answer></answer>",
)


class Constant(NamedTuple):
    """A completion that is given to every item, and its mean score."""

    text: str
    score: float


def best_constant(grade: Callable[[str, T], Grade], items: Sequence[T], *, candidates: Iterable[str]) -> Constant:
    """The candidate with the highest mean score over the items; the first of equals.

    >>> best_constant(lambda text, gold: integer(text, gold), [4, 4, 5], candidates=["", "4", "5"])
    Constant(text='4', score=0.6666666666666666)
    """
    tried = (
        Constant(text, sum(grade(text, item).score for item in items) / len(items))
        for text in dict.fromkeys(candidates)
    )
    return max(tried, key=lambda constant: constant.score)


def constants(prompts: Sequence[str], solutions: Sequence[str], *, most: int = 40) -> list[str]:
    """Candidates for `best_constant`: fixed texts, some prompts, the commonest solutions and their ends, all joined."""
    commonest = [text for text, _ in Counter(solutions).most_common(most)]
    endings = [text for text, _ in Counter(text.rpartition("=")[2] for text in solutions).most_common(most)]
    joined = [separator.join(commonest[:10]) for separator in (";", " ", ", ", " or ", "=", "\n")]
    return [*FIXED, *commonest, *endings, *joined, *solutions[:most], *prompts[:most]]
