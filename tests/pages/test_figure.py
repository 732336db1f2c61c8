"""Intervals on one scale: in margins, with "as claimed" to the right."""

import re
from xml.etree import ElementTree

import pytest

from tests.pages.sample import claim_result
from tooling.pages.figure import GLYPHS, drawn_once, extent, glyph, interval, scale, span
from tooling.pages.survey import VERDICTS


def test_an_effect_is_counted_in_margins() -> None:
    drawn = span(claim_result())
    assert drawn is not None
    assert (drawn.value, drawn.low, drawn.high) == pytest.approx((2.4, 1.0, 3.8))


def test_a_claim_of_a_decrease_points_right_when_it_decreases() -> None:
    drawn = span(claim_result(side="below", estimate=-0.12, low=-0.19, high=-0.05, contrast_per_seed=(-0.1, None)))
    assert drawn is not None
    assert (drawn.value, drawn.low, drawn.high) == pytest.approx((2.4, 1.0, 3.8))
    assert drawn.seeds == pytest.approx((2.0,))


def test_without_an_estimate_nothing_is_drawn() -> None:
    assert span(claim_result(estimate=None)) is None
    assert interval(claim_result(estimate=None), 2.0, words="") == ""


def test_the_axis_holds_all_rows_but_no_outlier_flattens_them() -> None:
    assert extent([None]) == 2.0
    assert extent([span(claim_result())]) == 4.0
    assert extent([span(claim_result(estimate=40.0, high=50.0))]) == 8.0


def test_zero_is_in_the_middle_whatever_the_row() -> None:
    for side in ("above", "below", "within"):
        drawn = interval(claim_result(estimate=0.0, low=-0.05, high=0.05, side=side), 2.0, words="x")
        assert 'transform="translate(100 11)"' in drawn


def test_each_seed_has_its_tick_and_seeds_at_one_place_share_it() -> None:
    drawn = interval(claim_result(contrast_per_seed=(0.1, -0.05, 0.1, None)), 4.0, words="x")
    assert '<path d="M77 17v3m69-3v3" class="seed"/>' in drawn


def test_a_page_draws_each_shape_once_and_uses_it_in_lists_and_on_intervals() -> None:
    row = interval(claim_result(), 4.0, words="x")
    body = drawn_once(f"<p>{glyph('supported')} {glyph('supported')} {glyph('not tested')}</p>{row}")
    root = ElementTree.fromstring(f"<body>{body.replace('<div hidden>', '<div>')}</body>")
    names = {each.attrib["id"] for each in root.iter() if "id" in each.attrib}
    used = [each.attrib["href"].removeprefix("#") for each in root.iter("use")]
    assert len(used) == 4 and set(used) <= names
    for shape in ("supported", "not tested"):
        assert body.count(GLYPHS[shape]) == 1
    place = root.find("./svg[@class='interval supported above']/use")
    assert place is not None and (place.attrib["x"], place.attrib["y"]) == ("155.2", "11")


def test_a_page_without_verdicts_is_left_as_it_is() -> None:
    assert drawn_once("<p>nothing</p>\n") == "<p>nothing</p>\n"


def test_an_interval_beyond_the_axis_ends_in_an_arrow() -> None:
    inside = interval(claim_result(), 4.0, words="x")
    beyond = interval(claim_result(high=9.0), 4.0, words="x")
    assert re.findall(r'<path d="M[^"]*H[^"]*M[^"]*v6M[^"]*v6" class="bar"/>', inside)
    assert re.findall(r'<path d="M[^"]*H[^"]*M[^"]*v6M[^"]*l4 3.5l-4 3.5" class="bar"/>', beyond)
    assert "l4 3.5" in beyond
    assert "l4 3.5" not in inside


@pytest.mark.parametrize(("effect", "room", "head"), [(1, 14.3, "l4 3.5l-4 3.5"), (-1, 14.3, "l-4 3.5l4 3.5")])
def test_an_estimate_beyond_the_axis_leaves_room_for_its_arrow(effect: int, room: float, head: str) -> None:
    low, high = sorted((0.9 * effect, 1.1 * effect))
    drawn = interval(claim_result(estimate=1.0 * effect, low=low, high=high), 8.0, words="x")
    place = float(re.findall(r'translate\(([\d.]+) 11\)" class="glyph"', drawn)[0])
    assert (200 - place if effect > 0 else place) == pytest.approx(room)
    assert head in drawn
    ElementTree.fromstring(drawn)


def test_a_drawing_says_in_words_what_it_shows_and_escapes_them() -> None:
    drawn = interval(claim_result(unit="<b>"), 4.0, words='"x" & <y>')
    root = ElementTree.fromstring(drawn)
    assert root.attrib["aria-label"] == '"x" & <y>: +0.12 [+0.05, +0.19] <b>'


def test_each_verdict_has_a_shape_of_its_own() -> None:
    assert set(GLYPHS) == set(VERDICTS)
    assert len(set(GLYPHS.values())) == len(VERDICTS)
    for verdict in VERDICTS:
        ElementTree.fromstring(glyph(verdict))


@pytest.mark.parametrize("axis", [2.0, 3.0, 8.0])
def test_the_scale_names_both_sides(axis: float) -> None:
    root = ElementTree.fromstring(scale(axis))
    texts = [text.text for text in root.iter("text")]
    assert texts[-2:] == ["← against", "as claimed →"]
    assert "0" in texts and "+δ" in texts
