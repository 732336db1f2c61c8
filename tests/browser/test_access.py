"""axe finds nothing to complain of on any type of page, in both themes, on a desk and on a phone."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

PAGES = (
    "",
    "papers/tinyzero/",
    "papers/limit-of-rlvr/",
    "papers/grpo/",
    "papers/appworld/",
    "questions/",
    "questions/new-abilities/",
    "claims/",
    "claims/disputes/",
    "testable/",
    "changes/",
    "found/",
    "works/",
    "explore/",
    "topics/",
    "topics/efficiency/",
    "methods/",
    "methods/grpo/",
    "timeline/",
    "map/",
    "authors/",
    "how-to-read/",
    "planted-truth/",
    "graders/",
    "reproduce/",
    "errata/",
    "statistics/",
    "about/",
    "404.html",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = next(Path(axe_playwright_python.__file__).parent.glob("*.js")).read_text("utf-8")


def complaints(page: Page) -> list[str]:
    """What axe finds on the page as it stands, a line for each kind."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert len(found["passes"]) > 10
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_no_violation(chromium: Browser, address: str, width: int, scheme: str) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, base_url=address, color_scheme="dark" if scheme == "dark" else "light"
    )
    page, found = context.new_page(), {}
    for path in PAGES:
        page.goto(path)
        page.evaluate("document.fonts.ready")
        if said := complaints(page):
            found[path] = said
    context.close()
    assert found == {}


def test_axe_finds_no_violation_in_the_results_of_a_search(page: Page) -> None:
    page.goto("./")
    page.locator(".search input").click()
    page.locator(".search input").press_sequentially("random reward", delay=1)
    expect(page.locator(".search[data-state=done]")).to_be_visible(timeout=20_000)
    assert complaints(page) == []


def test_axe_sees_what_is_wrong(page: Page) -> None:
    page.goto("about/")
    picture = '<img src="../assets/mark.svg">'
    page.evaluate("text => document.querySelector('article').insertAdjacentHTML('beforeend', text)", picture)
    assert any(line.startswith("image-alt") for line in complaints(page))
