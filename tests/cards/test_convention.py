"""Habits that break no rule of a card's shape and would mislead all the same."""

from datetime import date
from pathlib import Path

import pytest

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards import load_library
from tooling.cards.convention import better_address, conventions

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return new_shelf(tmp_path)


def found(shelf: Shelf) -> list[str]:
    """The habits that are broken, as lines."""
    return [str(problem) for problem in conventions(shelf.library(), today=date(2026, 3, 1))]


def test_the_survey_keeps_to_all_of_them() -> None:
    assert list(map(str, conventions(load_library(ROOT / "papers")))) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("title: Silent Sums", "title: Silent Sums.", "2: `title` ends in a period; leave it out"),
        (
            "title: Silent Sums",
            r"title: Silent \emph{Sums}",
            r"2: `title` holds LaTeX: `Silent \emph{Sums}`; write `Silent Sums`",
        ),
        ("date: 1999-01-04", "date: 2026-03-05", "6: `date` is 2026-03-05, in the future; correct it"),
        ("date: 1999-01-04", "date: 2026-04", "6: `date` is 2026-04, in the future; correct it"),
        (
            "https://arxiv.org/abs/hep-th/9901001'}\n",
            "https://arxiv.org/abs/hep-th/9901002'}\n",
            "9: `links.paper` leads to `hep-th/9901002`, but `arxiv` is `hep-th/9901001`; correct one of the two",
        ),
        (
            "statement: Silence is enough.",
            "statement: silence is enough",
            "13: `claims[0].statement` is no sentence: `silence is enough`; begin with a capital letter or a digit, "
            "and end with a period",
        ),
    ],
)
def test_each_habit_is_named_with_its_line_and_remedy(shelf: Shelf, old: str, new: str, line: str) -> None:
    shelf.spoil("silent-sums", old, new)
    assert found(shelf) == [f"papers/silent-sums.yaml:{line}"]


@pytest.mark.parametrize("title", ["And so on...", "Is it so?", "Sums at $O(n)$", "R1: 100% of {it}"[:13]])
def test_titles_that_only_look_odd_are_left_alone(shelf: Shelf, title: str) -> None:
    shelf.spoil("silent-sums", "title: Silent Sums", f"title: '{title}'")
    assert found(shelf) == []


def test_a_date_of_today_or_tomorrow_is_not_in_the_future(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "date: 1999-01-04", "date: 2026-03-02")
    assert found(shelf) == []


@pytest.mark.parametrize(
    ("address", "better"),
    [
        ("http://arxiv.org/abs/2503.20783", "https://arxiv.org/abs/2503.20783"),
        ("https://www.arxiv.org/pdf/2503.20783v2.pdf", "https://arxiv.org/abs/2503.20783"),
        ("http://github.com/a/b", "https://github.com/a/b"),
        ("http://www.youtube.com/watch?v=x&utm_medium=y", "https://www.youtube.com/watch?v=x"),
        ("https://x.com/a?ref_src=b#c", "https://x.com/a#c"),
    ],
)
def test_an_address_has_one_better_form(address: str, better: str) -> None:
    assert better_address(address) == better
    assert better_address(better) == better


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a",
        "https://example.org/?q=a%20b&empty=",
        "https://arxiv.org/html/2503.20783v1",
        "https://arxiv.org/abs/not-an-id",
        "https://arxiv.org.example.org/pdf/2503.20783",
        "https://evil.org/arxiv.org/pdf/2503.20783",
    ],
)
def test_other_addresses_stay_as_they_are(address: str) -> None:
    assert better_address(address) == address
