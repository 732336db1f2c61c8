"""Pages as data: paths, front matter, and text that no engine may read as markup."""

import html as html_entities

import markdown
import pytest
import yaml

from tooling.pages.page import compose, front_matter, literal, one_line, root_of, shortened

MARKUP = "a | *b* _c_ `d` $e$ <script>alert(1)</script> {{ f }} {% g %} [h](i) # j & k ~l~ {#m}"


@pytest.mark.parametrize(
    ("path", "way"),
    [("index.md", ""), ("claims/index.md", "../"), ("timeline.md", "../"), ("papers/s1.md", "../../")],
)
def test_the_way_back_to_the_start_follows_from_the_path(path: str, way: str) -> None:
    assert root_of(path) == way


def test_a_literal_heading_shows_every_character_of_its_text() -> None:
    html = markdown.markdown(f"# {literal(MARKUP)} {{#_top}}", extensions=["attr_list", "tables", "toc"])
    assert html.startswith('<h1 id="_top">')
    shown = html.removeprefix('<h1 id="_top">').removesuffix("</h1>")
    assert "<" not in shown
    assert html_entities.unescape(shown) == MARKUP


@pytest.mark.parametrize(
    "title", ['say "x": y', "tab\tand\nnewline", "# no comment", "naïve \U0001f600 'quoted'", "{a: b}", "x\x01y"]
)
def test_front_matter_is_read_back_as_it_was_written(title: str) -> None:
    head = front_matter(title=title, boost=2.0)
    assert next(yaml.safe_load_all(head)) == {"title": title, "boost": 2.0}


def test_controls_of_writing_direction_do_not_reach_a_title() -> None:
    page = compose("papers/x.md", title="abc\u202efed", body="", source="papers/x.yaml", extra={})
    assert "\u202e" not in page.markdown
    assert one_line("a\u2067b\n c") == "ab c"


def test_shortening_ends_at_a_word_and_keeps_short_text() -> None:
    assert shortened("one two three", 20) == "one two three"
    assert shortened("one two three four", 14) == "one two three…"
    assert shortened("x" * 300, 20) == "x" * 19 + "…"
