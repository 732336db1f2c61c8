"""What importing a list would do: works that are there are found by any of their names, the others are told apart."""

from pathlib import Path

import pytest

from tests.cards.foreign import foreign_list
from tests.cards.shelf import Shelf, new_shelf
from tooling.cards import load_library
from tooling.cards.awesome import read_list
from tooling.cards.bibliography import read_bibliography
from tooling.cards.plan import Plan, Present, page_of, plan_import

ROOT = Path(__file__).parents[2]
SURVEY = Path(__file__).parent / "data" / "survey.md"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return new_shelf(tmp_path)


def plan(shelf: Shelf, text: str) -> Plan:
    """The plan for a list in Markdown."""
    return plan_import(read_list(text, "list.md"), shelf.library())


def test_the_curators_survey_is_all_there() -> None:
    library = load_library(ROOT / "papers")
    made = plan_import(read_list(SURVEY.read_text("utf-8"), "survey.md"), library)
    assert made.missing == []
    assert made.findings == []
    # the survey's own works; later cards need not stand in it
    listed = {slug for slug, card in library.items() if card.provenance.survey}
    assert len(listed) >= 103
    assert listed <= {each.slug for each in made.present}


def test_all_works_of_a_foreign_list_are_missing_with_the_topics_of_their_sections() -> None:
    made = plan_import(read_list(foreign_list(), "list.md"), load_library(ROOT / "papers"))
    assert len(made.missing) == 150
    topics = [each.topics for each in made.missing[::10]]
    assert topics == [
        ["efficiency"], ["test-time-scaling"], ["process-rewards"], ["scaling-laws"], [], ["safety"], ["reproductions"],
        ["code"], ["retrieval"], ["logic-and-puzzles"], ["rl-algorithms"], [], ["long-cot"], ["training-recipes"],
        ["data"],
    ]  # fmt: skip
    unknown = [each.message for each in made.findings if each.code == "unknown-section"]
    assert [words.split("`")[1] for words in unknown] == ["Papers", "Surveys of the whole field"]
    assert all("10 works" in words for words in unknown)


KNOWN = {
    "[Another name](https://arxiv.org/abs/2501.12590v4)": Present(1, "counting-aloud", "id"),
    "[Silent sums](https://example.org/elsewhere)": Present(1, "silent-sums", "title"),
    "(2025) Silent Sums of Apples": None,
}


@pytest.mark.parametrize(("text", "found"), KNOWN.items())
def test_a_work_that_is_there_is_known_by_id_or_title(shelf: Shelf, text: str, found: Present | None) -> None:
    made = plan(shelf, f"- {text}")
    assert made.present == ([found] if found else [])
    assert made.missing == []


def test_a_work_is_known_by_the_address_of_any_of_its_pages(shelf: Shelf) -> None:
    address = "https://github.com/ada/silent-sums"
    shelf.spoil("silent-sums", "links: {paper", f"links: {{code: '{address}', paper")
    made = plan(shelf, f"- [Anything at all]({address}/tree/main?tab=readme#top)")
    assert made.present == [Present(1, "silent-sums", "address")]


def test_a_work_that_stands_twice_is_missing_once_with_all_that_is_said(shelf: Shelf) -> None:
    text = (
        "## Sums\n- [A Work of Note](https://arxiv.org/abs/2503.00001) - it adds well indeed\n"
        "## Patience\n- [A Work of Note](https://arxiv.org/pdf/2503.00001v2): it waits for long\n"
        "- [A Work of Note](https://arxiv.org/abs/2503.00001)\n"
    )
    (work,) = plan(shelf, text).missing
    assert (work.text, work.lines) == ("2503.00001", [2, 4, 5])
    wanted = work.wanted("list.md")
    assert wanted.topics == ("sums", "patience")
    assert wanted.note == "it adds well indeed it waits for long"
    assert wanted.origin == "list.md, line 2"


def test_a_preprint_and_its_publication_in_different_entries_are_one_work(shelf: Shelf) -> None:
    text = (
        "@article{a, title={A Work of Some Importance}, doi={10.1145/3600006.3613165}}\n"
        "@misc{b, title={A work of some {IMPORTANCE}}, eprint={2503.00001}}\n"
    )
    (work,) = plan_import(read_bibliography(text, "x.bib"), shelf.library()).missing
    assert (work.text, work.lines) == ("2503.00001", [1, 2])


def test_two_works_with_one_title_and_two_ids_stay_two(shelf: Shelf) -> None:
    text = "\n".join(f"- [A Work of Some Importance](https://arxiv.org/abs/2503.0000{number})" for number in (1, 2))
    assert [work.text for work in plan(shelf, text).missing] == ["2503.00001", "2503.00002"]


def test_a_work_without_an_id_is_named_with_line_title_and_a_way_on(shelf: Shelf) -> None:
    (finding,) = plan(shelf, '\n- [A "Tool" of $(some) Note](https://github.com/ada/abacus)').findings
    assert (finding.line, finding.code) == (2, "no-identifier")
    assert "(https://github.com/ada/abacus) has no arXiv id and no DOI" in finding.message
    assert finding.message.endswith('`tooling add-paper "A Tool of (some) Note"`')


def test_an_id_for_a_card_without_one_is_in_doubt(shelf: Shelf) -> None:
    shelf.spoil("silent-sums", "arxiv: hep-th/9901001\n", "")
    shelf.spoil("silent-sums", "title: Silent Sums", "title: Silent Sums of Many Apples")
    made = plan(shelf, "- [Silent sums of many apples](https://arxiv.org/abs/2503.00001)")
    assert made.missing == []
    (finding,) = made.findings
    assert (finding.code, "papers/silent-sums.yaml" in finding.message) == ("perhaps-present", True)


def test_a_work_that_a_remark_names_is_there_and_one_in_a_longer_title_is_not(shelf: Shelf) -> None:
    text = (
        "- [A Work of Note](https://arxiv.org/abs/2503.00001): beyond\n  counting aloud and others\n\nAlso Silent Sums."
    )
    assert [(each.slug, each.how) for each in plan(shelf, text).present] == [
        ("counting-aloud", "name"), ("silent-sums", "name"),
    ]  # fmt: skip


PAGES = {
    "https://www.github.com/Jiayi-Pan/TinyZero/tree/main?tab=readme#top": "github.com/jiayi-pan/tinyzero",
    "github.com/Jiayi-Pan/TinyZero.git": "github.com/jiayi-pan/tinyzero",
    "https://www.youtube.com/watch?v=KtBcIDtS13M&t=3": "youtube.com/watchKtBcIDtS13M",
    "https://Example.org/": "example.org",
    "http://[bad": "http://[bad",
}


@pytest.mark.parametrize(("address", "page"), PAGES.items())
def test_addresses_of_one_page_are_one(address: str, page: str) -> None:
    assert page_of(address) == page
