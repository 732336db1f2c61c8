"""The page of a card: what the work claims, whether it holds here, how sure that is and what it cost."""

from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple

from tooling.cards import Card
from tooling.cards.bibtex import entry
from tooling.cards.schema import Note
from tooling.cards.standing import Standing, card_addresses
from tooling.pages import amount
from tooling.pages.figure import drawn_once, extent, span
from tooling.pages.mention import WORKS_SHOWN, naming, ties
from tooling.pages.page import Kept, Page, compose, root_of, shortened
from tooling.pages.script import Explanation, explanation
from tooling.pages.survey import Survey
from tooling.pages.template import render
from tooling.runs.result import ArmResult, Result


class Treatment(NamedTuple):
    """What differs between arms: the settings' names, and per arm its name, a note and the values.

    `alone` has the arms with settings that no other arm has, and these settings in a line of text.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]
    alone: tuple[tuple[str, str], ...]

    @property
    def in_words(self) -> bool:
        """Whether any arm has a note."""
        return any(note for _, note, _ in self.rows)


KEPT = Kept()


def card_page(survey: Survey, card: Card, *, scripts: Mapping[str, str]) -> Page:
    """The page at `/papers/<slug>/`; `scripts` has the sources of the reproductions by slug."""
    shown = _shown(survey, card, scripts)
    return KEPT.page(f"papers/{card.slug}.md", shown, make=lambda: _made(survey, card, scripts=scripts))


def _shown(survey: Survey, card: Card, scripts: Mapping[str, str]) -> tuple[Any, ...]:
    """All that the page of a card depends on: whatever else a template reads of the survey belongs here."""
    findings = survey.of(card)
    ties = {key for finding in findings for key in (*finding.claim.contradicts, *finding.claim.supports)}
    ties |= {key for finding in findings for key in (*survey.against(finding), *survey.behind(finding))}
    neighbours = (*card.related, *survey.mentions.get(card.slug, ()))
    sections = ("methods", "models", "benchmarks")
    return (
        card,
        survey.site,
        survey.vocabulary,
        scripts.get(card.slug),
        findings,
        survey.runs(card),
        survey.pick(sorted(ties)),
        [survey.library[slug] for slug in neighbours],
        [survey.author_anchors[name] if len(survey.authors[name]) > 1 else "" for name in card.authors],
        [survey.term_address(section, term) for section in sections for term in getattr(card, section)],
        [survey.standings.get(address) for address in card_addresses(card)],
    )


def _made(survey: Survey, card: Card, *, scripts: Mapping[str, str]) -> Page:
    path = f"papers/{card.slug}.md"
    findings = survey.of(card)
    measured = [evidence.claim for finding in findings for evidence in (*finding.recorded, *finding.quick)]
    parts = [part for claim in measured for part in claim.parts]
    told = explanation(scripts[card.slug]) if card.slug in scripts else None
    body = render(
        "card.html",
        root=root_of(path),
        survey=survey,
        card=card,
        findings=findings,
        recorded=any(finding.recorded for finding in findings),
        testable=sum(not finding.claim.untestable for finding in findings),
        axis=extent(map(span, [*measured, *parts])),
        runs=survey.runs(card),
        explanation=_distinct(told),
        mentioned=naming(survey, card),
        works_shown=WORKS_SHOWN,
        ties=ties,
        bibtex=entry(card),
        remarks=_remarks(card),
        treatment=treatment,
        measures=measures,
        standing=_standing(survey, card),
    )
    # the neighbours of this page: the shorter way to them counts, as there are many
    body = drawn_once(body).replace(f'href="{root_of(path)}papers/', 'href="../')
    extra = {
        "description": shortened(card.summary or card.title, 300),
        "section": "Works",
    }
    return compose(path, title=card.title, body=body, source=f"papers/{card.slug}.yaml", extra=extra)


class Reachable(NamedTuple):
    """How the addresses of a card stood: the day of the oldest look, how many were looked at, and those that fail."""

    day: str
    asked: int
    broken: tuple[tuple[str, Standing], ...]
    unknown: int


def _standing(survey: Survey, card: Card) -> Reachable | None:
    """How the addresses of the card stood; None where none was ever asked."""
    known = [(each, survey.standings[each]) for each in card_addresses(card) if each in survey.standings]
    if not known:
        return None
    broken = tuple(pair for pair in known if pair[1].state == "broken")
    unknown = sum(standing.state == "unknown" for _, standing in known)
    return Reachable(min(standing.checked for _, standing in known), len(known), broken, unknown)


def _remarks(card: Card) -> list[tuple[tuple[str, str], list[Note]]]:
    """The notes by kind and author, in the order of their first appearance."""
    found: dict[tuple[str, str], list[Note]] = {}
    for note in card.notes:
        found.setdefault((note.kind, note.by), []).append(note)
    return list(found.items())


def _distinct(told: Explanation | None) -> Explanation | None:
    """The explanation without the section that only names the paper: the head of the page does."""
    if told is None:
        return None
    return Explanation(told.question, tuple(section for section in told.sections if section[0] != "Paper"))


def treatment(result: Result) -> Treatment:
    """What differs between the arms of a result, in settings, and in words where the script has its own."""
    owners = Counter(name for arm in result.arms.values() for name in arm.settings)
    # a column with one value and dashes tells less than a line below the table
    names = tuple(name for name, arms in owners.items() if arms > 1 or len(result.arms) < 3)
    alone = {
        arm: ", ".join(f"{key} {_setting(value)}" for key, value in each.settings.items() if key not in names)
        for arm, each in result.arms.items()
    }
    rows = tuple(
        (name, _own_words(arm), tuple(_setting(arm.settings[key]) if key in arm.settings else "–" for key in names))
        for name, arm in result.arms.items()
    )
    return Treatment(names, rows, tuple((arm, text) for arm, text in alone.items() if text))


def _own_words(arm: ArmResult) -> str:
    """The arm's note; empty where the harness made it of the settings, which stand in columns of their own."""
    made = ", ".join(f"{name} = {value}" for name, value in arm.settings.items())
    return "" if arm.note == made else arm.note


def _setting(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_setting, value))
    return str(value)


class MeasureRow(NamedTuple):
    """Measures that are equal in all arms and seeds, and what they are: each text with the number of arms it holds."""

    name: str
    values: list[tuple[str, int]]


def measures(result: Result) -> list[MeasureRow]:
    """Each measure with its mean and spread over seeds, per arm; what is equal side by side stands once."""
    names = dict.fromkeys(name for arm in result.arms.values() for seed in arm.measures.values() for name in seed)
    rows: dict[tuple[float | None, ...], list[str]] = {}
    for name in names:
        values = (seed.get(name) for arm in result.arms.values() for seed in arm.measures.values())
        rows.setdefault(tuple(values), []).append(name)
    return [MeasureRow(", ".join(same), _spans(result, same[0])) for same in rows.values()]


def _spans(result: Result, name: str) -> list[tuple[str, int]]:
    texts = (_over_seeds(arm, name) for arm in result.arms.values())
    return [(text, len(list(same))) for text, same in groupby(texts)]


def _over_seeds(arm: ArmResult, name: str) -> str:
    values = [seed.get(name) for seed in arm.measures.values()]
    return amount.mean_and_spread(value for value in values if value is not None)
