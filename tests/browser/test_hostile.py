"""Cards whose every text wants to be more than text: markup, templates, scripts that run the other way, great lengths.

The policy of the pages is switched off in the browser, so that escaping alone has to hold.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import serving
from tests.pages.copy import mkdocs, small

MARKUP = (
    """</h1></title></script><x-pwned onclick="window.pwned=1">X</x-pwned>"""
    """<img src=pwned.png onerror="window.pwned=2"><script>window.pwned=3</script>"""
    """<svg/onload='alert(4)'><iframe srcdoc="<script>parent.pwned=5</script>">"""
)
TEMPLATE = (
    "{{ 7*7 }} {{ config.site_name }} {% include 'main.html' %} {# gone #} ${7*7} <%= 7*7 %> <!-- part: legend --> "
    "*pwned* _pwned_ `pwned` ~~pwned~~ [pwned](javascript:window.pwned=6) ![p](pwned.png) "
    "| a | {#pwned} {: .pwned} # ]]>"
)
# controls of direction are refused in cards; letters that run the other way are not
TURNED = "שלום <x-pwned> (עולם) مرحبا 123 and back"
LONG = "Pneumono" + "ultra" * 58 + "s"
TITLES = {"markup": MARKUP, "template": TEMPLATE, "turned": TURNED, "long": LONG}
# what no page of the site has, and each of the texts would make if one were read as markup
MADE = "x-pwned, .pwned, #pwned, [src*=pwned], iframe, [onclick], [onerror], [onload], a[href^='javascript:']"
PAGES = (
    "./",
    "works/",
    "topics/efficiency/",
    "questions/what-it-costs/",
    "claims/",
    "timeline/",
    "authors/",
    "changes/",
)


def card(name: str, text: str) -> dict[str, Any]:
    """The keys of a card with the text wherever the schema takes one, and 300 authors."""
    source = {"address": "https://example.org/paper?a=1&lt;x-pwned&b=(%22)", "place": text, "confidence": "paper"}
    bearing = {"kind": "direct", "why": f"It is the same: {text}."}
    told = {"id": "first-claim", "statement": f"It says {text}.", "reported": text, "source": source, "test": text}
    return {
        "kind": "paper",
        "title": text,
        "authors": [f"{text[:90]} {number}" for number in range(300)],
        "date": "2025-03-26",
        "venue": text,
        "topics": ["efficiency"],
        "summary": f"It asked {text}. It found {text}.",
        "notes": [{"kind": "opinion", "by": "curator", "text": f"&lt; &#60; {text}"}],
        "claims": [{**told, "question": ["what-it-costs"], "bearing": bearing}],
        "citation_key": f"one2025{name}",
        "provenance": {"sources": ["https://example.org/paper"], "fields": {"title": text}},
    }


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with a card for each text, two of other works beside them."""
    root = small(tmp_path_factory.mktemp("hostile"))
    for name, text in TITLES.items():
        written = yaml.safe_dump(card(name, text), allow_unicode=True, sort_keys=False, width=1000)
        (root / "papers" / f"{name}.yaml").write_text(written, encoding="utf-8")
    outcome = mkdocs(root, "build", "--strict")
    assert outcome.returncode == 0, outcome.stderr
    with serving(root / ".build" / "site") as site:
        yield site


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """A page without policy on a phone; the test fails at a dialog, an error or a request that is not the site's."""
    context = chromium.new_context(bypass_csp=True, viewport={"width": 360, "height": 780}, base_url=address)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    opened.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda sent: None if sent.url.startswith((address, "data:")) else complaints.append(sent.url))
    opened.on("requestfinished", lambda sent: complaints.append(sent.url) if "pwned" in sent.url else None)
    yield opened
    context.close()
    assert complaints == []


def expect_text_only(page: Page) -> None:
    """Nothing was made of a text, nothing ran, and the page is no wider than the window."""
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.pwned") is None
    assert page.locator(MADE).count() == 0
    assert page.locator("article :is(em, del, img)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def one_line(text: str) -> str:
    """The text as a browser sets it: runs of white space are one space."""
    return " ".join(text.split())


def shown(page: Page, within: str) -> str:
    """What a reader finds there, folded parts included, on one line."""
    return one_line(" ".join(page.locator(within).all_text_contents()))


@pytest.mark.parametrize("name", TITLES)
def test_a_hostile_card_reads_letter_by_letter_on_its_page(page: Page, name: str) -> None:
    page.goto(f"papers/{name}/")
    expect_text_only(page)
    text = one_line(TITLES[name])
    assert shown(page, "h1") == text
    assert text in one_line(page.title())
    for place in (".lead", ".claim h3", ".beside", ".bearing", ".notes", ".meta", ".provenance"):
        assert text in shown(page, place), place
    assert page.locator(".authors bdi").count() == 300
    assert one_line(page.locator(".authors bdi").last.text_content() or "") == one_line(TITLES[name][:90]) + " 299"
    page.locator(".more-authors summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("path", PAGES)
def test_lists_of_hostile_cards_show_text_and_fit_a_phone(page: Page, path: str) -> None:
    page.goto(path)
    expect_text_only(page)


@pytest.mark.parametrize("path", ["works/", "topics/efficiency/", "questions/what-it-costs/", "claims/", "timeline/"])
def test_lists_name_each_hostile_card_letter_by_letter(page: Page, path: str) -> None:
    page.goto(path)
    said = shown(page, "article")
    # a list may cut a title, at a word's end and not before its half
    assert [name for name, text in TITLES.items() if one_line(text)[:24] not in said] == []


def test_the_explorer_lists_hostile_cards_as_text(page: Page) -> None:
    page.goto("explore/")
    expect(page.locator(".results li")).to_have_count(len(TITLES) + 2)
    expect_text_only(page)
    said = shown(page, ".results")
    assert [name for name, text in TITLES.items() if one_line(text) not in said] == []
    page.locator("#_words").fill("<x-pwned onclick")
    expect(page.locator(".results li")).to_have_count(1)
    expect_text_only(page)


@pytest.mark.parametrize(
    ("name", "query"), [("markup", "onerror"), ("template", "config"), ("turned", "back"), ("long", LONG[:30])]
)
def test_the_search_shows_hostile_cards_as_text(page: Page, name: str, query: str) -> None:
    page.goto("./")
    page.locator(".search input").fill(query)
    expect(page.locator(".search[data-state=done] li").first).to_be_visible(timeout=20_000)
    expect_text_only(page)
    assert page.locator(".search li :is(img, script, svg:not(.glyph))").count() == 0
    assert one_line(TITLES[name])[:60] in shown(page, ".search li")
