"""Records from arXiv's Atom answers. An answer is hostile until it has been read.

`arxiv.py` is the parser and the vocabulary, but it repairs what is broken: of an answer that was cut off it keeps the
authors that arrived, and of a web page it makes "nothing found". So each answer is first held against what was asked.
"""

import logging
from collections.abc import Collection
from typing import Any

from arxiv import Result
from arxiv._feed import parse
from lxml import etree

from tooling.cards.identifier import Identifier, find_identifier
from tooling.cards.problem import quoted
from tooling.cards.record import Record, is_whole
from tooling.errors import UsageError

_ATOM = "{http://www.w3.org/2005/Atom}"
# the parser reports skipped entries through logging; what is missing is reported here, once and with the remedy
logging.getLogger("arxiv").addHandler(logging.NullHandler())


class Garbled(Exception):
    """An answer that is none: a web page, XML that breaks off, another work than the one that was asked for."""


def read_answer(content: bytes, asked: Collection[str] | None) -> dict[str, Record]:
    """The records in an Atom answer, by bare identifier; the works of `asked` that arXiv does not know are missing.

    With `asked` None, as after a search, any work may be in it.
    Raises `Garbled` for an answer that cannot be trusted, and `UsageError` where arXiv calls an identifier malformed.
    """
    entries = _entries(content)
    named = _named(entries, asked)
    try:
        results = parse(content).results
    except (ValueError, OverflowError) as error:
        raise Garbled("sent a date that is none") from error
    records = {}
    for result in results:
        identifier = _identifier(result.entry_id)
        if identifier is not None:
            records.setdefault(identifier.bare, _record(identifier, result))
    if lacking := sorted(named - records.keys()):
        raise Garbled(f"left out the date of `{lacking[0]}`")
    return records


def refusal(content: bytes) -> str:
    """What arXiv's answer to a malformed request says, which should be a feed with one entry."""
    try:
        _named(_entries(content), ())
    except UsageError as error:
        return str(error)
    except Garbled:
        pass
    return "arXiv calls the request malformed, without a reason"


def _entries(content: bytes) -> list[Any]:
    """The entries of a whole, well-formed Atom feed without a document type."""
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise Garbled("sent an empty answer")
    if start[:1] != b"<" and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        words = " ".join(start[:60].decode("ascii", "replace").split())
        raise Garbled(f"answered {quoted(words)} instead of Atom")
    if start[:200].lower().startswith((b"<!doctype html", b"<html")):
        raise Garbled("answered with a web page instead of Atom (maintenance, or the log-in page of a network)")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Garbled(f"sent XML that breaks off or is not well-formed ({_place(error)})") from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise Garbled("sent XML with a document type, which Atom has not")
    if root.tag != f"{_ATOM}feed":
        raise Garbled(f"answered with {quoted(etree.QName(root).localname)} instead of an Atom feed")
    return root.findall(f"{_ATOM}entry")


def _place(error: Exception) -> str:
    line = getattr(error, "lineno", None)
    return f"line {line}" if line else "no line"


def _named(entries: list[Any], asked: Collection[str] | None) -> set[str]:
    """The identifiers that the entries name; all of them must have been asked for, where `asked` says what was."""
    named = set()
    for entry in entries:
        name = (entry.findtext(f"{_ATOM}id") or "").strip()
        if "/api/errors" in name or (entry.findtext(f"{_ATOM}title") or "").strip() == "Error":
            # arXiv reports a malformed identifier as an entry of a feed, with status 400 or 200
            reason = " ".join((entry.findtext(f"{_ATOM}summary") or "no reason given").split())
            raise UsageError(f"arXiv calls the request malformed: {quoted(reason, 200)}")
        if not name:
            # an entry without an identifier is how arXiv has answered for works that it does not know
            continue
        identifier = _identifier(name)
        if identifier is None or (asked is not None and identifier.bare not in asked):
            raise Garbled(f"answered about {quoted(name)}, which was not asked for")
        named.add(identifier.bare)
    return named


def _identifier(name: str) -> Identifier | None:
    """The identifier in an entry's name `http://arxiv.org/abs/2503.20783v2`, on whichever host."""
    return find_identifier(name.strip().rpartition("/abs/")[2])


def _record(identifier: Identifier, result: Result) -> Record:
    record = Record(
        bare=identifier.bare,
        version=identifier.version or 1,
        title=result.title.strip(),
        authors=tuple(author.name.strip() for author in result.authors if author.name.strip()),
        published=result.published.date().isoformat(),
        abstract=result.summary.strip(),
        comment=result.comment,
        journal=result.journal_ref,
        doi=result.doi,
        category=result.primary_category,
    )
    if not is_whole(record):
        raise Garbled(f"left out the title or the authors of `{identifier.bare}`")
    return record
