"""The map: how often methods meet topics and benchmarks, each cell a square whose area is the number of works.

Nothing in the vocabulary groups benchmarks into kinds of task. Topics do it best (`code`, `logic-and-puzzles`,
`retrieval`) and nearly every work has one, so they are the first map; the second has the benchmarks themselves.
"""

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from tooling.cards import Card
from tooling.pages.explorer import narrowed
from tooling.pages.page import Page, compose, root_of
from tooling.pages.survey import Survey
from tooling.pages.template import render

PATH = "map.md"
ROWS = 20  # methods
COLUMNS = {"topics": 20, "benchmarks": 16}
SECTION = "methods"


class Cell(NamedTuple):
    """The works that have a method and what a column stands for; `scripts` of them have a reproduction.

    `side` is the side of the square, 1 for the largest of its map; `address` the works in the explorer.
    """

    works: int
    scripts: int
    side: float
    address: str


class Line(NamedTuple):
    """A row or a column: a term, its name, and how many works have it."""

    term: str
    name: str
    works: int


class Map(NamedTuple):
    """Methods against the terms of another section; `cells` has a row for each method."""

    section: str
    rows: Sequence[Line]
    columns: Sequence[Line]
    cells: Sequence[Sequence[Cell]]
    left_out: int


def map_page(survey: Survey) -> Page:
    """The map of methods against topics, and that against benchmarks."""
    cards = list(survey.library.values())
    maps = [chart(survey, section) for section in COLUMNS]
    body = render(
        "map.html",
        root=root_of(PATH),
        survey=survey,
        maps=[each for each in maps if each.rows and each.columns],
        methods=len(survey.users[SECTION]),
        without=sum(not card.methods for card in cards),
    )
    extra = {
        "section": "Works",
        "layout": "wide",
        "style_attributes": any(each.rows and each.columns for each in maps),  # the sizes of the squares
        "description": "How many works meet in each pair of a method and a topic or benchmark.",
    }
    return compose(PATH, title="Map of methods", body=body, source="papers", extra=extra)


def chart(survey: Survey, section: str) -> Map:
    """The methods that most works have against the terms of a section that most works have."""
    rows, columns = _most(survey, SECTION, ROWS), _most(survey, section, COLUMNS[section])
    met: Counter[tuple[str, str]] = Counter()
    run: Counter[tuple[str, str]] = Counter()
    for card in survey.library.values():
        pairs = _pairs(card, section)
        met.update(pairs)
        if card.repro:
            run.update(pairs)
    largest = max((met[row.term, column.term] for row in rows for column in columns), default=0) or 1

    def cell(row: Line, column: Line) -> Cell:
        works, scripts = met[row.term, column.term], run[row.term, column.term]
        return Cell(works, scripts, sqrt(works / largest), _both(row, column, section))

    cells = [[cell(row, column) for column in columns] for row in rows]
    return Map(section, rows, columns, cells, len(survey.users[section]) - len(columns))


def _pairs(card: Card, section: str) -> list[tuple[str, str]]:
    return [(method, term) for method in card.methods for term in getattr(card, section)]


def _most(survey: Survey, section: str, count: int) -> list[Line]:
    """The terms that most works have, with their names; of equals the first name."""
    known = survey.vocabulary.section(section)
    lines = [Line(term, known[term].name, len(cards)) for term, cards in survey.users[section].items()]
    return sorted(lines, key=lambda line: (-line.works, line.name.lower()))[:count]


def _both(row: Line, column: Line, section: str) -> str:
    """Where the works of a cell are in the explorer: `explore/?method=grpo&topic=efficiency`."""
    return f"{narrowed(SECTION, row.term)}&{narrowed(section, column.term).partition('?')[2]}"
