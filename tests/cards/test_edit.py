"""Edits of a card's text change the one value and no other byte."""

import pytest

from tooling.cards.edit import CannotEdit, with_item, with_origin, with_value, without_key

CARD = """\
# what a person noted above
kind: paper   # first
title: >-
  A folded title
  over two lines

# about the authors
authors: [Ada]
date: '2025-03-26'  # the day
notes:
- text: a
  # inside
# before the provenance
provenance:
  sources:
  - https://a.example.org
  # trailing
"""


def test_a_title_changes_and_comments_and_order_stay() -> None:
    old = "title: >-\n  A folded title\n  over two lines\n"
    assert with_value(CARD, "title", value="New: one", after=()) == CARD.replace(old, "title: 'New: one'\n")
    assert with_value(CARD, "kind", value="blog", after=()) == CARD.replace("kind: paper ", "kind: blog ")


def test_a_new_key_stands_behind_its_neighbour_and_that_ones_comment() -> None:
    line = "date: '2025-03-26'  # the day\n"
    assert with_value(CARD, "venue", value="X", after=("kind", "date")) == CARD.replace(line, f"{line}venue: X\n")
    behind_block = with_value(CARD, "repro", value="x", after=("notes",))
    assert behind_block == CARD.replace("- text: a\n", "- text: a\nrepro: x\n")
    assert without_key(behind_block, "repro") == CARD


def test_items_and_origins_are_added_in_the_style_that_is_there() -> None:
    new = with_item(CARD, ("provenance", "sources"), item="https://b.example.org")
    assert new == CARD.replace("a.example.org\n", "a.example.org\n  - https://b.example.org\n")
    flow = CARD.replace("  sources:\n  - https://a.example.org\n", "  sources: [https://a.example.org]\n")
    assert "sources: [https://a.example.org, https://b]\n" in with_item(
        flow, ("provenance", "sources"), item="https://b"
    )
    told = with_origin(CARD, "venue", origin="arxiv")
    assert told == CARD.replace("a.example.org\n", "a.example.org\n  fields:\n    venue: arxiv\n")
    assert with_origin(told, "title", origin="arxiv") == told.replace(
        "venue: arxiv\n", "venue: arxiv\n    title: arxiv\n"
    )


@pytest.mark.parametrize("text", ["{kind: paper}", "- a", "kind: paper\nprovenance: {}\n"])
def test_what_these_edits_do_not_know_is_left_to_a_person(text: str) -> None:
    with pytest.raises(CannotEdit):
        with_item(text, ("provenance", "sources"), item="https://b")
