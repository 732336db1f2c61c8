"""The page of authors: every name of every card once, with all of its works and an anchor of its own."""

import re
from html import unescape
from pathlib import Path

import pytest

from tests.pages.reader import html_of
from tests.pages.sample import card, library, results
from tooling.cards import load_library
from tooling.pages.author import IN_BRIEF, authors_page, initial
from tooling.pages.card import card_page
from tooling.pages.survey import Survey, sort_key

ROOT = Path(__file__).parents[2]
SEVERAL = re.compile(
    r'<div id="([^"]+)"><dt>(?:<bdi>)?(.*?)(?:</bdi>)? <span class="number">(\d+)</span></dt>(.*?)</div>', re.DOTALL
)
SINGLE = re.compile(r'<a id="([^"]+)" href="\.\./papers/([^/]+)/">(?:<bdi>)?(.*?)(?:</bdi>)?</a>')
WORK = re.compile(r'href="\.\./papers/([^/]+)/"')


@pytest.fixture(scope="module")
def survey() -> Survey:
    """The real cards without results."""
    return Survey(load_library(ROOT / "papers"), results())


def test_every_name_stands_once_with_all_of_its_works(survey: Survey) -> None:
    html = html_of(authors_page(survey))
    works: dict[str, set[str]] = {}
    for slug, each in survey.library.items():
        for name in each.authors:
            works.setdefault(name, set()).add(slug)
    several = {
        unescape(name): (int(number), set(WORK.findall(rest))) for _, name, number, rest in SEVERAL.findall(html)
    }
    single = {unescape(name): slug for _, slug, name in SINGLE.findall(html)}
    assert several == {name: (len(slugs), slugs) for name, slugs in works.items() if len(slugs) > 1}
    assert single == {name: next(iter(slugs)) for name, slugs in works.items() if len(slugs) == 1}
    assert len(several) > 20 and len(single) > 300
    anchors = [found[0] for found in SEVERAL.findall(html) + SINGLE.findall(html)]
    assert len(set(anchors)) == len(anchors) == len(works)


def test_names_are_in_the_order_of_family_names_without_accents() -> None:
    names = ["Leandro von Werra", "Zoë Álvarez", "Ada Über", "Ada Unger", "李 雷"]
    assert sorted(names, key=sort_key)[-3:] == ["Ada Über", "Ada Unger", "Leandro von Werra"]
    assert initial("Zoë Álvarez") == "A" and initial("Leandro von Werra") == "V"


def test_names_that_give_one_anchor_get_two() -> None:
    survey = Survey(library(card("a", authors=["Ada Öst"]), card("b", authors=["Ada Ost"])), results())
    assert sorted(survey.author_anchors.values()) == ["ada-ost", "ada-ost-2"]


def test_a_card_links_those_of_its_authors_who_have_other_works_here() -> None:
    ada, ben = "Ada One", "Ben Two"
    survey = Survey(library(card("a", authors=[ada, ben]), card("b", authors=[ada])), results())
    html = html_of(card_page(survey, survey.library["a"], scripts={}))
    assert '<a href="../../authors/#ada-one"><bdi>Ada One</bdi></a>' in html
    assert "#ben-two" not in html and "<bdi>Ben Two</bdi>" in html


def test_more_names_than_a_page_holds_are_counted_and_left_to_the_explorer() -> None:
    crowd = [f"Ada N{number}" for number in range(IN_BRIEF + 1)]
    survey = Survey(library(card("a", authors=crowd)), results())
    html = html_of(authors_page(survey))
    assert f"With one work: {IN_BRIEF + 1}" in html and not SINGLE.findall(html)
    assert '<a href="../explore/">explorer</a>' in html


def test_without_cards_the_page_says_so() -> None:
    assert "No work has a card yet." in html_of(authors_page(Survey(library(), results())))


def test_a_hostile_name_is_text() -> None:
    html = html_of(authors_page(Survey(library(card("a", authors=["<script>alert(1)</script> Eve"])), results())))
    assert "<script>" not in html and "&lt;script&gt;" in html
