"""The old address of a renamed card leads to its page, below a path: to the claim with scripts, and without any too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import serving
from tests.pages.sample import card
from tooling.exports.redirect import way_on


@pytest.fixture(params=["", "https://survey.example/"])
def renamed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a site below a path on which the card `old` is called `new` now, without and with its address."""
    old = way_on(card("new", title="A <b> & c", aliases=["old"]), site=request.param)
    for name, text in (("old", old), ("new", "<title>here</title>")):
        (tmp_path / "survey" / "papers" / name).mkdir(parents=True)
        (tmp_path / "survey" / "papers" / name / "index.html").write_text(text)
    with serving(tmp_path) as host:
        yield f"{host}survey/"


@pytest.mark.parametrize(("scripts", "lands"), [(True, "papers/new/#claim"), (False, "papers/new/")])
def test_an_old_address_leads_on(chromium: Browser, renamed: str, scripts: bool, lands: str) -> None:
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "policy" in line.text.lower() else None)
    page.goto(f"{renamed}papers/old/#claim")
    expect(page).to_have_url(f"{renamed}{lands}")
    expect(page).to_have_title("here")
    context.close()
    assert refused == []


def test_the_way_back_does_not_lead_into_a_circle(chromium: Browser, renamed: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{renamed}papers/new/")
    page.goto(f"{renamed}papers/old/#claim")
    expect(page).to_have_url(f"{renamed}papers/new/#claim")
    page.go_back()
    expect(page).to_have_url(f"{renamed}papers/new/")
    context.close()
