"""The old address of a renamed card leads to its page, below a path and where no script may run."""

import threading
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Handler
from tests.pages.sample import card
from tooling.exports.redirect import way_on


@pytest.mark.parametrize("site", ["", "https://survey.example/"])
def test_a_browser_without_scripts_goes_on_to_the_card(chromium: Browser, tmp_path: Path, site: str) -> None:
    old = way_on(card("new", title="A <b> & c", aliases=["old"]), site=site)
    for name, text in (("old", old), ("new", "<title>here</title>")):
        (tmp_path / "survey" / "papers" / name).mkdir(parents=True)
        (tmp_path / "survey" / "papers" / name / "index.html").write_text(text)
    context = chromium.new_context(java_script_enabled=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/survey/papers/old/")
        page.wait_for_url("**/survey/papers/new/")
        assert page.title() == "here"
        context.close()
        server.shutdown()
