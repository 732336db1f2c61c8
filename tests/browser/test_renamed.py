"""Old addresses of a renamed card in a real browser: with scripts the claim is kept, without them the page is found."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import serving
from tests.pages.sample import card
from tooling.exports.redirect import way_on


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site on which the card `old` is called `new` now."""
    papers = tmp_path_factory.mktemp("renamed") / "papers"
    for name, text in (("old", way_on(card("new", aliases=["old"]))), ("new", "<h1>New</h1>")):
        (papers / name).mkdir(parents=True)
        (papers / name / "index.html").write_text(text, "utf-8")
    with serving(papers.parent) as address:
        yield address


@pytest.mark.parametrize(("scripts", "lands"), [(True, "papers/new/#claim"), (False, "papers/new/")])
def test_an_old_address_leads_on(chromium: Browser, renamed: str, scripts: bool, lands: str) -> None:
    page = chromium.new_context(java_script_enabled=scripts).new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "policy" in line.text.lower() else None)
    page.goto(f"{renamed}papers/old/#claim")
    expect(page).to_have_url(f"{renamed}{lands}")
    page.context.close()
    assert refused == []


def test_the_way_back_does_not_lead_into_a_circle(chromium: Browser, renamed: str) -> None:
    page = chromium.new_context().new_page()
    page.goto(f"{renamed}papers/new/")
    page.goto(f"{renamed}papers/old/#claim")
    expect(page).to_have_url(f"{renamed}papers/new/#claim")
    page.go_back()
    expect(page).to_have_url(f"{renamed}papers/new/")
    page.context.close()
