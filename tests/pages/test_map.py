"""The map of methods: each cell has the number of works that are in the explorer under its two facets."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.pages.reader import html_of, read
from tests.pages.sample import card, library, results
from tooling.cards import Card, load_library
from tooling.pages.explorer import values
from tooling.pages.map import COLUMNS, ROWS, chart, map_page
from tooling.pages.survey import Survey

ROOT = Path(__file__).parents[2]
LINK = r'<td><a href="\.\./(explore/\?[^"]+)" style="--s:[\d.]+"><i></i>'
CELL = re.compile(LINK + r"<b>(\d+)</b> <span>[^<]*?(?:, (\d+) with a script)?</span>")


@pytest.fixture(scope="module")
def survey() -> Survey:
    """The real cards without results."""
    return Survey(load_library(ROOT / "papers"), results())


def with_terms(number: int, **changes: object) -> list[Card]:
    """Cards `a-0`, `a-1`, ... with these keys."""
    return [card(f"a-{place}", **changes) for place in range(number)]


def test_each_cell_counts_the_works_that_its_link_leads_to(survey: Survey) -> None:
    cells = CELL.findall(html_of(map_page(survey)))
    assert len(cells) > 300
    kept = [(values(survey, each), each) for each in survey.library.values()]
    for address, works, scripts in cells:
        asked = parse_qs(urlsplit(unescape(address)).query)
        assert len(asked) == 2
        found = [each for facets, each in kept if all(value[0] in facets[name] for name, value in asked.items())]
        assert len(found) == int(works)
        assert sum(bool(each.repro) for each in found) == int(scripts or 0)


def test_every_work_with_a_method_and_a_term_is_counted(survey: Survey) -> None:
    for section in COLUMNS:
        made = chart(survey, section)
        for row, cells in zip(made.rows, made.cells, strict=True):
            users = [each for each in survey.library.values() if row.term in each.methods]
            assert len(users) == row.works
            for column, cell in zip(made.columns, cells, strict=True):
                assert cell.works == sum(column.term in getattr(each, section) for each in users)


def test_the_area_of_a_square_is_the_number(survey: Survey) -> None:
    cells = [cell for cells in chart(survey, "topics").cells for cell in cells]
    largest = max(cell.works for cell in cells)
    assert all(cell.side**2 * largest == pytest.approx(cell.works) for cell in cells)


def test_the_most_used_terms_are_shown_and_the_others_counted(survey: Survey) -> None:
    made = chart(survey, "benchmarks")
    counts = [len({each.slug for each in survey.library.values() if row.term in each.methods}) for row in made.rows]
    assert len(counts) == ROWS and counts == sorted(counts, reverse=True)
    used = {term for each in survey.library.values() for term in each.benchmarks}
    assert made.left_out == len(used) - COLUMNS["benchmarks"]


def test_a_share_with_a_script_is_said_and_drawn() -> None:
    cards = [*with_terms(3), card("b", repro="repro/b/run.py")]
    page = map_page(Survey(library(*cards), results()))
    assert "4 Efficient reasoning, 1 with a script" in read(page).text
    assert "--n:0.25" in page.markdown


def test_a_work_without_a_method_is_said_to_be_left_out() -> None:
    cards = [*with_terms(2), card("b", methods={})]
    page = map_page(Survey(library(*cards), results()))
    assert "1 work without a method stands in none" in read(page).text


def test_no_map_is_drawn_of_nothing() -> None:
    page = map_page(Survey(library(), results()))
    assert "No work has a method and a topic yet." in page.markdown
    assert "<table" not in page.markdown
