"""The paragraphs on what is known about a question."""

from pathlib import Path

import pytest

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards.known import Piece, pieces
from tooling.cards.load import load_library

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A [vote](grpo/x) is", [Piece("A "), Piece("vote", "grpo/x"), Piece(" is")]),
        ("[a b](c)[d](e/f)", [Piece("a b", "c"), Piece("d", "e/f")]),
        ("nothing [to] (see) here", [Piece("nothing [to] (see) here")]),
        ("[x](y z) [](k) [z]()", [Piece("[x](y z) [](k) [z]()")]),
        ("<b>[<i>](a)", [Piece("<b>"), Piece("<i>", "a")]),
    ],
)
def test_a_paragraph_falls_into_words_and_links(text: str, expected: list[Piece]) -> None:
    assert list(pieces(text)) == expected


def test_every_question_of_the_survey_has_a_paragraph_that_fits_on_a_screen_and_links_its_sources() -> None:
    library = load_library(ROOT / "papers")
    for name, question in library.vocabulary.questions.items():
        assert question.known, name
        parts = list(pieces(question.known.text))
        assert 70 <= len("".join(part.words for part in parts).split()) <= 130, name
        assert len({part.key for part in parts if part.key}) >= 6, name


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """The library with a paragraph on one question, which links a claim by an earlier name of its card."""
    made = new_shelf(tmp_path)
    known = "known: {on: '2026-01-02', text: 'It [counts](count-aloud/aloud-beats-silent), [sums](silent-sums).'}"
    made.spoil("_vocabulary", "short: Cost}", f"short: Cost, {known}}}")
    return made


def test_links_to_works_to_claims_and_to_earlier_names_are_good(shelf: Shelf) -> None:
    assert shelf.lines() == []


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("silent-sum", "names no card: `silent-sum`; did you mean `silent-sums`?"),
        ("silent-sums/silence-is-enoug", "names no claim: `silent-sums/silence-is-enoug`; did you mean"),
        ("silent-sums/zzz", "names no claim: `silent-sums/zzz`; `silent-sums` has `silence-is-enough`"),
    ],
)
def test_a_link_to_nothing_is_named_with_the_place_and_a_remedy(shelf: Shelf, key: str, says: str) -> None:
    shelf.spoil("_vocabulary", "(silent-sums)", f"({key})")
    (line,) = shelf.lines()
    assert line.startswith("papers/_vocabulary.yaml:17: `questions.what-it-costs.known.text` ")
    assert says in line
