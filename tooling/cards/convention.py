"""What a single card says in a way that breaks no rule of its shape and would mislead all the same."""

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tooling.cards.identifier import CLOCK_SLACK, parse_identifier
from tooling.cards.latex import plain_text
from tooling.cards.load import Library
from tooling.cards.problem import Fault, Place, Problem, quoted
from tooling.cards.schema import Card
from tooling.errors import UsageError

# hosts of the survey that have answered under https for years
SECURE = ("arxiv.org", "github.com", "huggingface.co", "openreview.net", "doi.org", "aclanthology.org", "youtube.com")
TRACKING = re.compile(r"utm_[a-z]+|fbclid|gclid|mc_[ce]id|igshid|ref_src|s_source", re.ASCII)
LATEX = re.compile(r"\\[a-zA-Z]+|\\.|[{}]")
SENTENCE = re.compile(r"[\"'“‘(]*[A-Z0-9].*[.!?][\"'”’)]*", re.DOTALL)

Found = Iterator[tuple[Place, Fault]]


def conventions(library: Library, *, today: date | None = None) -> Iterator[Problem]:
    """Each habit that a card of the library breaks; `today` stands in for the current day."""
    day = today or date.today()
    for slug, card in library.items():
        for place, fault in (*_title(card), *_dates(card, day), *_links(card), *_statements(card)):
            yield library.document(slug).problem(place, fault)


def _title(card: Card) -> Found:
    if card.title.endswith(".") and not card.title.endswith(".."):
        yield ("title",), Fault("title-period", "ends in a period", "leave it out")
    if LATEX.search(card.title) and plain_text(card.title) != card.title:
        remedy = f"write {quoted(plain_text(card.title), 200)}"
        yield ("title",), Fault("latex-title", f"holds LaTeX: {quoted(card.title)}", remedy)


def _dates(card: Card, today: date) -> Found:
    latest = (today + CLOCK_SLACK).isoformat()
    if card.date > latest[: len(card.date)]:
        yield ("date",), Fault("future-date", f"is {card.date}, in the future", "correct it")


def _links(card: Card) -> Found:
    for kind, address in card.links.items():
        better = better_address(address)
        if better != address:
            yield ("links", kind), Fault("old-address", f"has a better form: {quoted(better, 200)}", "write that")
    named = _arxiv_id(card.links.get("paper", ""))
    if card.arxiv and named and named != card.arxiv:
        says = f"leads to `{named}`, but `arxiv` is `{card.arxiv}`"
        yield ("links", "paper"), Fault("other-work", says, "correct one of the two")


def _statements(card: Card) -> Found:
    for index, claim in enumerate(card.claims):
        if not SENTENCE.fullmatch(claim.statement):
            says = f"is no sentence: {quoted(claim.statement)}"
            fault = Fault("statement", says, "begin with a capital letter or a digit, and end with a period")
            yield ("claims", index, "statement"), fault


def better_address(address: str) -> str:
    """The address under https where its host is known to answer there, without tracking words; arXiv's as `abs` page.

    >>> better_address("http://arxiv.org/pdf/2503.20783v2?utm_source=x")
    'https://arxiv.org/abs/2503.20783'
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    if host == "arxiv.org" and (bare := _arxiv_id(address)):
        return f"https://arxiv.org/abs/{bare}"
    secure = any(host == known or host.endswith(f".{known}") for known in SECURE)
    scheme = "https" if secure else parts.scheme
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if not TRACKING.fullmatch(name)]
    words = parts.query if len(kept) == len(query) else urlencode(kept)
    return urlunsplit(parts._replace(scheme=scheme, query=words))


def _arxiv_id(address: str) -> str | None:
    """The bare id of a page of arXiv about a work as `abs` or `pdf`; its HTML pages are other pages, and stay."""
    if not re.match(r"https?://(www\.)?arxiv\.org/(abs|pdf)/", address):
        return None
    try:
        return parse_identifier(address).bare
    except UsageError:
        return None
