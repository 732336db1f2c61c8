"""The search box finds works, authors, ids, methods, claims and pages, in spite of typing errors and accents."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.queries import QUERIES

LEAST_RECALL = 0.95
BOX = ".search input"
TITLES = ".search li bdi .hit"
ANSWER = """async ([queries, first]) => {
    const module = await import(new URL('js/search.js', document.baseURI));
    const shelf = await new Promise((resolve, refuse) => module.load(first ? () => {} : resolve)
        .then((loaded) => first && resolve(loaded.shelf), refuse));
    return queries.map((query) => module.search(shelf, query).slice(0, 5).map((page) => page.document.key));
}"""


def typed(page: Page, query: str) -> list[str]:
    """The addresses of the pages that are found, best first, without the site's own address."""
    page.locator(BOX).click()
    page.locator(BOX).press_sequentially(query, delay=1)
    expect(page.locator(".search[data-state=done]")).to_be_visible(timeout=20_000)
    start = page.url.split("?")[0].split("#")[0]
    return [str(link.evaluate("link => link.href")).removeprefix(start) for link in page.locator(TITLES).all()]


def test_nineteen_of_twenty_queries_have_their_page_among_the_first_five(page: Page) -> None:
    page.goto("./")
    answers = page.evaluate(ANSWER, [list(QUERIES), False])
    missed = {
        query: found for (query, wanted), found in zip(QUERIES.items(), answers, strict=True) if wanted not in found
    }
    assert len(QUERIES) >= 60
    assert 1 - len(missed) / len(QUERIES) >= LEAST_RECALL, missed


def test_the_first_file_alone_finds_titles_ids_and_leading_authors(page: Page) -> None:
    page.goto("./")
    asked = {query: QUERIES[query] for query in ("spurius rewards", "2503.20783", "Muennighoff", "GRPO", "s1")}
    answers = page.evaluate(ANSWER, [list(asked), True])
    assert [query for (query, wanted), found in zip(asked.items(), answers, strict=True) if wanted not in found] == []


@pytest.mark.parametrize("query", ["spurius rewards", "2503.20783", "gandhi habits", "krahenbuhl", "appending wait"])
def test_what_is_typed_is_found(page: Page, query: str) -> None:
    page.goto("./")
    assert QUERIES[query] in typed(page, query)[:5]


def test_nothing_is_loaded_before_the_box_is_used(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url.rpartition("/")[2]))
    page.goto("papers/tinyzero/")
    page.wait_for_load_state("networkidle")
    files = {"search.json", "search-more.json", "minisearch.js"}
    assert files.isdisjoint(asked)
    page.locator(BOX).click()
    expect(page.locator(".search[data-state=idle]")).to_be_visible()
    # the box answers before the second file is there
    page.wait_for_function(
        "name => performance.getEntriesByType('resource').some((each) => each.name.endsWith(name))",
        arg="search-more.json",
    )
    assert files <= set(asked)


def test_search_works_by_keyboard_alone(page: Page) -> None:
    page.goto("papers/tinyzero/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.type("spurious rewards", delay=5)
    expect(page.locator(".search[data-state=done]")).to_be_visible(timeout=20_000)
    first = page.locator(TITLES).first
    expect(first).to_have_attribute("href", re.compile("papers/spurious-rewards/"))
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".search .found")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/papers/spurious-rewards/**")


def test_a_claim_is_found_with_its_verdict_and_its_words_marked(page: Page) -> None:
    page.goto("./")
    typed(page, "random reward improves accuracy")
    claim = page.locator(".search .said").first
    expect(claim.locator(".by")).to_have_text(re.compile("contradicted in miniature"))
    assert {"random", "reward"} <= {word.lower() for word in claim.locator("mark").all_inner_texts()}
    claim.locator(".hit").click()
    page.wait_for_url("**/papers/spurious-rewards/#*")


def test_a_search_goes_on_in_the_explorer_and_among_the_claims(page: Page) -> None:
    page.goto("papers/grpo/")
    typed(page, "razor")
    page.get_by_role("link", name="works by topic").click()
    page.wait_for_url("**/explore/?words=razor")
    expect(page.get_by_role("link", name=re.compile("RL's Razor|RL’s Razor")).first).to_be_visible()
    typed(page, "forgetting")
    page.get_by_role("link", name="claims by verdict").click()
    page.wait_for_url("**/claims/?words=forgetting")
    expect(page.locator(".matrix tbody tr:not([hidden])").first).to_contain_text("forgetting")


def test_search_without_a_match_says_so(page: Page) -> None:
    page.goto("./")
    assert typed(page, "qqqzzzxxx") == []
    expect(page.locator(".search .status")).to_have_text("Nothing found")


def test_the_files_hold_every_work_and_claim(page: Page, address: str) -> None:
    folder = Path(__file__).parents[2] / "papers"
    slugs = sorted(path.stem for path in folder.glob("[!_]*.yaml"))
    first, more = (json.loads(page.request.get(address + name).text()) for name in ("search.json", "search-more.json"))
    assert [row[0] for row in first["works"]] == slugs
    assert len(more["works"]) == len(slugs) and len(more["claims"]) >= 264
    assert len(more["terms"]) < len(first["terms"])
