"""Cards that may be about one work are found, and those that only look alike are not."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cards.shelf import new_shelf
from tooling.cards import Library, load_library
from tooling.cards.schema import Card
from tooling.cards.twin import Titles, Twin, twins

ROOT = Path(__file__).parents[2]
TITLE = "Counting Aloud: Long Sums by Patient Models"


def library(folder: Path, titles: Mapping[str, str], **changes: Mapping[str, object]) -> Library:
    """Cards without ids under these slugs and titles, and with the changes of each slug (`_` for `-`)."""
    shelf = new_shelf(folder).library()
    blank = shelf["silent-sums"].model_copy(update={"arxiv": None, "links": {}, "claims": ()})
    provenance = blank.provenance.model_copy(update={"sources": ()})
    cards: dict[str, Card] = {
        slug: blank.model_copy(
            update={"slug": slug, "title": title, "provenance": provenance, **changes.get(slug.replace("-", "_"), {})}
        )
        for slug, title in titles.items()
    }
    return Library(cards, vocabulary=shelf.vocabulary, folder=shelf.folder)


NEAR = [
    TITLE, "Counting aloud - long sums by patient models", "Counting Aloud: Long Sums by Patient Model",
    "Countng Aloud: Long Sums by Patient Models", "Counting Aloud: Long Sums by the Patient Models",
]  # fmt: skip
FAR = ["Counting Aloud", "Counting Aloud: Short Products by Nervous Models", "Long Sums", "Something Else Altogether"]


@pytest.mark.parametrize("other", NEAR)
def test_a_title_that_differs_in_a_few_letters_is_a_twins(tmp_path: Path, other: str) -> None:
    assert list(twins(library(tmp_path, {"a": TITLE, "b": other}))) == [Twin("a", "b", "title")]


@pytest.mark.parametrize("other", FAR)
def test_a_title_that_shares_words_is_not(tmp_path: Path, other: str) -> None:
    assert list(twins(library(tmp_path, {"a": TITLE, "b": other}))) == []


def test_numbers_tell_titles_apart(tmp_path: Path) -> None:
    titles = {"a": "The Abacus Technical Report 2", "b": "The Abacus Technical Report 3"}
    assert list(twins(library(tmp_path, titles))) == []


def test_short_names_are_told_apart_by_a_letter(tmp_path: Path) -> None:
    assert list(twins(library(tmp_path, {"a": "TinyZero", "b": "TinyHero", "c": "tiny zero"}))) == [
        Twin("a", "c", "title")
    ]


def test_two_works_with_ids_of_their_own_may_have_one_title(tmp_path: Path) -> None:
    works = library(tmp_path, {"a": TITLE, "b": TITLE}, a={"arxiv": "2503.00001"}, b={"arxiv": "2503.00002"})
    assert list(twins(works)) == []


def test_an_id_outweighs_a_doi_and_a_doi_a_title(tmp_path: Path) -> None:
    doi = {"paper": "https://doi.org/10.1145/3600006.3613165"}
    names: dict[str, Mapping[str, object]] = {
        "a": {"arxiv": "2503.00001", "links": doi},
        "b": {"arxiv": "2503.00001", "links": doi},
        "c": {"links": doi},
    }
    found = list(twins(library(tmp_path, dict.fromkeys("abc", TITLE), **names)))
    assert found == [Twin("a", "b", "id"), Twin("a", "c", "doi")]


def test_of_three_the_first_is_paired_with_both_others(tmp_path: Path) -> None:
    assert list(twins(library(tmp_path, dict.fromkeys("abc", TITLE)))) == [
        Twin("a", "b", "title"), Twin("a", "c", "title"),
    ]  # fmt: skip


def test_the_survey_has_no_twins() -> None:
    assert list(twins(load_library(ROOT / "papers"))) == []


def test_a_misspelt_title_finds_its_work_among_thousands() -> None:
    titles = Titles((f"slug-{number}", f"{TITLE} of Country {number}") for number in range(3000))
    assert titles.near("Counting Alod: Long Sums by Patient Models of Contry 1234") == ["slug-1234"]
    assert titles.near("") == []
    assert Titles(iter(())).near(TITLE) == []


@pytest.mark.alone
def test_five_thousand_cards_take_less_than_two_seconds(tmp_path: Path) -> None:
    words = ("patient silent frugal verifiable curious steady nimble honest sparse gentle models sums rewards search "
             "policies graders walks notes budgets curricula").split()  # fmt: skip
    titles = {
        f"work-{number}": " ".join(words[number // 20**place % 20] for place in range(4)) + f" by method{number}"
        for number in range(5000)
    }
    works = library(tmp_path, titles)
    started = time.process_time()
    assert list(twins(works)) == []
    assert time.process_time() - started < 2
