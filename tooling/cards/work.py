"""What work a pasted text means: an arXiv id in any form, the DOI of another work, or a title."""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, unquote, urlsplit

from tooling.cards.identifier import LONGEST, RESOLVERS, Identifier, parse_identifier
from tooling.errors import UsageError

# white space, invisible characters that web pages leave in a selection, and marks that surround an address in prose
_AROUND = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\ufeff<>\"'`.,;"
_DOI = re.compile(r"10\.[0-9]{4,9}/[!-~]{1,200}", re.ASCII)
_ARXIVS = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)
# publishers' pages carry the DOI in their path: `/doi/abs/10.1145/3600006.3613165`
_PAGE = re.compile(r"/doi/(?:[a-z]{1,12}/){0,2}(10\.[0-9]{4,9}/.{1,200})", re.ASCII)
# digits as ids have them, and what an address or an identifier opens with
_LIKE_AN_ID = re.compile(r"[0-9]{4}\.[0-9]{2}|/[0-9]{4}|://|^(?:doi:|www\.|10\.[0-9]{4})", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
# of two titles' letters; one letter in twelve may differ
SAME_TITLE = 92
_QUOTES = {'"': '"', "\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb"}


@dataclass(frozen=True)
class Doi:
    """A work that is not on arXiv, by its DOI in lower case: `10.1145/3600006.3613165`."""

    bare: str

    def __str__(self) -> str:
        """The DOI."""
        return self.bare

    @property
    def key(self) -> str:
        """What tells the work from others."""
        return self.bare

    @property
    def address(self) -> str:
        """The address at which the DOI is resolved."""
        return doi_address(self.bare)


@dataclass(frozen=True)
class Title:
    """A work by its title, as somebody wrote it."""

    text: str

    def __str__(self) -> str:
        """The title."""
        return self.text

    @property
    def key(self) -> str:
        """What tells the work from others."""
        return letters(self.text)


Work = Identifier | Doi | Title


def parse_work(text: str, *, today: date | None = None) -> Work:
    """The work that `text` means: an `Identifier`, else a `Doi`, else a `Title` of two words or more, or in quotes.

    Raises `UsageError` with the reason for what is none of them. `today` stands in for the current day.
    """
    doi = find_doi(text)
    if doi is not None:
        return doi
    title = _title(text)
    if title is not None:
        return title
    try:
        return parse_identifier(text, today=today)
    except UsageError as error:
        if re.fullmatch(r"[^\W\d_]{2,60}", text.strip(), re.ASCII):
            raise UsageError(f"{error}; a title of one word is given in quotes of its own") from error
        raise


def find_doi(text: str) -> Doi | None:
    """The DOI that `text` means, bare or as an address; None for arXiv's own and for what is no DOI."""
    pasted = _without_marks(text)
    if len(pasted) > LONGEST or not pasted.isascii():
        return None
    core = re.sub(r"^(?:doi:\s*|https?://(?:www\.)?doi:)", "", pasted, flags=re.IGNORECASE)
    if "://" in core or core.lower().startswith(tuple(f"{host}/" for host in RESOLVERS)):
        core = _from_address(core)
    if not _DOI.fullmatch(core) or _ARXIVS.match(core):
        return None
    return Doi(core.lower())


def doi_address(doi: str) -> str:
    """The address of a DOI, with what no address may hold percent-encoded."""
    return f"https://doi.org/{quote(doi, safe='/:;()._-')}"


def letters(title: str) -> str:
    """What two spellings of one title have in common."""
    return "".join(letter for letter in title.casefold() if letter.isalnum())


def _without_marks(text: str) -> str:
    """The text without what surrounds it; a closing parenthesis stays where it belongs to the DOI."""
    pasted = text.strip(_AROUND).lstrip("(")
    while pasted.endswith(")") and pasted.count(")") > pasted.count("("):
        pasted = pasted[:-1].rstrip(_AROUND)
    return pasted


def _from_address(address: str) -> str:
    """The DOI in an address, or nothing."""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""
    path = unquote(parts.path)
    if host in RESOLVERS:
        return path.strip("/")
    page = _PAGE.match(path) if parts.scheme in ("http", "https") else None
    return page[1].rstrip("/") if page else ""


def _title(text: str) -> Title | None:
    tidy = " ".join(text.split())
    if len(tidy) > LONGEST or not tidy.isprintable() or _LIKE_AN_ID.search(tidy):
        return None
    if len(tidy) > 2 and _QUOTES.get(tidy[0]) == tidy[-1]:
        tidy = tidy[1:-1].strip()
        return Title(tidy) if _WORD.search(tidy) else None
    return Title(tidy) if len(_WORD.findall(tidy)) > 1 and " " in tidy else None
