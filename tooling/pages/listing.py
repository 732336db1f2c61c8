"""Pages that list works: topics, methods, models, benchmarks, all works, the timeline, the survey's errata."""

from collections.abc import Iterator
from typing import NamedTuple

from tooling.cards import Card
from tooling.pages.explorer import narrowed
from tooling.pages.page import Kept, Page, compose, root_of, shortened
from tooling.pages.survey import TERM_SECTIONS, Survey
from tooling.pages.template import render

VOCABULARY = "papers/_vocabulary.yaml"
KEPT = Kept()
WORKS = {"section": "Works"}
LEADS = {
    "topics": "Where the works sit in the field. A work may stand under several topics.",
    "methods": "Algorithms and techniques that the works use or compare with.",
    "models": "Models that the works start from or compare with.",
    "benchmarks": "Tests and data sets that the works report scores on.",
}
FIRST_MONTH = "2024-07"  # the field's own time; the few older works stand in a list of their own


class Month(NamedTuple):
    """The works of one month, `2025-03`, earliest first."""

    name: str
    cards: tuple[Card, ...]


def term_pages(survey: Survey) -> Iterator[Page]:
    """Per section of the vocabulary its index, and a page for each term that has one."""
    for section in TERM_SECTIONS:
        yield _index(survey, section)
        for term, cards in survey.users[section].items():
            if survey.has_page(section, term):
                yield _term(survey, section, term=term, cards=cards)


def _index(survey: Survey, section: str) -> Page:
    path = f"{section}/index.md"
    terms = [
        (term, known, survey.users[section].get(term, ())) for term, known in survey.vocabulary.section(section).items()
    ]
    body = render("terms.html", root=root_of(path), survey=survey, section=section, lead=LEADS[section], terms=terms)
    return compose(path, title=section.capitalize(), body=body, source=VOCABULARY, extra=WORKS)


def _term(survey: Survey, section: str, *, term: str, cards: tuple[Card, ...]) -> Page:
    shown = (survey.vocabulary.section(section)[term], cards, [survey.of(card) for card in cards])
    return KEPT.page(f"{section}/{term}.md", shown, make=lambda: _term_made(survey, section, term=term, cards=cards))


def _term_made(survey: Survey, section: str, *, term: str, cards: tuple[Card, ...]) -> Page:
    path = f"{section}/{term}.md"
    known = survey.vocabulary.section(section)[term]
    details = {card.slug: getattr(card, section)[term] for card in cards} if section != "topics" else {}
    body = render(
        "term.html",
        root=root_of(path),
        survey=survey,
        term=known,
        further=narrowed(section, term),
        cards=cards,
        findings=[finding for card in cards for finding in survey.of(card)],
        details={slug: detail for slug, detail in details.items() if detail},
    )
    extra = {
        "section": "Works",
        "description": shortened(known.text, 300),
        "aliases": known.aliases,
    }
    return compose(path, title=known.name, body=body, source=VOCABULARY, extra=extra)


def works_page(survey: Survey) -> Page:
    """All works by title."""
    path = "works/index.md"
    cards = sorted(survey.library.values(), key=lambda card: card.title.lower())
    body = render("works.html", root=root_of(path), survey=survey, cards=cards)
    return compose(path, title="Works", body=body, source="papers", extra=WORKS)


def timeline_page(survey: Survey) -> Page:
    """The works by month, with a bar for each month."""
    path = "timeline.md"
    months, earlier = by_month(survey)
    body = render("timeline.html", root=root_of(path), survey=survey, months=months, earlier=earlier[::-1])
    extra = {**WORKS, "style_attributes": True}  # the lengths of the bars
    return compose(path, title="Timeline", body=body, source="papers", extra=extra)


def by_month(survey: Survey) -> tuple[list[Month], list[Card]]:
    """Every month of the field's time with its works, empty ones too; then the earlier works, the first one first."""
    cards = sorted(survey.library.values(), key=lambda card: (card.date, card.title))
    recent = [card for card in cards if card.date[:7] >= FIRST_MONTH]
    names = _months(FIRST_MONTH, recent[-1].date[:7]) if recent else [FIRST_MONTH]
    found: dict[str, list[Card]] = {name: [] for name in names}
    for card in recent:
        found[card.date[:7]].append(card)
    earlier = [card for card in cards if card.date[:7] < FIRST_MONTH]
    return [Month(name, tuple(cards)) for name, cards in found.items()], earlier


def _months(first: str, last: str) -> list[str]:
    """All months from the first to the last: `2024-12`, `2025-01`, ..."""
    numbers = [int(name[:4]) * 12 + int(name[5:7]) - 1 for name in (first, last)]
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in range(numbers[0], numbers[1] + 1)]


def errata_page(survey: Survey) -> Page:
    """What the survey had wrong, by work."""
    path = "errata.md"
    corrected = [
        (card, [note for note in card.notes if note.kind == "erratum"])
        for card in survey.by_title(survey.library.values())
    ]
    body = render("errata.html", root=root_of(path), survey=survey, corrected=[item for item in corrected if item[1]])
    extra = {"section": "How it works"}
    return compose(path, title="Corrections to the survey", body=body, source="papers", extra=extra)
