"""The cards: one YAML file per work, read strictly, checked against each other.

`load_library(folder)` gives the `Library`; `check(library)` what does not fit together; `add_paper` makes a new card.
"""

from typing import TYPE_CHECKING, Any

from tooling.cards.check import check
from tooling.cards.load import InvalidLibrary, Library, load_library
from tooling.cards.problem import Problem
from tooling.cards.schema import Card, Claim
from tooling.cards.vocabulary import Term, Vocabulary

if TYPE_CHECKING:
    from tooling.cards.add import add_paper

__all__ = [
    "Card",
    "Claim",
    "InvalidLibrary",
    "Library",
    "Problem",
    "Term",
    "Vocabulary",
    "add_paper",
    "check",
    "load_library",
]


def __getattr__(name: str) -> Any:
    """`add_paper`, imported when it is first asked for: it brings the network client, which readers never need."""
    if name == "add_paper":
        from tooling.cards.add import add_paper

        return add_paper
    raise AttributeError(f"module `tooling.cards` has no attribute `{name}`")
