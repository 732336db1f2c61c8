"""The adapters: plain mkdocs with its hook, `tooling site`, `tooling pages`, and a preview that follows the cards."""

import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from mkdocs.config import load_config
from mkdocs.theme import Theme

from tests.pages.copy import CARD, ROOT, mkdocs, previewing, small, tooling
from tooling.pages import hook

PREVIEW_SECONDS = 40.0  # a generous limit for a loaded machine; it takes about two


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with two cards."""
    return small(tmp_path)


def test_a_broken_card_stops_mkdocs_with_file_and_line_and_keeps_the_last_site(root: Path) -> None:
    last = root / ".build" / "site"
    last.mkdir(parents=True)
    (last / "index.html").write_text("the last good site", encoding="utf-8")
    broken = root / "papers" / "one-work.yaml"
    broken.write_text(
        broken.read_text(encoding="utf-8").replace("date: '2025-03-26'", "dat: '2025-03-26'"), encoding="utf-8"
    )
    outcome = mkdocs(root, "build", "--strict")
    assert outcome.returncode == 1
    assert "papers/one-work.yaml:5:" in outcome.stderr
    assert "Traceback" not in outcome.stderr + outcome.stdout
    assert (last / "index.html").read_text(encoding="utf-8") == "the last good site"


def test_tooling_site_refuses_a_broken_card_with_exit_code_5(root: Path) -> None:
    (root / "papers" / "one-work.yaml").write_text("kind: paper\ntitle: [\n", encoding="utf-8")
    outcome = tooling(root, "site")
    assert outcome.returncode == 5
    assert "papers/one-work.yaml:" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not (root / ".build" / "site").exists()


def test_a_link_to_a_missing_card_and_a_missing_script_stop_the_build(root: Path) -> None:
    card = root / "papers" / "one-work.yaml"
    text = card.read_text(encoding="utf-8").replace(
        "citation_key", "related: [no-such-work]\nrepro: repro/one-work/run.py\ncitation_key"
    )
    card.write_text(text, encoding="utf-8")
    outcome = tooling(root, "site")
    assert outcome.returncode == 5
    assert "no-such-work" in outcome.stderr and "run.py" in outcome.stderr


def test_tooling_site_builds_strictly_and_says_where(root: Path) -> None:
    outcome = tooling(root, "site")
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.strip() == str(root / ".build" / "site")
    assert "WARNING" not in outcome.stderr
    assert "A title of one-work" in (root / ".build" / "site" / "papers" / "one-work" / "index.html").read_text("utf-8")


def test_the_site_map_has_every_page_where_the_sites_address_is_known(root: Path) -> None:
    site, built = "https://survey.example/", root / ".build" / "site"
    assert mkdocs(root, "build", "--strict", site=site).returncode == 0
    listed = {url[0].text for url in ElementTree.parse(built / "sitemap.xml").getroot()}
    files = {path.relative_to(built).as_posix() for path in built.rglob("index.html")}
    assert listed == {site + file.removesuffix("index.html") for file in files}
    assert f"Sitemap: {site}sitemap.xml" in (built / "robots.txt").read_text(encoding="utf-8")
    about = (built / "about" / "index.html").read_text(encoding="utf-8")
    assert f'property="og:url" content="{site}about/"' in about
    [picture] = re.findall(f'property="og:image" content="{site}([^"]+)"', about)
    assert (built / picture).is_file()


def test_without_the_sites_address_there_is_no_map_of_it(root: Path) -> None:
    assert mkdocs(root, "build", "--strict").returncode == 0
    assert not list((root / ".build" / "site").glob("sitemap*")) + list((root / ".build" / "site").glob("robots*"))


def test_a_broken_link_in_the_prose_fails_the_build(root: Path) -> None:
    about = root / "site" / "about.md"
    about.write_text(about.read_text(encoding="utf-8") + "\n[gone](gone.md)\n", encoding="utf-8")
    outcome = tooling(root, "site")
    assert outcome.returncode == 5
    assert "gone.md" in outcome.stderr


def test_an_unknown_part_in_the_prose_is_one_line(root: Path) -> None:
    about = root / "site" / "about.md"
    about.write_text("# About\n\n<!-- part: nothing -->\n", encoding="utf-8")
    outcome = mkdocs(root, "build", "--strict")
    assert outcome.returncode == 1
    assert "site/about.md:3: no part is called `nothing`" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_tooling_pages_writes_all_pages_for_another_engine_and_only_over_its_own(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    for _ in range(2):
        outcome = tooling(root, "pages", "--to", str(target))
        assert outcome.returncode == 0, outcome.stderr
    assert "# A title of one" in (target / "papers" / "one-work.md").read_text(encoding="utf-8").replace("&#45;", "-")
    assert "<!-- part:" not in (target / "index.md").read_text(encoding="utf-8")
    assert (target / "css" / "site.css").is_file()
    (target / ".pages").unlink()
    refused = tooling(root, "pages", "--to", str(target))
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr
    assert (target / "index.md").is_file()


@pytest.fixture
def preview(root: Path) -> Iterator[str]:
    """The address of `mkdocs serve` on the two cards."""
    with previewing(root) as address:
        yield address


def until(condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + PREVIEW_SECONDS
    while time.monotonic() < deadline:
        try:
            if condition():
                return True
        except OSError:
            pass  # not listening yet, or the page is being written
        time.sleep(0.2)
    return False


@pytest.mark.timeout(180)
@pytest.mark.alone
def test_a_preview_shows_an_edited_card_and_survives_a_broken_one(root: Path, preview: str) -> None:
    def shows(text: str) -> bool:
        with urllib.request.urlopen(f"{preview}papers/one-work/", timeout=5) as answer:
            return text in answer.read().decode()

    card = root / "papers" / "one-work.yaml"
    log = root / "serve.log"
    assert until(lambda: shows("A title of one-work")), log.read_text()
    assert not shows("content-security-policy")  # it would stop the script that reloads the page
    time.sleep(1.0)  # the watcher compares times of modification
    card.write_text("kind: [\n", encoding="utf-8")
    assert until(lambda: "papers/one-work.yaml:" in log.read_text()), log.read_text()
    assert "Traceback" not in log.read_text()
    time.sleep(1.0)
    card.write_text(CARD.format(title="Another title", key="one20251"), encoding="utf-8")
    assert until(lambda: shows("Another title")), log.read_text()


def test_the_theme_offers_the_same_files_as_before_but_for_the_hidden_ones() -> None:
    config = hook.on_config(load_config(str(ROOT / "mkdocs.yml"), hooks=[]))
    offered = config.theme.get_env()
    known = Theme.get_env(config.theme).list_templates()
    shown = [name for name in known if not any(part.startswith(".") for part in name.split("/"))]
    assert offered.list_templates() == shown and "main.html" in shown
    assert "<svg" in offered.get_template(".icons/material/brightness-auto.svg").render()
