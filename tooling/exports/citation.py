"""The works for programs that manage references: BibTeX, CSL-JSON and RIS. They cite the works, not our verdicts."""

import json
from collections.abc import Iterator
from typing import Any

from tooling.cards import Card
from tooling.cards.bibtex import entry
from tooling.cards.name import read_name
from tooling.cards.reference import address, doi, read_venue, year
from tooling.exports.collection import Collection
from tooling.exports.text import plain

# kind of the vocabulary -> type in CSL and in RIS, for works without a venue; an unknown kind is a document on the web
CSL_TYPES = {"paper": "article", "survey": "article", "blog": "post-weblog", "discussion": "post", "model": "report"}
RIS_TYPES = {"paper": "UNPB", "survey": "UNPB", "blog": "BLOG", "model": "RPRT", "library": "COMP", "project": "COMP"}


def bibtex(collection: Collection) -> str:
    """The works as BibTeX entries."""
    return "\n\n".join(map(entry, collection.cards)) + "\n" if collection.cards else ""


def csl_json(collection: Collection) -> str:
    """The works as CSL-JSON, which pandoc, Zotero and citation processors read."""
    return json.dumps([csl(card) for card in collection.cards], ensure_ascii=False, indent=1) + "\n"


def csl(card: Card) -> dict[str, Any]:
    """The work as an item of CSL-JSON; keys without a value are left out."""
    venue = read_venue(card.venue or "")
    types = {"preprint": CSL_TYPES.get(card.kind, "webpage"), "article": "article-journal"}
    preprint = venue.form == "preprint"
    found = {
        "id": card.citation_key,
        "type": types.get(venue.form, "paper-conference"),
        "title": plain(card.title),
        "author": [_csl_name(plain(name)) for name in card.authors],
        "issued": {"date-parts": [_date_parts(card)]},
        "container-title": plain(venue.without_year if venue.form == "article" else venue.name),
        "collection-title": "PMLR" if venue.volume else "",
        "volume": venue.volume,
        "page": venue.pages.replace("--", "-"),
        "note": plain(venue.note),
        "genre": "preprint" if preprint and card.arxiv else "",
        "publisher": "arXiv" if preprint and card.arxiv else "",
        "archive": "arXiv" if card.arxiv else "",
        "archive_location": card.arxiv or "",
        "DOI": doi(card),
        "URL": address(card),
    }
    return {name: value for name, value in found.items() if value}


def _csl_name(text: str) -> dict[str, str]:
    name = read_name(text)
    if name.team:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "non-dropping-particle": name.particle, "suffix": name.suffix}
    return {key: value for key, value in parts.items() if value}


def _date_parts(card: Card) -> list[int]:
    """The day of the first submission, or only the year of a publication, whose day is not on the card."""
    if read_venue(card.venue or "").year:
        return [int(year(card))]
    return [int(part) for part in card.date.split("-")]


def ris(collection: Collection) -> str:
    """The works as RIS, which EndNote, Mendeley and Zotero read."""
    return "".join("\r\n".join([*_ris_lines(card), "ER  - ", "", ""]) for card in collection.cards)


def _ris_lines(card: Card) -> Iterator[str]:
    venue = read_venue(card.venue or "")
    types = {"preprint": RIS_TYPES.get(card.kind, "ELEC"), "article": "JOUR"}
    first, _, last = venue.pages.partition("--")
    fields = [
        ("TY", types.get(venue.form, "CONF")),
        ("ID", card.citation_key),
        ("TI", card.title),
        *[("AU", _ris_name(plain(name))) for name in card.authors],
        ("PY", year(card)),
        ("DA", "" if venue.year else card.date.replace("-", "/") + "/"),
        ("T2", venue.without_year if venue.form == "article" else venue.name),
        ("VL", venue.volume),
        ("SP", first),
        ("EP", last),
        ("N1", venue.note),
        ("DO", doi(card)),
        ("AN", f"arXiv:{card.arxiv}" if card.arxiv else ""),
        ("UR", address(card)),
    ]
    return (f"{tag}  - {plain(value)}" for tag, value in fields if value)


def _ris_name(text: str) -> str:
    """The name as `Werra, Leandro von, Jr.`; a team's as it is."""
    name = read_name(text)
    if name.team:
        return name.family
    family = " ".join(part for part in (name.particle, name.family) if part)
    return ", ".join(part for part in (family, name.given, name.suffix) if part)
