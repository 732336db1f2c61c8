"""What a card could say better. Nothing of it is wrong for sure, so none of it fails a check."""

import re
from collections.abc import Iterator

from tooling.cards.form import orders
from tooling.cards.load import Library
from tooling.cards.problem import Fault, Place, Problem, quoted
from tooling.cards.schema import Card
from tooling.cards.tie import tied_twice
from tooling.cards.twin import twins

SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV|Inc|Ltd|LLC|Ph\.?D|M\.?D)\.?")
MARK = re.compile(r"[*†‡§¶@]|\bet al\b|[a-z]\d$| and ")
YEAR = re.compile(r"(?:19|20)[0-9]{2}")

Found = Iterator[tuple[Place, Fault]]


def advice(library: Library) -> list[Problem]:
    """All that could be better in the cards, in the order of the files."""
    found = [*orders(library), *tied_twice(library), *_twins(library)]
    for slug, card in library.items():
        for place, fault in (*_authors(card), *_reading(card), *_years(card), *_links(card), *_draft(card)):
            found.append(library.document(slug).problem(place, fault))
    return sorted(found)


def _twins(library: Library) -> Iterator[Problem]:
    """Cards that may be about the work of another; those with one arXiv id are refused elsewhere."""
    for twin in twins(library):
        if twin.why != "id":
            place: Place = ("title",) if twin.why == "title" else ("links",)
            what = "title" if twin.why == "title" else "DOI"
            says = f"may be about the work of `{twin.slug}`, whose {what} is nearly or quite the same"
            fault = Fault("twin", says, "make one card of the two if it is, else leave it")
            yield library.document(twin.other).problem(place, fault)


def _authors(card: Card) -> Found:
    for index, author in enumerate(card.authors):
        family, comma, given = author.partition(", ")
        if (comma and not SUFFIX.fullmatch(given)) or MARK.search(author):
            remedy = "write one person as `Ada Lovelace`, without marks; a team's own name may stay"
            yield ("authors", index), Fault("author-form", f"may be no plain name: {quoted(author)}", remedy)
        # namesakes are real, but rarely stand next to each other
        elif index and author.casefold() == card.authors[index - 1].casefold():
            fault = Fault(
                "double-author", f"is {quoted(author)}, as is the one before", "delete it, if it is one person"
            )
            yield ("authors", index), fault


def _reading(card: Card) -> Found:
    if card.arxiv and card.version_read is None:
        fault = Fault("unread-version", "stands without `version_read`", "add the version that you read, once you do")
        yield ("arxiv",), fault
    if card.arxiv and len(card.date) == len("2025-01"):
        yield ("date",), Fault("coarse-date", "has no day, which arXiv knows", "write YYYY-MM-DD")
    for index, claim in enumerate(card.claims):
        if claim.source.confidence == "paper" and claim.source.place is None:
            fault = Fault(
                "no-place", "is not located in the paper", "name the table, figure or section when you find it"
            )
            yield ("claims", index, "source", "place"), fault


def _years(card: Card) -> Found:
    year = card.date[:4]
    published = YEAR.search(card.venue or "")
    if published and published.group() < year:
        says = f"is {quoted(card.venue)}, before the first submission ({card.date})"
        yield ("venue",), Fault("early-venue", says, "correct `venue` or `date`, if one is wrong")
    named = YEAR.search(card.citation_key)
    if named and named.group() not in (year, published.group() if published else ""):
        says = f"is `{card.citation_key}`, although the work is of {year}"
        fault = Fault("key-year", says, "leave it if it has been cited, and correct it in a new card")
        yield ("citation_key",), fault


def _links(card: Card) -> Found:
    paper = card.links.get("paper")
    if card.arxiv and not paper:
        remedy = f"add `paper: https://arxiv.org/abs/{card.arxiv}`"
        yield ("links",), Fault("no-paper-link", "has no `paper`, although there is an arXiv id", remedy)
    for kind, address in card.links.items():
        if kind != "paper" and address == paper:
            yield ("links", kind), Fault("double-link", "is the address of `paper` too", "keep the kind that fits")


def _draft(card: Card) -> Found:
    if card.draft and card.summary and card.claims:
        says = "is set, although summary and claims are written"
        yield ("draft",), Fault("finished-draft", says, "delete the key when you are done")
