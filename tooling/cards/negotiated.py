"""Records from what registrars of DOIs answer: DataCite's JSON, or the CSL-JSON that Crossref speaks.

An answer is hostile until it has been read: whatever has another type than it should is as good as absent.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tooling.cards.answer import Garbled
from tooling.cards.problem import quoted
from tooling.cards.record import Record, is_whole
from tooling.errors import Invalid

Fields = Mapping[str, Any]
_DAY = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?", re.ASCII)
_VERSION = re.compile(r"v?([1-9][0-9]{0,2})", re.ASCII)
_CATEGORY = re.compile(r"\(([a-z-]{2,20}(?:\.[A-Za-z-]{2,20})?)\)$", re.ASCII)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
# of a work's dates, the first that is there counts: its first submission, else when it came out
_DATES = ("Submitted", "Created", "Issued", "Available")
_CSL_DATES = ("submitted", "posted", "published-online", "issued", "published", "created")


def read_record(content: bytes, doi: str, *, bare: str) -> Record:
    """The record in an answer about `doi`, named `bare`.

    Raises `Garbled` for an answer that cannot be trusted, and `Invalid` for a record that lacks what a card needs.
    """
    fields = _fields(content)
    said = _text(fields.get("doi")) or _text(fields.get("DOI"))
    said = re.sub(r"^https?://(?:dx\.)?doi\.org/", "", said, flags=re.IGNORECASE)
    if said.lower() != doi.lower():
        raise Garbled(f"answered about {quoted(said or 'no DOI', 100)}, which was not asked for")
    record = _from_datacite(fields, bare) if "titles" in fields else _from_csl(fields, bare)
    if not record.published:
        raise Invalid(f"the record of `{doi}` names no month of publication; write the card by hand")
    if not is_whole(record):
        raise Garbled(f"left out the title or the authors of `{doi}`")
    return record


def _fields(content: bytes) -> Fields:
    """The attributes of the work, wherever the answer has them."""
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise Garbled("sent an empty answer")
    if start[:1] == b"<":
        raise Garbled("answered with a web page instead of a record (maintenance, or the log-in page of a network)")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Garbled("sent JSON that breaks off or is none") from error
    found = _mapping(_mapping(_mapping(found).get("data")).get("attributes")) or _mapping(found)
    if not found:
        raise Garbled("sent JSON that is no record of a work")
    return found


def _from_datacite(fields: Fields, bare: str) -> Record:
    dates = {_text(each.get("dateType")): _text(each.get("date")) for each in reversed(_mappings(fields, "dates"))}
    texts = {_text(each.get("descriptionType")): each for each in reversed(_mappings(fields, "descriptions"))}
    titles = [each for each in _mappings(fields, "titles") if not each.get("titleType")]
    subjects = (_CATEGORY.search(_text(each.get("subject"))) for each in _mappings(fields, "subjects"))
    arxiv = not bare.startswith("10.")
    container = _text(_mapping(fields.get("container")).get("title"))
    return Record(
        bare=bare,
        version=_version(fields) if arxiv else 0,
        title=_prose(titles[0].get("title")) if titles else "",
        authors=tuple(filter(None, map(_creator, _mappings(fields, "creators")))),
        published=_first_day([dates.get(kind, "") for kind in _DATES] + [_text(fields.get("registered"))], bare),
        abstract=_prose(_mapping(texts.get("Abstract")).get("description")),
        comment=_prose(_mapping(texts.get("Other")).get("description")) or None,
        journal=_venue(container, str(fields.get("publicationYear") or "")) or None,
        doi=_publishers_doi(fields) if arxiv else None,
        category=next((found[1] for found in subjects if found), ""),
        origin="datacite",
    )


def _from_csl(fields: Fields, bare: str) -> Record:
    days = [_day_of(_mapping(fields.get(kind))) for kind in _CSL_DATES]
    year = next((day[:4] for day in days if day), "")
    return Record(
        bare=bare,
        version=0,
        title=_prose(_one(fields.get("title"))),
        authors=tuple(filter(None, map(_creator, _mappings(fields, "author")))),
        published=_first_day(days, bare),
        abstract=_prose(fields.get("abstract")),
        comment=None,
        journal=_venue(_prose(_one(fields.get("container-title"))), year) or None,
        doi=None,
        category="",
        origin="crossref" if fields.get("source") == "Crossref" else "datacite",
    )


def _version(fields: Fields) -> int:
    """The latest version of a work of arXiv; 0 where the record does not say."""
    said = [each.get("dateInformation") for each in _mappings(fields, "dates")] + [fields.get("version")]
    found = (_VERSION.fullmatch(_text(each)) for each in said)
    return max((int(match[1]) for match in found if match), default=0)


def _publishers_doi(fields: Fields) -> str | None:
    for each in _mappings(fields, "relatedIdentifiers"):
        if (each.get("relationType"), each.get("relatedIdentifierType")) == ("IsVersionOf", "DOI"):
            return _text(each.get("relatedIdentifier")) or None
    return None


def _creator(person: Fields) -> str:
    """A name as the work writes it: `Ada Lovelace`; a team's as it is."""
    given, family = (_prose(person.get(key) or person.get(f"{key}Name")) for key in ("given", "family"))
    if family and person.get("nameType") != "Organizational":
        particle = _prose(person.get("non-dropping-particle"))
        return " ".join(filter(None, (given, particle, family, _prose(person.get("suffix")))))
    name = _prose(person.get("literal") or person.get("name"))
    turned = re.fullmatch(r"([^,]+), ([^,]+)", name) if person.get("nameType") == "Personal" else None
    return f"{turned[2]} {turned[1]}" if turned else name


def _venue(container: str, year: str) -> str:
    """The container with its year: `Nature 2025`."""
    return container if not container or not year or year in container else f"{container} {year}"


def _first_day(days: Sequence[str], bare: str) -> str:
    """The first of these dates that names a month, else the month of an arXiv id, else nothing."""
    for day in days:
        if match := _DAY.match(day):
            return match[0]
    month = re.fullmatch(r"(?:[a-z-]+/)?([0-9]{2})([0-9]{2})\.?[0-9]+", bare)
    # ids with an archive began in 1991
    century = 19 if month and int(month[1]) > 90 else 20
    return f"{century}{month[1]}-{month[2]}" if month else ""


def _day_of(value: Fields) -> str:
    """The day of CSL's `date-parts`, as far as it is given."""
    parts = _one(value.get("date-parts"))
    numbers = [each for each in parts if isinstance(each, int)] if isinstance(parts, list) else []
    return "-".join(f"{number:02}" for number in numbers[:3])


def _one(value: object) -> object:
    """The value, or the first of a list."""
    return value[0] if isinstance(value, list) and value else value


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _prose(value: object) -> str:
    """Text without the tags and entities that some registrars leave in it."""
    return " ".join(html.unescape(_TAG.sub("", _text(value))).split())


def _mapping(value: object) -> Fields:
    return value if isinstance(value, dict) else {}


def _mappings(fields: Fields, key: str) -> list[Fields]:
    return list(_each(fields.get(key)))


def _each(value: object) -> Iterator[Fields]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield each
