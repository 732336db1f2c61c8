"""What arXiv says of a work that its card does not say yet, and the card's text with that in it.

Only bibliographic keys change: `title`, `venue`, `version_latest`, `withdrawn`, and their provenance. What a person
wrote stays: a title or venue whose provenance names another source than arXiv is reported and left alone.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from tooling.cards.draft import clean_title, found_venue, is_withdrawn
from tooling.cards.edit import CannotEdit, with_item, with_origin, with_value, without_key
from tooling.cards.load import InvalidLibrary, parse_card
from tooling.cards.oai import Version
from tooling.cards.record import Record
from tooling.cards.schema import Card

Kind = Literal["withdrawn", "no longer withdrawn", "new version", "title", "published", "doi"]
WRITTEN = frozenset({"title", "venue", "version_latest", "withdrawn", "provenance"})
_WITHDRAWN = re.compile(
    r"\b(paper|article|submission|work|manuscript|preprint)\b[^.]{0,80}\b(is|was|has been|have) withdrawn\b", re.I
)
# a publisher's: arXiv's own DOIs begin with 10.48550
_DOI = re.compile(r"10\.(?!48550/)[0-9]{4,9}/[A-Za-z0-9._;()/:-]{1,200}", re.ASCII)
# whose titles are facts that a later answer may correct
_SERVICES = ("arxiv", "datacite")
_BEFORE_VERSION = ("kind", "title", "authors", "arxiv", "version_read")


class Change(NamedTuple):
    """One thing that arXiv says otherwise than the card; `applied` where the card takes it over."""

    slug: str
    kind: Kind
    was: str
    now: str
    applied: bool


def is_doubtful(card: Card, record: Record) -> bool:
    """Whether the versions have to be asked for: the work has moved on, or speaks of a withdrawal, since last time."""
    known = max(card.version_read or record.version, card.version_latest or 0)
    return record.version > known or (speaks_of_withdrawal(record) and not card.withdrawn)


def speaks_of_withdrawal(record: Record) -> bool:
    """Whether comment or abstract say that the work was withdrawn."""
    return is_withdrawn(record) or bool(_WITHDRAWN.search(record.abstract))


def changes(card: Card, record: Record, *, versions: Sequence[Version]) -> list[Change]:
    """All that arXiv says otherwise than the card; `versions` is empty where they were not asked for or not had."""
    found = [*_withdrawal(card, record, versions), *_version(card, record, versions)]
    title = clean_title(record)
    if title != card.title:
        found.append(Change(card.slug, "title", card.title, title, _is_arxivs(card, "title")))
    venue = found_venue(record)
    if venue and venue.value != card.venue:
        free = card.venue is None or ("venue" in card.provenance.fields and _is_arxivs(card, "venue"))
        found.append(Change(card.slug, "published", card.venue or "", venue.value, free))
    doi = (record.doi or "").strip().removeprefix("https://doi.org/")
    if _DOI.fullmatch(doi) and doi.lower() not in " ".join([*card.provenance.sources, *card.links.values()]).lower():
        found.append(Change(card.slug, "doi", "", f"https://doi.org/{doi}", True))
    return found


def _is_arxivs(card: Card, key: str) -> bool:
    """Whether the value came from arXiv or its DOI, as far as the card says where it came from."""
    return any(service in card.provenance.fields.get(key, "arxiv") for service in _SERVICES)


def _withdrawal(card: Card, record: Record, versions: Sequence[Version]) -> list[Change]:
    latest = versions[-1] if versions else None
    gone = latest.withdraws if latest else speaks_of_withdrawal(record)
    if gone and not card.withdrawn:
        since = f"says arXiv's comment on version {record.version}"
        if latest:
            since = f"since version {latest.number}" + (f", {latest.date}" if latest.date else "")
        return [Change(card.slug, "withdrawn", "", since, True)]
    if gone and card.withdrawn:
        return [Change(card.slug, "withdrawn", card.withdrawn, card.withdrawn, False)]
    if card.withdrawn and (versions or not speaks_of_withdrawal(record)):
        return [Change(card.slug, "no longer withdrawn", card.withdrawn, "", True)]
    return []


def _version(card: Card, record: Record, versions: Sequence[Version]) -> list[Change]:
    if card.version_read is None or record.version <= card.version_read:
        return []
    dates = {version.number: version.date for version in versions}
    when = f" ({dates[record.version]})" if dates.get(record.version) else ""
    fresh = card.version_latest != record.version
    return [Change(card.slug, "new version", f"v{card.version_read}", f"v{record.version}{when}", fresh)]


def changed_text(text: str, card: Card, *, found: Sequence[Change]) -> str:
    """The card's text with the applied changes in it; raises `CannotEdit` where that is not safely possible."""
    new = text
    for change in found:
        if change.applied:
            new = _applied(new, change)
    if new != text:
        _verify(new, card)
    return new


def _applied(text: str, change: Change) -> str:
    if change.kind == "title":
        return with_value(text, "title", value=change.now, after=("kind",))
    if change.kind == "new version":
        number = int(change.now.partition(" ")[0][1:])
        return with_value(text, "version_latest", value=number, after=_BEFORE_VERSION)
    if change.kind == "withdrawn":
        return with_value(text, "withdrawn", value=change.now, after=(*_BEFORE_VERSION, "version_latest"))
    if change.kind == "no longer withdrawn":
        return without_key(text, "withdrawn")
    if change.kind == "doi":
        return with_item(text, ("provenance", "sources"), item=change.now)
    return with_origin(with_value(text, "venue", value=change.now, after=("date",)), "venue", origin="arxiv")


def _verify(text: str, card: Card) -> None:
    """Raise `CannotEdit` where the new text is no valid card, or where more than bibliographic keys differ."""
    try:
        new = parse_card(text, card.slug, shown=f"papers/{card.slug}.yaml")
    except InvalidLibrary as error:
        raise CannotEdit(f"would break: {error.problems[0].message}") from error
    for key in Card.model_fields:
        if key not in WRITTEN and getattr(new, key) != getattr(card, key):
            raise CannotEdit(f"would change `{key}` too")
