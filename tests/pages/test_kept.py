"""A page that was kept from the last build is the page that would be made anew, whatever was edited in between."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from tooling.cards import Library
from tooling.cards.standing import Standing
from tooling.pages import card, listing, page
from tooling.pages.card import card_page
from tooling.pages.listing import term_pages
from tooling.pages.page import Page
from tooling.pages.source import Source, read_source
from tooling.pages.survey import TERM_SECTIONS, Survey
from tooling.runs.result import Results

SLUG, OTHER = "limit-of-rlvr", "tinyzero"


@pytest.fixture(scope="module")
def survey() -> Source:
    """The survey as it stands."""
    return read_source(Path(__file__).parents[2])


def with_card(source: Source, slug: str, **changes: Any) -> Source:
    """The survey with another card in place of one."""
    cards = {**source.library, slug: source.library[slug].model_copy(update=changes)}
    library = source.library
    return replace(source, library=Library(cards, vocabulary=library.vocabulary, folder=library.folder))


def with_claims(source: Source, **changes: Any) -> Source:
    """The survey in which the first claim of the card is another one."""
    first, *others = source.library[SLUG].claims
    return with_card(source, SLUG, claims=(first.model_copy(update=changes), *others))


def with_terms(source: Source, **changes: str) -> Source:
    """The survey in which each topic is called otherwise."""
    words = source.library.vocabulary
    topics = {term: entry.model_copy(update=changes) for term, entry in words.topics.items()}
    vocabulary = words.model_copy(update={"topics": topics})
    return replace(source, library=Library(dict(source.library), vocabulary=vocabulary, folder=source.library.folder))


def without(source: Source, slugs: Iterable[str]) -> Source:
    """The survey without the results of these works."""
    left = {slug: scales for slug, scales in source.results.items() if slug not in slugs}
    return replace(source, results=Results(left, quick={}))


def tied(source: Source) -> Source:
    """The survey in which the card contradicts a claim of another."""
    return with_claims(source, contradicts=(f"{OTHER}/{source.library[OTHER].claims[0].id}",))


EDITS: dict[str, Callable[[Source], Source]] = {
    "title": lambda source: with_card(source, SLUG, title="Another title"),
    "title of a work without claims": lambda source: with_card(source, unclaimed(source), title="Another title"),
    "first author": lambda source: with_card(source, SLUG, authors=("Ada One", *source.library[SLUG].authors[1:])),
    "authors": lambda source: with_card(source, SLUG, authors=next(iter(source.library.values())).authors),
    "date": lambda source: with_card(source, SLUG, date="2020-01-01"),
    "methods": lambda source: with_card(source, SLUG, methods={}),
    "related": lambda source: with_card(source, SLUG, related=()),
    "related the other way": lambda source: with_card(source, OTHER, related=(SLUG,)),
    "statement": lambda source: with_claims(source, statement="Something else holds."),
    "ties": tied,
    "topics": lambda source: with_terms(source, name="Another name"),
    "results": lambda source: without(source, [OTHER, SLUG]),
    "script": lambda source: replace(source, scripts={**source.scripts, SLUG: '"""Does it?\\n\\nIdea: none."""'}),
    "standing": lambda source: replace(
        source,
        standings=MappingProxyType(
            {address: Standing("broken", "2026-11-09", "answers 404", "2026-11-01") for address in links(source)}
        ),
    ),
}


def links(source: Source) -> list[str]:
    """The addresses of the card."""
    return list(source.library[SLUG].links.values())


def unclaimed(source: Source) -> str:
    """A card without claims."""
    return next(slug for slug, bare in source.library.items() if not bare.claims)


def made(source: Source, *, site: str = "") -> dict[str, str]:
    """The Markdown of the pages of both cards, of those that either is tied to, of a few others, and of all terms."""
    survey = Survey(source.library, source.results, standings=source.standings, site=site)
    slugs = {SLUG, OTHER, *source.library[SLUG].related, *source.library[OTHER].related, *list(source.library)[:5]}
    slugs |= {slug for slug, other in source.library.items() if {SLUG, OTHER} & {*other.related}}
    cards = (card_page(survey, source.library[slug], scripts=source.scripts) for slug in sorted(slugs))
    return {made.path: made.markdown for made in (*cards, *term_pages(survey))}


def forget() -> None:
    """Make every page anew from now on."""
    card.KEPT.forget()
    listing.KEPT.forget()


@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_each_page_is_as_if_made_anew(survey: Source, edit: str) -> None:
    before = made(survey)
    edited = EDITS[edit](survey)
    after = made(edited)
    forget()
    assert {path for path, text in made(edited).items() if text != after[path]} == set()
    assert after != before


def test_the_sites_address_is_on_pages_that_were_kept(survey: Source) -> None:
    made(survey)
    kept = made(survey, site="https://survey.example/")
    forget()
    assert kept == made(survey, site="https://survey.example/")
    assert "https://survey.example/" in kept[f"papers/{SLUG}.md"]


def test_a_page_of_which_nothing_has_changed_is_not_made_again(survey: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    made(survey)
    asked: list[str] = []
    compose = page.compose

    def noted(path: str, **rest: Any) -> Page:
        asked.append(path)
        return compose(path, **rest)

    monkeypatch.setattr(card, "compose", noted)
    monkeypatch.setattr(listing, "compose", noted)
    edited = with_card(survey, SLUG, notes=())
    pages = made(edited)
    terms = {path for path in asked if not path.startswith("papers/")}
    assert f"papers/{SLUG}.md" in asked and len(asked) < len(pages) / 2
    assert terms - {f"{section}/index.md" for section in TERM_SECTIONS} == {
        f"{section}/{term}.md" for section in TERM_SECTIONS for term in getattr(edited.library[SLUG], section)
    } & set(pages)
