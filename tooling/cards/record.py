"""What a service says of a work, as the rest of the package and the cache keep it."""

import json
from dataclasses import asdict, dataclass, fields

LONGEST_TITLE = 2000


@dataclass(frozen=True)
class Record:
    """The facts of one work in a service's words.

    `bare` is the arXiv id, or the DOI of a work that is not on arXiv; `published` the day or the month of version 1;
    `version` the latest of arXiv, and 0 where it is not known; `origin` the service.
    """

    bare: str
    version: int
    title: str
    authors: tuple[str, ...]
    published: str
    abstract: str
    comment: str | None
    journal: str | None
    doi: str | None
    category: str
    origin: str = "arxiv"

    @property
    def on_arxiv(self) -> bool:
        """Whether the work is on arXiv, so that `bare` is its id there."""
        return not self.bare.startswith("10.")

    def to_json(self) -> str:
        """The record as JSON, for the cache."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Record | None":
        """The record that was stored as `text`; None where the text is damaged."""
        try:
            stored = json.loads(text)
            record = cls(**{**stored, "authors": tuple(stored["authors"])})
        except (ValueError, TypeError, KeyError):
            return None
        return record if is_whole(record) else None


def is_whole(record: Record) -> bool:
    """Whether every field has the type it should, and none that a card needs is empty."""
    optional = {"comment", "journal", "doi"}
    for field in fields(record):
        value = getattr(record, field.name)
        expected = int if field.name == "version" else tuple if field.name == "authors" else str
        if not isinstance(value, expected) and not (value is None and field.name in optional):
            return False
    names = all(isinstance(name, str) and name for name in record.authors)
    return bool(record.title and len(record.title) <= LONGEST_TITLE and record.authors and names and record.published)
