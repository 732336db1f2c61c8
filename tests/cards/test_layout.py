"""The text of a card's file: it reads back as what was written, within 120 columns."""

from pathlib import Path

import pytest
import yaml

from tooling.cards.layout import card_text

PAPERS = Path(__file__).parents[2] / "papers"
AWKWARD = (
    "a: b", "- a", "a #b", "#a", "'a'", '"a"', "null", "yes", "1.0", "2025-03-26", "[a]", "{a}", "*a", "&a", "!a", "@a",
    "%a", "|", ">", "?", "a'b", "x" * 300, "word " * 60 + "end", "a: " * 80 + "b", "- " * 100 + "x", "τ-bench 𝔽 学习",
    "# " + "long " * 40 + "x", "~", "=", "0o17", "1e3",
)  # fmt: skip


@pytest.mark.parametrize("text", AWKWARD)
def test_an_awkward_text_reads_back_wherever_it_stands(text: str) -> None:
    card = {"title": text, "authors": [text, text], "links": {"paper": text}, "notes": [{"text": text, "by": text}]}
    written = card_text(card)
    assert yaml.safe_load(written) == card
    if len(text) < 300 or " " in text:
        assert max(map(len, written.splitlines())) <= 120


def test_keys_keep_their_order_and_ids_and_dates_their_quotes() -> None:
    card = {"title": "T", "arxiv": "2503.20783", "version_read": 2, "date": "2025-03-26", "topics": ["data", "code"]}
    expected = "title: T\narxiv: '2503.20783'\nversion_read: 2\ndate: '2025-03-26'\ntopics: [data, code]\n"
    expected += "methods:\n  grpo:\n"
    assert card_text(card | {"methods": {"grpo": None}}) == expected


def test_new_cards_are_laid_out_as_the_hand_written_ones() -> None:
    files = sorted(path for path in PAPERS.glob("*.yaml") if not path.name.startswith("_"))
    assert len(files) > 50
    for path in files[::5]:
        text = path.read_text("utf-8")
        card = yaml.safe_load(text)
        keys = ("kind", "title", "authors", "arxiv", "version_read", "date", "venue", "topics", "methods")
        assert text.startswith(card_text({key: card[key] for key in keys if key in card})), path.name
