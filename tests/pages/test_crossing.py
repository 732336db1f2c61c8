"""A built page whose links lead nowhere is found, whichever template wrote them."""

from pathlib import Path

import pytest

from tests.pages.copy import small, tooling
from tooling.pages.crossing import broken_crossings


def write(site: Path, **pages: str) -> Path:
    """A site of these pages, each in a folder of its own."""
    for name, body in pages.items():
        (site / name).mkdir(parents=True)
        (site / name / "index.html").write_text(f"<!doctype html><p>{body}", encoding="utf-8")
    return site


@pytest.mark.parametrize(
    ("link", "lacking"),
    [
        ("../b/#there", ""),
        ("../b/#gone", "has no anchor `gone`"),
        ("#gone", "has no anchor `gone`"),
        ("#here", ""),
        ("../c/", "there is no `c/index.html`"),
        ("/b/", ""),
        ("../b/x.png", "there is no `b/x.png`"),
        ("../b/?q=1#there", ""),
        ("https://example.org/c/#x", ""),
        ("mailto:a@b.c", ""),
        ("../b/#caf%C3%A9", ""),
        ("../b/#café", ""),
        ("../../b/#gone", "has no anchor `gone`"),
        ("../a/../c/", "there is no `c/index.html`"),
        ("..", "there is no `index.html`"),
        ("index.html#here", ""),
        ("b", "there is no `a/b`"),
        ("", ""),
    ],
)
def test_a_link_to_a_missing_page_or_anchor_is_named(tmp_path: Path, link: str, lacking: str) -> None:
    site = write(tmp_path, a=f'<a id="here" href="{link}">x</a>', b='<a name="there"></a><i id="café"></i>')
    found = broken_crossings(site)
    assert (found == []) if not lacking else (len(found) == 1 and lacking in found[0])


def test_a_dead_anchor_in_a_template_stops_the_build(tmp_path: Path) -> None:
    root = small(tmp_path)
    about = root / "site" / "about.md"
    about.write_text(about.read_text("utf-8") + '\n<p><a href="../papers/one-work/#no-such-claim">x</a></p>\n')
    outcome = tooling(root, "site")
    assert outcome.returncode == 5
    assert "`about/index.html` links to `../papers/one-work/#no-such-claim`" in outcome.stderr
