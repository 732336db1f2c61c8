"""An address that was given once goes on to work: earlier names of a card lead to it, and its entries stay the same."""

from html.parser import HTMLParser

import feedparser
import pytest

from tests.exports.shelf import TITLES
from tests.pages.sample import card, claim_result, library, result, results
from tooling.cards import Card
from tooling.exports import FORMATS, Collection, exports
from tooling.exports.redirect import way_on
from tooling.exports.text import plain
from tooling.pages.survey import Survey


class Reading(HTMLParser):
    """The tags of a page with their attributes, and the text of its heading and its link."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words[self.tags[-1][0]] = data

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each such tag."""
        return [found for name, found in self.tags if name == tag]


def files(kept: Card, *, site: str = "") -> dict[str, str]:
    """The exported files of a library with this card and one recording of it."""
    recorded = result(kept.slug, {f"{kept.slug}/first-claim": claim_result()})
    return {file.path: file.text for file in exports(library(kept), results(recorded), site=site)}


def test_the_page_of_an_earlier_name_leads_to_the_card_without_a_script_below_any_path() -> None:
    found = Reading(files(card("new", aliases=["old"]))["papers/old/index.html"])
    assert {"http-equiv": "refresh", "content": "0; url=../new/"} in found.attributes("meta")
    assert found.attributes("link") == [{"rel": "canonical", "href": "../new/"}]
    assert found.attributes("a") == [{"href": "../new/"}]
    assert found.words["a"] == "Title of new"


def test_the_canonical_address_is_whole_where_the_site_has_one() -> None:
    found = Reading(files(card("new", aliases=["old"]), site="https://survey.example/x/")["papers/old/index.html"])
    assert found.attributes("link") == [{"rel": "canonical", "href": "https://survey.example/x/papers/new/"}]
    assert found.attributes("a") == [{"href": "../new/"}]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_text_on_the_page_that_leads_on(title: str) -> None:
    found = Reading(way_on(card("new", title=title)))
    assert [tag for tag, _ in found.tags] == [
        "html", "head", "meta", "meta", "script", "title", "meta", "meta", "meta", "meta", "link",
        "body", "main", "h1", "p", "a",
    ]  # fmt: skip
    assert found.words["a"] == found.words["title"] == plain(title)


def test_every_file_of_a_card_is_there_under_each_of_its_names() -> None:
    found = files(card("new", aliases=["old", "older"]))
    own = {path.removeprefix("papers/new") for path in found if path.startswith("papers/new")}
    assert own == {".md", "/cite.bib", "/verdicts.bib"}
    for name in ("old", "older"):
        assert {path: found[f"papers/{name}{path}"] for path in own} == {
            path: found[f"papers/new{path}"] for path in own
        }
        assert f"papers/{name}/index.html" in found
    assert "papers/new/index.html" not in found


@pytest.mark.parametrize("name", ["atom", "atom-verdicts"])
def test_a_rename_brings_no_entry_of_a_feed_anew(name: str) -> None:
    def entries(slug: str, aliases: list[str]) -> list[tuple[str, str]]:
        kept = card(slug, aliases=aliases, citation_key="one2025title")
        recorded = result(slug, {f"{slug}/first-claim": claim_result()})
        text = FORMATS[name](Collection(Survey(library(kept), results(recorded)), (kept,)))
        return [(entry.id, entry.link) for entry in feedparser.parse(text).entries]

    [before], [after] = entries("old", []), entries("new", ["old"])
    assert before[0] == after[0]
    assert before[1] != after[1]
