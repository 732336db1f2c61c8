"""The explorer: a page on which works are narrowed down by what their cards say; its script is `site/js/explore.js`.

The page has the form with the counts of the whole library and the newest works, so that it reads before the data are
there, and without scripts. A work's values here and in the data (`tooling.exports.explorer`) are the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tooling.cards import Card
from tooling.pages.page import Page, compose, root_of
from tooling.pages.survey import SCALES, VERDICTS, Finding, Survey
from tooling.pages.template import render

PATH = "explore/index.md"
SHOWN = 50  # works on the page at first, and as many again with each press; `explore.js` takes the number from the page
FIRST_TERMS = 8  # of a facet; the others fold away
FACETS = {
    "verdict": "Verdict",
    "reproduction": "Reproduction",
    "topic": "Topic",
    "question": "Question",
    "method": "Method",
    "model": "Model",
    "benchmark": "Benchmark",
    "kind": "Kind",
    "year": "Year",
}
SECTIONS = {"topic": "topics", "method": "methods", "model": "models", "benchmark": "benchmarks", "kind": "kinds"}
OPEN = ("verdict", "reproduction", "topic")  # the others are folded at first


class Choice(NamedTuple):
    """One box of a facet: the value as addresses have it, its name, and how many works of the library have it."""

    value: str
    name: str
    works: int


class Facet(NamedTuple):
    """One property that works are chosen by, with all the values that some work has."""

    name: str
    title: str
    choices: tuple[Choice, ...]


def values(survey: Survey, card: Card) -> Mapping[str, tuple[str, ...]]:
    """What each facet has of a work: `{"topic": ("efficiency",), "year": ("2025",), "reproduction": (), ...}`."""
    findings = survey.of(card)
    met = {finding.verdict for finding in findings}
    return {
        "verdict": tuple(verdict for verdict in VERDICTS if verdict in met),
        "reproduction": ("yes",) if card.repro else (),
        "topic": tuple(card.topics),
        "question": tuple(dict.fromkeys(term for finding in findings for term in finding.claim.question)),
        "method": tuple(card.methods),
        "model": tuple(card.models),
        "benchmark": tuple(card.benchmarks),
        "kind": (card.kind,),
        "year": (card.date[:4],),
    }


def facets(survey: Survey) -> tuple[Facet, ...]:
    """The facets in the page's order; values that no work has are left out.

    Verdicts and questions keep their fixed order, years begin with the last, all others with what most works have.
    """
    kept = [values(survey, card) for card in survey.library.values()]
    found = []
    for name, title in FACETS.items():
        works = Counter(value for each in kept for value in each[name])
        names = _names(survey, name)
        choices = [Choice(value, names.get(value, value), number) for value, number in works.items()]
        fixed = list(names)
        if name == "year":
            choices.sort(reverse=True)
        elif name in ("verdict", "question"):
            choices.sort(key=lambda choice: fixed.index(choice.value))
        else:
            choices.sort(key=lambda choice: (-choice.works, choice.name.lower()))
        found.append(Facet(name, title, tuple(choices)))
    return tuple(found)


def _names(survey: Survey, facet: str) -> Mapping[str, str]:
    """The names that readers see of a facet's values."""
    if facet == "verdict":
        return {verdict: verdict for verdict in VERDICTS}
    if facet == "reproduction":
        return {"yes": "has a script"}
    if facet == "question":
        return {term: question.short for term, question in survey.vocabulary.questions.items()}
    if facet in SECTIONS:
        return {term: known.name for term, known in survey.vocabulary.section(SECTIONS[facet]).items()}
    return {}


def narrowed(section: str, term: str) -> str:
    """Where the works with a term are, from the start page, to be narrowed further: `explore/?method=grpo`."""
    facet = next(name for name, place in SECTIONS.items() if place == section)
    return f"explore/?{facet}={term}"


def tally(findings: Sequence[Finding]) -> list[tuple[str, str, int]]:
    """How a work's claims stand, as verdict, its words with the scale, and number; decided ones first.

    `[("supported", "supported in miniature", 2), ("not tested", "not tested", 1)]`
    """
    order = [*SCALES, None]
    stands = Counter((finding.verdict, finding.best.scale if finding.best else None) for finding in findings)
    words = {(finding.verdict, finding.best.scale if finding.best else None): finding.words for finding in findings}
    ranked = sorted(stands, key=lambda each: (VERDICTS.index(each[0]), order.index(each[1])))
    return [(each[0], words[each], stands[each]) for each in ranked]


def explorer_page(survey: Survey) -> Page:
    """The page with the form and the newest works."""
    works = survey.by_date(survey.library.values())
    body = render(
        "explorer.html",
        root=root_of(PATH),
        facets=facets(survey),
        opened=OPEN,
        first_terms=FIRST_TERMS,
        shown=SHOWN,
        total=len(works),
        works=[(card, tally(survey.of(card))) for card in works[:SHOWN]],
    )
    extra = {
        "section": "Works",
        "layout": "wide",
        "description": "All works of the survey by topic, method, model, benchmark, question, year and verdict.",
    }
    return compose(PATH, title="Explore", body=body, source="papers", extra=extra)
