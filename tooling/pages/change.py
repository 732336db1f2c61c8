"""What changed, newest first: verdicts and what became of them, and works; read from the results and cards alone.

The feed of verdicts (`tooling.exports.feed`) has the same changes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from tooling.cards import Card
from tooling.pages.page import Page, compose, root_of
from tooling.pages.survey import SCALES, Survey
from tooling.pages.template import render
from tooling.runs.result import Result

PATH = "changes.md"
NEWEST_EVENTS = 200  # recordings and revalidations on the page; the cards have the whole history
NEWEST_WORKS = 30


class Change(NamedTuple):
    """A verdict on a claim in one recording, with the one before it at the same scale, if there was one."""

    key: str
    verdict: str
    before: str | None
    recording: Mapping[str, Any]
    result: Result

    @property
    def words(self) -> str:
        """The verdict with its scale: `contradicted in miniature`."""
        return f"{self.verdict} {SCALES.get(self.result.scale, f'at scale {self.result.scale}')}"


class Event(NamedTuple):
    """A recording or a revalidation of a result, `when` as it was written down.

    Of a recording, `changes` are the verdicts that are a claim's first or differ from the one before, `kept` the number
    of the others; a revalidation has neither, and `again` is what it found.
    """

    when: str
    result: Result
    recording: int
    changes: Sequence[Change] = ()
    kept: int = 0
    abandoned: str = ""
    again: Mapping[str, Any] | None = None


def changes(survey: Survey, slugs: Collection[str]) -> Iterator[Change]:
    """Each recording of a claim of these works that gave another verdict than the one before it at its scale."""
    for by_scale in survey.results.values():
        for result in by_scale.values():
            for change in _new(result):
                if change.key.partition("/")[0] in slugs:
                    yield change


def _new(result: Result) -> Iterator[Change]:
    last: dict[str, str] = {}
    for recording in recordings(result):
        for key, claim in recording["claims"].items():
            if claim["verdict"] != last.get(key):
                yield Change(key, claim["verdict"], last.get(key), recording, result)
            last[key] = claim["verdict"]


def recordings(result: Result) -> list[Mapping[str, Any]]:
    """The history of a result in order, the result itself among it."""
    known = {past["recording"] for past in result.history}
    claims = {key: {"verdict": claim.verdict} for key, claim in result.claims.items()}
    now = {"recording": result.recording, "commit": result.commit, "started": result.started, "claims": claims}
    every = [*result.history, *([] if result.recording in known else [now])]
    return sorted(every, key=lambda past: past["recording"])


def events(survey: Survey) -> list[Event]:
    """All recordings and revalidations of works that have a card, the newest first."""
    found = []
    for by_scale in survey.results.values():
        for result in by_scale.values():
            if result.slug in survey.library and result.scale in SCALES:
                found += [*_recorded(survey, result), *_revalidated(result)]
    return sorted(found, key=lambda event: (event.when, event.result.slug, event.recording), reverse=True)


def _recorded(survey: Survey, result: Result) -> Iterator[Event]:
    new = [change for change in _new(result) if change.key in survey.findings]
    for past in recordings(result):
        own = [change for change in new if change.recording["recording"] == past["recording"]]
        known = sum(key in survey.findings for key in past["claims"])
        yield Event(
            past["started"],
            result,
            past["recording"],
            changes=own,
            kept=known - len(own),
            abandoned=past.get("abandoned", ""),
        )


def _revalidated(result: Result) -> Iterator[Event]:
    # judging the same measures again, with the same numbers, is nothing that a reader would call a change
    for again in (each for each in result.revalidations if each["seeds"]):
        yield Event(again["date"], result, result.recording, again=again)


def changes_page(survey: Survey) -> Page:
    """The changes by day, what is stale now, and what the cards know of later versions."""
    found = events(survey)
    cards = survey.by_title(survey.library.values())
    published: dict[str, list[Card]] = {}
    for card in cards:
        if card.venue:
            published.setdefault(card.venue, []).append(card)
    stale = {(e.result.slug, e.result.scale): e.result for e in found if e.result.stale}
    body = render(
        "changes.html",
        root=root_of(PATH),
        survey=survey,
        days=[(day, list(group)) for day, group in groupby(found[:NEWEST_EVENTS], key=lambda event: event.when[:10])],
        left_out=max(0, len(found) - NEWEST_EVENTS),
        stale=[stale[key] for key in sorted(stale)],
        newest=survey.by_date(cards)[:NEWEST_WORKS],
        withdrawn=[card for card in cards if card.withdrawn],
        outdated=[card for card in cards if card.version_latest],
        answered=[card for card in cards if card.responses],
        published=sorted(published.items()),
    )
    extra = {"section": "Claims", "description": "New and changed verdicts, stale ones, new works: newest first."}
    return compose(PATH, title="What changed", body=body, source="papers", extra=extra)
