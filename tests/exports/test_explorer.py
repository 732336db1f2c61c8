"""The explorer's data: what the cards say, in columns, and small at 5,000 works."""

import gzip
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

from tests.exports.shelf import awkward, real
from tests.pages.sample import card, library, results
from tooling.cards import Library
from tooling.exports import exports
from tooling.exports.explorer import explorer
from tooling.exports.text import plain
from tooling.pages.explorer import facets, values
from tooling.pages.survey import Survey

HEAVIEST = 300_000
SECTIONS = ("topics", "methods", "models", "benchmarks", "claims", "venue")


def data(survey: Survey) -> dict[str, Any]:
    """The data as a page reads them."""
    read: dict[str, Any] = json.loads(explorer(survey))
    return read


def test_each_work_stands_in_every_column_as_its_card_says() -> None:
    shelf = real()
    made = data(shelf.survey)
    columns = ("slug", "title", "author", "others", "date", "arxiv", "venue", "claims")
    assert {len(made[name]) for name in columns} == {len(shelf.cards)}
    for place, kept in enumerate(shelf.cards):
        assert made["slug"][place] == kept.slug
        assert made["title"][place] == plain(kept.title)
        assert (made["date"][place], made["arxiv"][place]) == (kept.date, kept.arxiv or "")
        assert made["venues"][made["venue"][place]] == plain(kept.venue or "")
        assert made["others"][place].split()[0] == str(len(kept.authors))
        assert sum(made["claims"][place][1::2]) == len(kept.claims)
        found = {
            name: tuple(facet["values"][number] for number in facet["of"][place])
            for name, facet in made["facets"].items()
        }
        assert found == values(shelf.survey, kept)


def test_claims_are_counted_by_verdict_with_its_scale() -> None:
    shelf = awkward()
    made = data(shelf.survey)
    first = made["claims"][made["slug"].index("work-0")]
    assert [made["standings"][number] for number in first[::2]] == [["contradicted", "contradicted in miniature"]]
    assert first[1::2] == [1]


def test_methods_are_found_under_their_other_names() -> None:
    made = data(Survey(library(card("a")), results()))
    assert made["words"] == ["GRPO Group Relative Policy Optimization"]
    assert made["facets"]["method"]["values"] == ["grpo"]


def test_of_two_authors_the_second_is_shown_whole_and_of_more_the_families_are_found() -> None:
    shelf = library(
        card("a"), card("b", authors=["Ada One", "Ben Two", "Eve van Three"]), card("c", authors=["Ada One"])
    )
    assert data(Survey(shelf, results()))["others"] == ["2 Ben Two", "3 Two Three", "1"]


def test_the_file_lies_at_the_start_of_the_site_and_an_empty_library_has_one_too() -> None:
    files = {file.path: file.text for file in exports(library(), results())}
    assert json.loads(files["explore.json"])["slug"] == []


@cache
def shuffled(size: int) -> Survey:
    """So many made-up works whose words, names, dates and terms are drawn from the real ones, so little repeats."""
    cards, draw = real().cards, random.Random(0)
    words = [word for kept in cards for word in kept.title.split()]
    names = [name.split() for kept in cards for name in kept.authors]
    made = {}
    for number in range(size):
        kept = cards[number % len(cards)]
        drawn = {section: getattr(draw.choice(cards), section) for section in SECTIONS}
        title = [draw.choice(words) for _ in kept.title.split()]
        day = f"{draw.choice(cards).date[:7]}-{draw.randrange(1, 29):02}"
        slug = f"work-{number:05}-{title[0].lower()}"
        drawn |= {"slug": slug, "title": " ".join(title), "date": day}
        drawn["authors"] = tuple(f"{draw.choice(names)[0]} {draw.choice(names)[-1]}" for _ in kept.authors[:30])
        drawn["arxiv"] = f"{day[2:4]}{day[5:7]}.{draw.randrange(25_000):05}" if kept.arxiv else None
        made[slug] = kept.model_copy(update=drawn)
    return Survey(Library(made, vocabulary=real().survey.vocabulary, folder=Path("papers")), results())


def test_at_5000_works_the_data_weigh_at_most_300_kilobytes_and_grow_as_the_library() -> None:
    sizes = {size: len(gzip.compress(explorer(shuffled(size)).encode())) for size in (1_000, 5_000)}
    print(f"bytes on the way: {sizes}")
    assert sizes[5_000] <= HEAVIEST
    assert sizes[5_000] <= 5 * sizes[1_000]


def test_every_value_in_the_data_has_a_box_on_the_page() -> None:
    shelf = real().survey
    made = data(shelf)["facets"]
    assert {name: facet["values"] for name, facet in made.items()} == {
        facet.name: [choice.value for choice in facet.choices] for facet in facets(shelf)
    }
