"""Markdown of works, read back by a CommonMark parser: text stays text, links lead where they should."""

from collections.abc import Callable, Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.exports.shelf import awkward, real
from tooling.exports import FORMATS, Collection, exports
from tooling.exports.text import plain

Shelf = Callable[[], Collection]
PROSE = ("readme", "llms", "markdown")


def tokens(text: str) -> Iterator[Token]:
    """All tokens of a Markdown text, those within lines too."""
    for token in MarkdownIt("commonmark").parse(text):
        yield token
        yield from token.children or ()


def shown(text: str) -> str:
    """What a reader sees."""
    read = [token for token in tokens(text) if token.type not in ("inline", "link_open")]
    pieces = [" " if token.block and token.type.endswith("_open") else token.content for token in read]
    return " ".join("".join(pieces).split())


@pytest.mark.parametrize("name", PROSE)
@pytest.mark.parametrize("shelf", [real, awkward])
def test_titles_are_shown_as_they_are_and_nothing_becomes_markup(shelf: Shelf, name: str) -> None:
    text = FORMATS[name](shelf())
    found = list(tokens(text))
    assert {token.type for token in found} & {"html_block", "html_inline", "image", "em_open", "strong_open"} == set()
    targets = [str(token.attrs["href"]) for token in found if token.type == "link_open"]
    assert [
        target for target in targets if not target.startswith("https://") and not target.startswith("http://")
    ] == []
    seen = shown(text)
    assert [card.slug for card in shelf().cards if plain(card.title) not in seen] == []


@pytest.mark.parametrize("shelf", [real, awkward])
def test_the_list_has_each_work_in_full_once(shelf: Shelf) -> None:
    text = FORMATS["readme"](shelf())
    assert len([line for line in text.splitlines() if line.startswith("- ")]) == len(shelf().cards)


def test_the_topics_stand_in_the_order_of_the_survey() -> None:
    names = [term.name for term in real().survey.vocabulary.topics.values()]
    headings = [line[3:] for line in FORMATS["readme"](real()).splitlines() if line.startswith("## ")]
    assert headings == [name for name in names if name in headings]
    assert len(headings) > 10


def test_a_twin_says_what_was_measured_with_scale_and_recording() -> None:
    seen = shown(FORMATS["markdown"](awkward()))
    assert "Verdict: contradicted in miniature (recording 1 of work-0, commit 4f1c9a7e4f1c)" in seen
    assert "+0.12 [+0.05, +0.19] pass@1" in seen


def test_paths_are_unique_and_relative_links_lead_to_the_pages() -> None:
    shelf = real().survey
    made = list(exports(shelf.library, shelf.results))
    assert len({file.path for file in made}) == len(made)
    texts = {file.path: file.text for file in made}
    assert "](papers/s1.md)" in texts["llms.txt"]
    assert 'href="../papers/s1/"' in texts["feeds/all.xml"]
    assert texts["papers/s1/cite.bib"].startswith("@")
    assert made == list(exports(shelf.library, shelf.results))
