"""What is made of generated pages without reading them as Markdown is what Markdown makes of them."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from tests.pages.sample import card, claim, library, results
from tooling.pages import Page, pages
from tooling.pages.conversion import conversion
from tooling.pages.source import Source, read_source

ROOT = Path(__file__).parents[2]
NASTY = (
    "# no {#no} </pre></div> <p> <!-- a --> &lt; *b* _c_ `d` [e](f) {: .g} \\ <script>alert(1)</script> | x | {{ y }}"
)


def read_by_markdown(markdown: str) -> tuple[str, list[dict[str, Any]]]:
    """The HTML and the tokens of the contents as the site's configuration has Markdown make them."""
    reader = Markdown(extensions=["attr_list", "tables", "toc"], extension_configs={"toc": {"toc_depth": 2}})
    return reader.convert(markdown), reader.toc_tokens


def text_of(page: Page) -> str:
    """The page without its front matter."""
    return page.markdown.partition("\n---\n")[2]


def without_blank_lines(html: str) -> str:
    """The HTML with each run of line breaks as one."""
    return re.sub(r"\n+", "\n", html).strip()


def outline(tokens: list[dict[str, Any]]) -> list[tuple[int, str, str, Any]]:
    """Level, anchor and name of each heading, with those below it."""
    return [(each["level"], each["id"], each["name"], outline(each["children"])) for each in tokens]


@cache
def source() -> Source:
    """The survey as it stands."""
    return read_source(ROOT)


def test_every_page_of_the_survey_is_what_markdown_makes_of_it() -> None:
    slow, differing = [], []
    for page in source().pages():
        found = conversion(text_of(page))
        if found is None:
            slow.append(page.path)
            continue
        html, tokens = read_by_markdown(text_of(page))
        if without_blank_lines(html) != without_blank_lines(found.html) or outline(tokens) != outline(found.toc):
            differing.append(page.path)
    assert differing == []
    assert slow == []


def test_hostile_pages_are_what_markdown_makes_of_them() -> None:
    told = claim("first-claim", statement=NASTY, reported=NASTY, test=NASTY)
    kept = card(
        "a",
        title=NASTY,
        summary=f"It asked {NASTY}. It found {NASTY}.",
        venue=NASTY,
        authors=[NASTY, "Ben Two"],
        claims=[told],
    )
    for page in pages(library(kept), results()):
        found = conversion(text_of(page))
        assert found is not None, page.path
        assert without_blank_lines(read_by_markdown(text_of(page))[0]) == without_blank_lines(found.html), page.path


@pytest.mark.parametrize(
    "markdown",
    [
        "words",
        "# A *b* {#_top}",
        "# A `b` {#_top}",
        "# A <b>b</b> {#_top}",
        "# A & b {#_top}",
        "# no anchor\n\n<p>a</p>",
        "<p>a</p> b",
        "<p>a</p><p>b</p>",
        "  <p>a</p>",
        "<span>a</span>",
        "<div>",
        "</div>",
        "<div><p></div></p>",
        "<div>\n# a {#b}\n</div>",
        "<p>a</p>\n<!-- b -->",
        "<p>a</p>\n- b",
        "<hr>",
        "<p title='\">'>a</p> &",
    ],
)
def test_what_is_more_than_headings_and_blocks_is_left_to_markdown(markdown: str) -> None:
    assert conversion(markdown) is None


def test_a_page_knows_its_headings_and_its_anchors() -> None:
    found = conversion(
        '# A&#58; b <small>c</small> {#_top}\n\n## D {#d}\n\n<div>\n\n<i id="e">f</i></div>\n\n### G {#g}\n'
    )
    assert found is not None
    assert found.html.startswith('<h1 id="_top">A&#58; b <small>c</small></h1>\n<h2 id="d">D</h2>\n<div>\n\n<i id="e">')
    assert outline(found.toc) == [(1, "_top", "A&#58; b c", [(2, "d", "D", [])])]
    assert found.anchors == {"_top", "d", "e", "g"}
