"""What a single card says in a way that breaks no rule of its shape and would mislead all the same."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tooling.cards.identifier import CLOCK_SLACK, parse_identifier
from tooling.cards.latex import plain_text
from tooling.cards.load import Library
from tooling.cards.problem import Fault, Place, Problem, field_name, quoted
from tooling.cards.schema import Card
from tooling.errors import UsageError

# hosts of the survey that have answered under https for years
SECURE = ("arxiv.org", "github.com", "huggingface.co", "openreview.net", "doi.org", "aclanthology.org", "youtube.com")
TRACKING = re.compile(r"utm_[a-z]+|fbclid|gclid|mc_[ce]id|igshid|ref_src|s_source", re.ASCII)
LATEX = re.compile(r"\\[a-zA-Z]+|\\.|[{}]")
ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]*|#[0-9]+|#[xX][0-9A-Fa-f]+);")
TAG = re.compile(
    r"</?(?:a|b|br|code|em|i|inline-formula|math|p|span|strong|sub|sup|tt|u)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
SENTENCE = re.compile(r"[\"'“‘(]*[A-Z0-9].*[.!?][\"'”’)]*", re.DOTALL)

Found = Iterator[tuple[Place, Fault]]


def conventions(library: Library, *, today: date | None = None) -> Iterator[Problem]:
    """Each habit that a card of the library breaks; `today` stands in for the current day."""
    day = today or date.today()
    for slug, card in library.items():
        found = (*_title(card), *_names(card), *_dates(card, day), *_links(card), *_sources(card), *_origins(card))
        for place, fault in (*found, *_statements(card), *_repeated(card)):
            yield library.document(slug).problem(place, fault)


def _title(card: Card) -> Found:
    if card.title.endswith(".") and not card.title.endswith(".."):
        yield ("title",), Fault("title-period", "ends in a period", "leave it out")
    if LATEX.search(card.title) and plain_text(card.title) != card.title:
        remedy = f"write {quoted(plain_text(card.title), 200)}"
        yield ("title",), Fault("latex-title", f"holds LaTeX: {quoted(card.title)}", remedy)


def _names(card: Card) -> Found:
    authors = [(("authors", index), author) for index, author in enumerate(card.authors)]
    for place, author in authors:
        if LATEX.search(author) and plain_text(author) != author:
            remedy = f"write {quoted(plain_text(author), 200)}"
            yield place, Fault("latex-name", f"holds LaTeX: {quoted(author)}", remedy)
    for place, value in ((("title",), card.title), (("venue",), card.venue or ""), *authors):
        if found := TAG.search(value) or ENTITY.search(value):
            yield place, Fault("html", f"holds HTML: {quoted(found.group())}", "write the characters themselves")
        if "  " in value:
            yield place, Fault("double-blank", "holds two blanks in a row", "keep one")


def _dates(card: Card, today: date) -> Found:
    if card.version_latest and card.version_read and card.version_latest <= card.version_read:
        says = f"is {card.version_latest}, no later than `version_read`"
        yield ("version_latest",), Fault("not-later", says, "delete it: the latest version has been read")
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


def _sources(card: Card) -> Found:
    """Addresses beside `links`: a version of a paper may stand there, for it is what was read."""
    for place, source in _cited(card):
        address, blank, rest = source.partition(" ")
        better = secure_address(address) + blank + rest
        if source.startswith("http") and better != source:
            yield place, Fault("old-address", f"has a better form: {quoted(better, 200)}", "write that")
    for index, claim in enumerate(card.claims):
        named = _arxiv_id(claim.source.address)
        if card.arxiv and named and named != card.arxiv and claim.source.confidence == "paper":
            says = f"is `paper`, but the address is that of `{named}`"
            remedy = "write `secondary`, or correct the address"
            yield ("claims", index, "source", "confidence"), Fault("other-source", says, remedy)


def _cited(card: Card) -> Iterator[tuple[Place, str]]:
    """Where each source of a card stands, and the source."""
    yield from ((("results", index, "source"), each.source) for index, each in enumerate(card.results))
    yield from ((("claims", index, "source", "address"), each.source.address) for index, each in enumerate(card.claims))
    yield from ((("responses", index, "address"), each.address) for index, each in enumerate(card.responses))
    yield from ((("provenance", "sources", index), each) for index, each in enumerate(card.provenance.sources))


def _origins(card: Card) -> Found:
    for key in card.provenance.fields:
        name, dot, part = key.partition(".")
        value = getattr(card, name)
        if not value or (dot and isinstance(value, Mapping) and part not in value):
            fault = Fault("stale-origin", f"says where `{key}` came from, which the card does not have", "delete it")
            yield ("provenance", "fields", key), fault


def _repeated(card: Card) -> Found:
    """Texts of one kind that stand twice."""
    texts = [(("results", index, "text"), each.text) for index, each in enumerate(card.results)]
    texts += [(("notes", index, "text"), each.text) for index, each in enumerate(card.notes)]
    texts += [(("claims", index, "statement"), each.statement) for index, each in enumerate(card.claims)]
    seen: dict[tuple[object, str], Place] = {}
    for place, text in texts:
        first = seen.setdefault((place[0], text.casefold()), place)
        if first != place:
            yield place, Fault("double-text", f"says the same as `{field_name(first)}`", "keep one of the two")


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
    return secure_address(address)


def secure_address(address: str) -> str:
    """The address under https where its host is known to answer there, and without tracking words."""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
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
