"""The paragraphs on what is known about a question: prose with links to works and to their claims."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tooling.cards.alias import current_key, former_slugs
from tooling.cards.load import VOCABULARY, Library
from tooling.cards.problem import Fault, Problem, suggestion

LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")


class Piece(NamedTuple):
    """Words of a paragraph, and the work or the claim that they lead to, `slug` or `slug/claim`; empty for none."""

    words: str
    key: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """The paragraph in its order: `A [vote](grpo/x) is` is `A `, `vote` with the key `grpo/x`, ` is`."""
    end = 0
    for link in LINK.finditer(text):
        if link.start() > end:
            yield Piece(text[end : link.start()])
        yield Piece(link[1], link[2])
        end = link.end()
    if end < len(text):
        yield Piece(text[end:])


def lost_links(library: Library) -> Iterator[Problem]:
    """The links of such paragraphs that lead to no card or claim; names that a card had before go on to count."""
    former = former_slugs(library.values())
    for name, question in library.vocabulary.questions.items():
        for piece in pieces(question.known.text) if question.known else ():
            fault = _fault(library, current_key(piece.key, former)) if piece.key else None
            if fault:
                yield library.document(VOCABULARY).problem(("questions", name, "known", "text"), fault)


def _fault(library: Library, key: str) -> Fault | None:
    slug, slash, claim_id = key.partition("/")
    if slug in library.broken:
        return None
    if slug not in library:
        return Fault("missing-card", f"names no card: `{key}`", suggestion(slug, library, otherwise="correct the name"))
    known = [claim.id for claim in library[slug].claims]
    if not slash or claim_id in known:
        return None
    otherwise = f"look into `{slug}.yaml`"
    return Fault("missing-claim", f"names no claim: `{key}`", suggestion(claim_id, known, otherwise=otherwise))
