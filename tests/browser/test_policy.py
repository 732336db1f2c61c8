"""The policy of the pages in a browser: nothing of the site breaks it, and what is not the site's does not run."""

from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import serving
from tests.browser.test_access import PAGES
from tests.browser.test_look import DARK, LIGHT, expect_background

LISTENER = """
window.broken = [];
addEventListener('securitypolicyviolation', (event) =>
  window.broken.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`));
"""
# playwright's own waiting would evaluate a string, which the policy forbids
FIRST = """async () => {
  while (window.broken.length == 0) await new Promise((resolve) => setTimeout(resolve, 20));
  return window.broken;
}"""
INTRUDER = "<script>document.documentElement.dataset.ran = 'yes'</script>"
BREACHES = {
    "script-src-elem": "const s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s)",
    "script-src-attr": "document.body.insertAdjacentHTML('beforeend', '<p id=x onclick=\"window.ran = 1\">x</p>');"
    " document.getElementById('x').click()",
    "style-src-elem": "const s = document.createElement('style'); s.textContent = 'p{}'; document.head.append(s)",
    "style-src-attr": "document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')",
    "img-src": "document.body.insertAdjacentHTML('beforeend', '<img src=\"data:image/gif;base64,R0lGODlhAQABAAAA\">')",
    "frame-src": "document.body.insertAdjacentHTML('beforeend', '<iframe src=\"about/\"></iframe>')",
    "base-uri": "document.head.insertAdjacentHTML('beforeend', '<base href=\"/elsewhere/\">')",
    "connect-src": "fetch('http://127.0.0.1:9/').catch(() => {})",
    "form-action": "document.body.insertAdjacentHTML('beforeend', '<form id=f method=post action=\"about/\"></form>');"
    " document.getElementById('f').submit()",
}


@pytest.fixture
def watched(chromium: Browser, address: str) -> Iterator[Page]:
    """A page that notes what breaks its policy in `broken`."""
    context = chromium.new_context(base_url=address)
    opened = context.new_page()
    opened.add_init_script(LISTENER)
    yield opened
    context.close()


def test_no_page_breaks_its_own_policy(watched: Page) -> None:
    said: list[str] = []
    watched.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
    found = {}
    for path in PAGES:
        watched.goto(path or "./")
        watched.wait_for_load_state("networkidle")
        assert watched.locator('meta[http-equiv="content-security-policy"]').count() == 1, path
        if broken := watched.evaluate("window.broken"):
            found[path] = broken
    assert found == {}
    assert said == []


@pytest.mark.parametrize("rule", BREACHES)
def test_what_is_not_the_sites_is_stopped(watched: Page, rule: str) -> None:
    watched.goto("papers/tinyzero/")
    watched.wait_for_load_state("networkidle")
    watched.evaluate(f"() => {{ {BREACHES[rule]} }}")
    broken = watched.evaluate(FIRST)
    assert [line.partition(":")[0] for line in broken] == [rule]
    assert watched.evaluate("window.ran") is None


@pytest.mark.parametrize("policed", [True, False])
def test_a_script_in_the_text_of_a_card_runs_only_without_the_policy(
    chromium: Browser, address: str, tmp_path: Path, policed: bool
) -> None:
    text = urlopen(f"{address}about/").read().decode().replace("<h1", f"{INTRUDER}<h1", 1)
    text = text if policed else text.replace("content-security-policy", "nothing")
    (tmp_path / "index.html").write_text(text, encoding="utf-8")
    with serving(tmp_path) as site:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(site)
        assert page.locator("html").get_attribute("data-ran") == (None if policed else "yes")
        context.close()


def test_theme_search_explorer_and_copying_work_under_the_policy(watched: Page) -> None:
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    watched.emulate_media(color_scheme="light")
    watched.goto("papers/tinyzero/")
    watched.wait_for_load_state("networkidle")
    watched.locator('.copy[data-clipboard-target="#bibtex"]').click()
    expect(watched.locator(".md-dialog")).to_have_class("md-dialog md-dialog--active")
    assert watched.evaluate("navigator.clipboard.readText()").startswith("@misc{")
    toggle = watched.locator(".palette label:visible")
    toggle.click()
    expect_background(watched, LIGHT)
    toggle.click()
    expect_background(watched, DARK)
    watched.locator(".search input").fill("countdown")
    expect(watched.locator(".search[data-state=done]")).to_be_visible(timeout=20_000)
    assert watched.evaluate("window.broken") == []
    watched.goto("explore/")
    watched.locator("#_words").fill("tinyzero")
    expect(watched.locator(".results li").first).to_contain_text("TinyZero")
    expect_background(watched, DARK)  # the choice is kept by a script of the theme, which runs by its hash
    assert watched.evaluate("window.broken") == []
