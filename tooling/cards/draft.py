"""A card with everything that arXiv knows of a work, and nothing that a person has to judge.

Left to the curator are `summary`, `results`, `notes` and `claims`; `topics` and `methods` are suggested, and the
provenance says so. The abstract is read for this and never copied.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tooling.cards.identifier import Identifier
from tooling.cards.latex import plain_text
from tooling.cards.layout import Value
from tooling.cards.mention import mentioned
from tooling.cards.record import Record
from tooling.cards.vocabulary import Vocabulary

SUGGESTED = "suggested from title and abstract"
_VENUES = (
    "AAAI|ACL|AISTATS|ASE|ASRU|CHI|CIKM|COLING|COLM|CoNLL|CoRL|CVPR|EACL|ECCV|EMNLP|EuroSys|FSE|ICASSP|ICCV|ICLR|ICML|"
    "ICRA|ICSE|IJCAI|Interspeech|IROS|ISSTA|JMLR|KDD|LREC|MLSys|NAACL|NeurIPS|OSDI|SIGIR|SOSP|TACL|TMLR|UAI|WACV|WSDM"
)
_VENUE = re.compile(rf"\b(Findings of )?(?:the )?({_VENUES})[ -]?(?:(20[0-9]{{2}})|'([0-9]{{2}}))\b", re.IGNORECASE)
_SPELLED = {name.lower(): name for name in _VENUES.split("|")}
_UNSETTLED = re.compile(r"under review|in review|submitted|rejected|workshop|preprint|withdrawn", re.IGNORECASE)
_HONOUR = re.compile(r"\b(oral|spotlight)\b", re.IGNORECASE)
_REPOSITORY = re.compile(r"https?://(?:www\.)?github\.com/([A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100})")
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s<>\"{}|\\^`]{1,200}")
_WITHDRAWN = re.compile(r"\bwithdrawn\b", re.IGNORECASE)
_LONGEST_JOURNAL = 200


class Found(NamedTuple):
    """A value and where it was found, for the provenance."""

    value: str
    place: str


def draft_card(record: Record, vocabulary: Vocabulary, *, version: int | None, citation_key: str) -> dict[str, Value]:
    """The keys of a new card, in order; `version` is the one that the curator asked for (None: the latest is read)."""
    title, abstract = clean_title(record), " ".join(record.abstract.split())
    read = version or record.version
    fields = dict.fromkeys(("title", "authors", "arxiv", "version_read", "date"), "arxiv")
    card: dict[str, Value] = {
        "kind": "paper",
        "title": title,
        "authors": clean_authors(record),
        "arxiv": record.bare,
        "version_read": read,
        "date": record.published,
    }
    if venue := found_venue(record):
        card["venue"], fields["venue"] = venue
    if topics := mentioned(vocabulary.topics, title=title, abstract=abstract):
        card["topics"], fields["topics"] = topics, SUGGESTED
    if methods := mentioned(vocabulary.methods, title=title, abstract=abstract):
        card["methods"], fields["methods"] = dict.fromkeys(methods), SUGGESTED
    links = {"paper": Found(Identifier(record.bare).address, "arxiv")}
    if code := _repository(record):
        links["code"] = code
    card["links"] = {kind: found.value for kind, found in links.items()}
    fields |= {f"links.{kind}": found.place for kind, found in links.items()}
    if is_withdrawn(record):
        card["notes"], fields["notes"] = [_withdrawal(record)], "arxiv comment"
    card["citation_key"] = citation_key
    card["provenance"] = {"sources": _sources(record, read), "fields": fields}
    return card


def clean_title(record: Record) -> str:
    """The title in plain text, on one line."""
    return plain_text(record.title)


def clean_authors(record: Record) -> list[str]:
    """All authors in plain text and NFC, without the `:` that arXiv lists after a team as if it were a person."""
    names = (plain_text(name).strip(" ,;") for name in record.authors)
    return [name for name in names if any(letter.isalnum() for letter in name)]


def is_withdrawn(record: Record) -> bool:
    """Whether arXiv's comment says that the work has been withdrawn."""
    return bool(_WITHDRAWN.search(record.comment or ""))


def _withdrawal(record: Record) -> Mapping[str, Value]:
    text = f"Withdrawn: arXiv's comment on version {record.version} says so."
    return {"kind": "fact", "text": text, "by": "curator"}


def found_venue(record: Record) -> Found | None:
    """Where the work was published: arXiv's journal reference, else what its comment says without doubt."""
    journal = plain_text(record.journal or "")
    if journal:
        return Found(journal, "arxiv journal reference") if len(journal) <= _LONGEST_JOURNAL else None
    comment = plain_text(record.comment or "")
    found = _VENUE.findall(comment)
    if len({(name.lower(), year or f"20{short}") for _, name, year, short in found}) != 1 or _UNSETTLED.search(comment):
        return None
    findings, name, year, short = found[0]
    honours = {word.lower() for word in _HONOUR.findall(comment)}
    suffix = f" ({honours.pop()})" if len(honours) == 1 else ""
    prefix = "Findings of " if findings else ""
    return Found(f"{prefix}{_SPELLED[name.lower()]} {year or f'20{short}'}{suffix}", "arxiv comment")


def _repository(record: Record) -> Found | None:
    """The code's address, where the comment, else the abstract, names a single repository."""
    for text, place in ((record.comment, "arxiv comment"), (record.abstract, "arxiv abstract")):
        names = _REPOSITORY.findall((text or "").replace("\\_", "_"))
        names = list(dict.fromkeys(name.rstrip(".").removesuffix(".git") for name in names))
        if names:
            return Found(f"https://github.com/{names[0]}", place) if len(names) == 1 else None
    return None


def _sources(record: Record, version: int) -> list[Value]:
    """The addresses of the version that was read, and of the publisher's where arXiv gives its DOI."""
    sources: list[Value] = [f"{Identifier(record.bare).address}v{version}"]
    doi = (record.doi or "").strip().removeprefix("https://doi.org/")
    if _DOI.fullmatch(doi):
        sources.append(f"https://doi.org/{doi}")
    return sources
