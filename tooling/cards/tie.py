"""Ties between claims as seen from both ends: those that contradict each other, and those that stand twice."""

from collections.abc import Iterator
from typing import NamedTuple

from tooling.cards.load import Library
from tooling.cards.problem import Fault, Place, Problem

KINDS = ("contradicts", "supports")


class Tie(NamedTuple):
    """A claim that contradicts or supports another: both keys, the kind, and where in its card it stands."""

    claim: str
    other: str
    kind: str
    place: Place


def ties(library: Library) -> Iterator[Tie]:
    """Every tie between claims, in the order of the cards."""
    for slug, card in library.items():
        for number, claim in enumerate(card.claims):
            for kind in KINDS:
                for index, other in enumerate(getattr(claim, kind)):
                    yield Tie(f"{slug}/{claim.id}", other, kind, ("claims", number, kind, index))


def at_odds(library: Library) -> Iterator[Problem]:
    """Claims of which one supports the other, and is contradicted by it."""
    yield from (_problem(library, tie, _odds(tie)) for tie in _returned(library, ("contradicts", "supports")))


def tied_twice(library: Library) -> Iterator[Problem]:
    """Ties that both cards have, named at the earlier work: the later one knew it and answered."""
    for tie in (each for kind in KINDS for each in _returned(library, (kind, kind))):
        own, other = (key.partition("/")[0] for key in (tie.claim, tie.other))
        if (library[own].date, own) < (library[other].date, other):
            says = f"names `{tie.other}`, which says the same of this claim"
            fault = Fault("tied-twice", says, f"keep it in `{other}`, the later work: pages show it from both sides")
            yield _problem(library, tie, fault)


def _returned(library: Library, kinds: tuple[str, str]) -> Iterator[Tie]:
    """Each tie of the second kind whose other end has one of the first kind back."""
    found = list(ties(library))
    back = {(tie.other, tie.claim) for tie in found if tie.kind == kinds[0]}
    return (tie for tie in found if tie.kind == kinds[1] and (tie.claim, tie.other) in back)


def _odds(tie: Tie) -> Fault:
    return Fault("at-odds", f"names `{tie.other}`, which `contradicts` this claim", "correct one of the two")


def _problem(library: Library, tie: Tie, fault: Fault) -> Problem:
    return library.document(tie.claim.partition("/")[0]).problem(tie.place, fault)
