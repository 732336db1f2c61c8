"""A card with everything that arXiv (or a DOI's registrar) knows of a work, and nothing that a person has to judge.

Left to the curator are `summary`, `results`, `notes` and `claims`; `topics` and `methods` are suggested, and the
provenance says so. The abstract is read for this and never copied.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tooling.cards.identifier import Identifier
from tooling.cards.latex import plain_text
from tooling.cards.layout import Value
from tooling.cards.mention import mentioned
from tooling.cards.problem import quoted
from tooling.cards.record import Record
from tooling.cards.value import CATEGORY
from tooling.cards.vocabulary import Vocabulary
from tooling.cards.work import doi_address

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


class Given(NamedTuple):
    """What a person or a list says of a work beside its name: topics, a remark, who says so, and whether it waits.

    `topics` are terms or names of the vocabulary; `draft` marks a card that is shown although nobody has judged it yet.
    """

    topics: Sequence[str] = ()
    note: str | None = None
    origin: str = "the list it was added from"
    draft: bool = False


NOTHING_GIVEN = Given()


def draft_card(
    record: Record, vocabulary: Vocabulary, *, version: int | None, citation_key: str, given: Given = NOTHING_GIVEN
) -> dict[str, Value]:
    """The keys of a new card, in order; `version` is the one that the curator asked for (None: the latest is read)."""
    read = version or record.version
    known = [topic for name in given.topics if (topic := _topic(name, vocabulary))]
    fields = dict.fromkeys(("title", "authors", "arxiv", "version_read", "date", "category"), record.origin)
    card: dict[str, Value] = {"kind": "paper", "draft": given.draft or None, **_facts(record, read)}
    if venue := found_venue(record):
        card["venue"], fields["venue"] = venue
    title, abstract = clean_title(record), " ".join(record.abstract.split())
    if topics := known or mentioned(vocabulary.topics, title=title, abstract=abstract):
        card["topics"], fields["topics"] = list(dict.fromkeys(topics)), given.origin if known else SUGGESTED
    if methods := mentioned(vocabulary.methods, title=title, abstract=abstract):
        card["methods"], fields["methods"] = dict.fromkeys(methods), SUGGESTED
    links = _links(record)
    card["links"] = {kind: found.value for kind, found in links.items()}
    fields |= {f"links.{kind}": found.place for kind, found in links.items()}
    notes = {text: f"{record.origin} comment" for text in _withdrawal(record)}
    remarks = _remarks(given, vocabulary)
    if notes or remarks:
        card["notes"] = [_note(text, kind="fact", by="curator") for text in notes] + remarks
        fields["notes"] = "; ".join(dict.fromkeys([*notes.values(), *([given.origin] if remarks else [])]))
    card["citation_key"] = citation_key
    present = {key: value for key, value in card.items() if value is not None}
    kept = {key: place for key, place in fields.items() if key.partition(".")[0] in present}
    return present | {"provenance": {"sources": _sources(record, read), "fields": kept}}


def _facts(record: Record, read: int) -> dict[str, Value]:
    """What the service itself says; an empty value is left out of the card."""
    return {
        "title": clean_title(record),
        "authors": clean_authors(record),
        "arxiv": record.bare if record.on_arxiv else None,
        "version_read": read if record.on_arxiv and read else None,
        "date": record.published,
        "category": record.category if record.on_arxiv and re.fullmatch(CATEGORY, record.category) else None,
    }


def _links(record: Record) -> dict[str, Found]:
    """Where the work and its code are."""
    address = Identifier(record.bare).address if record.on_arxiv else doi_address(record.bare)
    code = _repository(record)
    return {"paper": Found(address, record.origin)} | ({"code": code} if code else {})


def _topic(name: str, vocabulary: Vocabulary) -> str | None:
    """The topic that is meant by its id or by one of its names."""
    if name in vocabulary.topics:
        return name
    meant = mentioned(vocabulary.topics, title=name, abstract="")
    return meant[0] if len(meant) == 1 else None


def _remarks(given: Given, vocabulary: Vocabulary) -> list[Value]:
    """The remark that was given, and the topics that the vocabulary has not: nothing that was said is lost."""
    remark = plain_text(given.note or "")
    unknown = [plain_text(name) for name in given.topics if not _topic(name, vocabulary)]
    listed = f"Listed under {', '.join(map(quoted, filter(None, unknown)))}." if any(unknown) else ""
    # nobody has looked yet whether what a list says of a work is so
    said = {"opinion": remark, "fact": listed}
    return [_note(text, kind=kind, by="catalogue") for kind, text in said.items() if text]


def _note(text: str, *, kind: str, by: str) -> Mapping[str, Value]:
    return {"kind": kind, "text": text, "by": by}


def clean_title(record: Record) -> str:
    """The title in plain text, on one line and without a period behind it."""
    title = plain_text(record.title)
    return title.removesuffix(".") if not title.endswith("..") else title


def clean_authors(record: Record) -> list[str]:
    """All authors in plain text and NFC, without the `:` that arXiv lists after a team as if it were a person."""
    names = (plain_text(name).strip(" ,;") for name in record.authors)
    return [name for name in names if any(letter.isalnum() for letter in name)]


def is_withdrawn(record: Record) -> bool:
    """Whether arXiv's comment says that the work has been withdrawn."""
    return bool(_WITHDRAWN.search(record.comment or ""))


def _withdrawal(record: Record) -> list[str]:
    return [f"Withdrawn: arXiv's comment on version {record.version} says so."] if is_withdrawn(record) else []


def found_venue(record: Record) -> Found | None:
    """Where the work was published: the journal reference, else what its comment says without doubt."""
    journal = plain_text(record.journal or "")
    if journal:
        return Found(journal, f"{record.origin} journal reference") if len(journal) <= _LONGEST_JOURNAL else None
    comment = plain_text(record.comment or "")
    found = _VENUE.findall(comment)
    if len({(name.lower(), year or f"20{short}") for _, name, year, short in found}) != 1 or _UNSETTLED.search(comment):
        return None
    findings, name, year, short = found[0]
    honours = {word.lower() for word in _HONOUR.findall(comment)}
    suffix = f" ({honours.pop()})" if len(honours) == 1 else ""
    prefix = "Findings of " if findings else ""
    return Found(f"{prefix}{_SPELLED[name.lower()]} {year or f'20{short}'}{suffix}", f"{record.origin} comment")


def _repository(record: Record) -> Found | None:
    """The code's address, where the comment, else the abstract, names a single repository."""
    for text, part in ((record.comment, "comment"), (record.abstract, "abstract")):
        names = _REPOSITORY.findall((text or "").replace("\\_", "_"))
        names = list(dict.fromkeys(name.rstrip(".").removesuffix(".git") for name in names))
        if names:
            return Found(f"https://github.com/{names[0]}", f"{record.origin} {part}") if len(names) == 1 else None
    return None


def _sources(record: Record, version: int) -> list[Value]:
    """The address of the version that was read, of the publisher's where arXiv gives its DOI, and of what was asked."""
    if not record.on_arxiv:
        return [doi_address(record.bare)]
    sources: list[Value] = [f"{Identifier(record.bare).address}{f'v{version}' if version else ''}"]
    if record.origin != "arxiv":
        sources.append(f"{doi_address(f'10.48550/arXiv.{record.bare}')} (DataCite, as arXiv did not answer)")
    doi = (record.doi or "").strip().removeprefix("https://doi.org/")
    if _DOI.fullmatch(doi):
        sources.append(f"https://doi.org/{doi}")
    return sources
