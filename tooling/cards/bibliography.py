"""The works of a BibTeX file, whichever program wrote it."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tooling.cards.entry import Entry, Finding, Listing
from tooling.cards.identifier import find_identifier
from tooling.cards.latex import plain_text
from tooling.cards.problem import quoted
from tooling.cards.work import find_doi

if TYPE_CHECKING:
    from bibtexparser.model import Block
    from bibtexparser.model import Entry as Parsed

# where programs keep the id of a preprint, the surest first
_ID_FIELDS = ("eprint", "arxivid", "arxiv", "doi", "url", "howpublished", "journal", "note", "volume", "number")
# where they keep what a reader has said of a work, and the groups it was put in
_REMARK_FIELDS = ("annote", "annotation", "comment", "remark")
_GROUP_FIELDS = ("groups", "keywords", "keyword", "mendeley-tags")
_IN_TEXT = re.compile(r"arxiv[\s:./a-z-]{1,20}?([0-9]{4}\.[0-9]{4,5}(?:v[0-9]{1,3})?)(?![0-9])", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s{}\\,]{3,2000}")


def is_bibtex(text: str) -> bool:
    """Whether a text without a telling name is BibTeX: its first line that says something opens an entry."""
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("%")), "")
    return bool(re.match(r"@[A-Za-z]+\s*[{(]", first))


def read_bibliography(text: str, name: str) -> Listing:
    """The works of the BibTeX `text`; an entry that cannot be read is a finding with its line, and hides no other."""
    from bibtexparser import parse_string
    from bibtexparser.model import DuplicateBlockKeyBlock, ParsingFailedBlock

    # the parser logs what it also returns
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = parse_string(text)
    entries, findings = [_entry(each) for each in library.entries], []
    for block in library.failed_blocks:
        inner = getattr(block, "ignore_error_block", None)
        if isinstance(block, DuplicateBlockKeyBlock) and hasattr(inner, "fields_dict"):
            # two entries under one key may be two works
            entries.append(_entry(inner))
        elif isinstance(block, ParsingFailedBlock):
            findings.append(Finding(_line(block), "unreadable", _broken(block)))
    return Listing(name, sorted(entries), findings)


def _entry(parsed: "Parsed") -> Entry:
    fields = {field.key.lower(): str(field.value) for field in parsed.fields}
    remarks = (plain_text(fields[name]) for name in _REMARK_FIELDS if name in fields)
    groups = (part for name in _GROUP_FIELDS for part in re.split(r"[,;]", fields.get(name, "")))
    addresses = _URL.findall(" ".join(fields.get(name, "") for name in ("url", "howpublished", "note")))
    works = tuple(dict.fromkeys(_works(fields)))
    return Entry(
        _line(parsed),
        plain_text(fields.get("title", "")).strip("{} ."),
        works,
        tuple(each for each in addresses if not (find_identifier(each) or find_doi(each))),
        tuple(plain for group in groups if (plain := plain_text(group))),
        remark=" ".join(remark for remark in remarks if remark),
    )


def _works(fields: Mapping[str, str]) -> Iterator[str]:
    """The arXiv ids and then the DOIs that the fields name."""
    texts = [plain_text(fields[name]) for name in _ID_FIELDS if name in fields]
    for name, text in ((name, fields[name]) for name in _ID_FIELDS if name in fields):
        found = find_identifier(text.strip()) or find_identifier(re.sub(r"[{}\\]|url", "", text))
        if name in ("volume", "number"):
            # a number may look like an id; DBLP writes `abs/2503.20783`
            found = find_identifier(f"arxiv.org/{text}") if text.startswith("abs/") else None
        if found:
            yield found.bare
    for text in texts:
        for named in (*_IN_TEXT.findall(text), *_URL.findall(text)):
            if found := find_identifier(named):
                yield found.bare
    for text in texts:
        if doi := find_doi(text):
            yield doi.bare


def _line(block: "Block") -> int:
    return (block.start_line or 0) + 1


def _broken(block: "Block") -> str:
    first = next((line for line in str(block.raw).splitlines() if line.strip()), "")
    return f"{quoted(first)} begins no entry that can be read; look for a brace or a comma that is missing"
