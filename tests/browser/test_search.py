"""The search box finds a work by a word of its title, an author, its arXiv id, a method and a method's other names."""

import re

import pytest
from playwright.sync_api import Page, expect

# what is typed -> the page that must be among the first five
QUERIES = {
    "spurious": "papers/spurious-rewards/",
    "spurious rewards": "papers/spurious-rewards/",
    "threshold countdown": "papers/tinyzero/",
    "tinyzero": "papers/tinyzero/",
    "budget forcing": "papers/s1/",
    "draft": "papers/chain-of-draft/",
    "understanding r1-zero": "papers/understanding-r1-zero/",
    "2503.20783": "papers/understanding-r1-zero/",
    "arXiv:2501.12948": "papers/deepseek-r1/",
    "2402.03300": "papers/grpo/",
    "Fuli Luo": "papers/deepseek-r1/",
    "Zhen Zhang": "papers/deepseek-r1/",
    "Jiayi Pan": "papers/tinyzero/",
    "Shao Zhihong": "papers/grpo/",
    "GRPO": "methods/grpo/",
    "Group Relative Policy Optimization": "methods/grpo/",
    "clip-higher": "methods/dapo/",
    "Dr. GRPO": "methods/dr-grpo/",
    "how little data": "questions/how-little-data/",
    "overthinking": "papers/stop-overthinking-survey/",
    "appworld": "papers/appworld/",
}
BOX = ".md-search__input"
RESULTS = "[...document.querySelectorAll('.md-search-result__item > a')].map(link => link.href)"


def search(page: Page, query: str) -> list[str]:
    """The addresses of the works and pages found, best first, each once, without the site's own address."""
    page.locator(BOX).click()
    expect(page.locator(".md-search-result__meta")).to_have_text("Type to start searching", timeout=20_000)
    page.locator(BOX).press_sequentially(query, delay=1)
    expect(page.locator(".md-search-result__meta")).to_contain_text("matching document", timeout=20_000)
    page.wait_for_timeout(400)  # results of the first letters are replaced as one types on
    start = page.url.split("?")[0].split("#")[0]
    links = [link.split("#")[0].split("?")[0].removeprefix(start) for link in page.evaluate(RESULTS)]
    return list(dict.fromkeys(links))


@pytest.mark.parametrize("query", QUERIES)
def test_search_finds_the_work(page: Page, query: str) -> None:
    page.goto("./")
    assert QUERIES[query] in search(page, query)[:5]


def test_search_works_by_keyboard_alone(page: Page) -> None:
    page.goto("papers/tinyzero/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_focused()
    page.keyboard.type("spurious rewards", delay=5)
    first = page.locator(".md-search-result__link").first
    expect(first).to_have_attribute("href", re.compile("papers/spurious-rewards/"), timeout=20_000)
    page.wait_for_timeout(400)  # results of the first letters are replaced as one types on
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/papers/spurious-rewards/**")


def test_search_without_a_match_says_so(page: Page) -> None:
    page.goto("./")
    page.locator(BOX).click()
    page.locator(BOX).press_sequentially("qqqzzzxxx", delay=1)
    expect(page.locator(".md-search-result__meta")).to_have_text("No matching documents", timeout=20_000)
