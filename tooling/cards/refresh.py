"""`tooling refresh`: what arXiv says of the works today, taken over into the bibliographic keys of their cards."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from tooling.cards.alias import refuse_unknown
from tooling.cards.arxiv import Arxiv
from tooling.cards.change import Change, changed_text, changes, is_doubtful
from tooling.cards.edit import CannotEdit
from tooling.cards.file import replace_file
from tooling.cards.identifier import Identifier
from tooling.cards.load import InvalidLibrary, Library, load_library, parse_card, shown_path
from tooling.cards.lock import card_turn
from tooling.cards.oai import Oai, Version
from tooling.cards.problem import counted, quoted
from tooling.cards.record import Record
from tooling.cards.schema import Card
from tooling.cards.talk import Talk
from tooling.errors import Invalid, NotFound, TryLater

HEADINGS = {
    "withdrawn": "Withdrawn",
    "no longer withdrawn": "No longer withdrawn",
    "new version": "Newer than the version that was read",
    "title": "Other title",
    "published": "Published",
    "doi": "DOI of a publisher",
}


class Asked(NamedTuple):
    """What arXiv said: records and, of works that have changed, versions, by bare identifier."""

    records: Mapping[str, Record]
    versions: Mapping[str, Sequence[Version]]


class Report(NamedTuple):
    """What was found, which cards were (or would be) written, which could not be, and works that arXiv lacks."""

    changes: list[Change]
    written: list[str]
    refused: list[str]
    lacking: list[str]


def run_refresh(root: Path, slugs: Sequence[str], *, dry_run: bool = False, as_json: bool = False) -> None:
    """Take over what arXiv says of the works (default: of all), and print the report as Markdown or JSON.

    All answers are there before the first card is written, each card in one step. Raises `NotFound` for unknown slugs
    and works, `TryLater` where arXiv cannot be had, `Invalid` for cards that a person has to edit: the last and unknown
    works after all others have been written.
    """
    library = load_library(root / "papers")
    chosen = _chosen(library, slugs)
    talk = Talk()
    asked = _ask(chosen, talk)
    report = Report([], [], [], [])
    if dry_run:
        _settle(root, chosen, asked, report=report, write=False)
    else:
        with card_turn(root):
            _settle(root, chosen, asked, report=report, write=True)
    click.echo(json.dumps(_as_data(report), indent=2, ensure_ascii=False) if as_json else markdown(report))
    verb = "would change" if dry_run else "changed"
    found, cards = counted(len(report.changes), "difference"), counted(len(report.written), "card")
    absent = [slug for slug in dict.fromkeys(slugs) if not library[slug].arxiv]
    if absent:
        talk.say(f"not on arXiv, so not asked about: {', '.join(absent)}")
    talk.say(f"{counted(len(chosen), 'work')} asked about, {found}, {verb} {cards}")
    _raise_for(report)


def _raise_for(report: Report) -> None:
    if report.refused:
        raise Invalid("\n".join(report.refused))
    if report.lacking:
        raise NotFound("\n".join(report.lacking))


def _chosen(library: Library, slugs: Sequence[str]) -> list[Card]:
    """The cards that have an arXiv id, of those that were named."""
    refuse_unknown(slugs, library)
    named = [library[slug] for slug in dict.fromkeys(slugs)] if slugs else list(library.values())
    return [card for card in named if card.arxiv]


def _ask(cards: Sequence[Card], talk: Talk) -> Asked:
    """All that is to be known before anything is written."""
    records: dict[str, Record] = {}
    versions: dict[str, Sequence[Version]] = {}
    arxiv = Arxiv.from_environment(say=lambda text: talk.say(text))
    oai = Oai.beside(arxiv, say=lambda text: talk.say(text))
    try:
        with talk.progress(len(cards)) as advance:
            for batch in arxiv.records([Identifier(card.arxiv) for card in cards if card.arxiv]):
                records |= batch
                advance(len(batch))
        doubtful = [card for card in cards if card.arxiv in records and is_doubtful(card, records[card.arxiv])]
        with talk.progress(len(doubtful)) as advance:
            for card in doubtful:
                versions[str(card.arxiv)] = oai.versions(str(card.arxiv))
                advance(1)
    except TryLater as error:
        raise TryLater(f"{error}; nothing was written") from error
    return Asked(records, versions)


def _settle(root: Path, cards: Sequence[Card], asked: Asked, *, report: Report, write: bool) -> None:
    for card in cards:
        record = asked.records.get(str(card.arxiv))
        if record is None:
            shown = f"papers/{card.slug}.yaml"
            report.lacking.append(f"{shown}: arXiv has no work `{card.arxiv}`; look for a mistyped digit")
        else:
            path = root / "papers" / f"{card.slug}.yaml"
            _settle_one(path, record, versions=asked.versions.get(record.bare, ()), report=report, write=write)


def _settle_one(path: Path, record: Record, *, versions: Sequence[Version], report: Report, write: bool) -> None:
    # read anew: somebody may have edited it while arXiv was asked
    shown = shown_path(path.parent, path.name)
    try:
        text = path.read_bytes().decode("utf-8")
        card = parse_card(text, path.stem, shown=shown)
        found = changes(card, record, versions=versions)
        new = changed_text(text, card, found=found)
    except CannotEdit as error:
        found = [change._replace(applied=False) for change in found]
        report.refused.append(f"{shown}: {error}; edit it by hand")
        new = text
    except (InvalidLibrary, UnicodeDecodeError, FileNotFoundError):
        report.refused.append(f"{shown}: was edited meanwhile and cannot be read; run `tooling check`")
        return
    report.changes.extend(found)
    if new != text:
        report.written.append(shown)
        if write:
            replace_file(path, new)


def _as_data(report: Report) -> dict[str, object]:
    return report._asdict() | {"changes": [change._asdict() for change in report.changes]}


def markdown(report: Report) -> str:
    """The report as Markdown; words of arXiv stand between backticks, where they are neither markup nor mentions."""
    lines = ["# What arXiv says otherwise than the cards", ""]
    for kind, heading in HEADINGS.items():
        found = [change for change in report.changes if change.kind == kind]
        if found:
            lines += [f"## {heading}", "", *map(_line, found), ""]
    others = [*report.refused, *report.lacking]
    if others:
        lines += ["## To do by hand", "", *(f"- {line}" for line in others), ""]
    if len(lines) == 2:
        lines.append("Nothing: the cards say what arXiv says.")
    return "\n".join(lines).rstrip()


def _line(change: Change) -> str:
    was = f"{quoted(change.was, 200)} → " if change.was and change.was != change.now else ""
    said = f"{was}{quoted(change.now, 200)}" if change.now else quoted(change.was, 200)
    left = "" if change.applied else " (the card is left as it is)"
    return f"- `{change.slug}`: {said}{left}"
