"""The explorer's page: its form holds every value that a work has, with its counts, and it reads without scripts."""

from typing import Any

from tests.pages.reader import Reader
from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.pages import pages
from tooling.pages.explorer import SHOWN, Facet, explorer_page, facets, narrowed, tally, values
from tooling.pages.survey import Survey


def survey() -> Survey:
    """Three works: one with two claims, of which one is decided in miniature; one draft; one of another year."""
    told = card("a", claims=[claim("first-claim"), claim("second-claim", question=["what-scales"])])
    draft = card("b", claims=[], topics=[], methods={}, models={}, benchmarks={}, draft=True, summary=None)
    old = card("c", date="2024-07", repro="repro/c/run.py")
    decided = result("a", {"a/first-claim": claim_result(verdict="contradicted")})
    return Survey(library(told, draft, old), results(decided))


def by_name(found: tuple[Facet, ...]) -> dict[str, dict[str, int]]:
    """For each facet its values with their numbers of works, in order."""
    return {facet.name: {choice.value: choice.works for choice in facet.choices} for facet in found}


def test_a_work_has_the_values_of_its_card_and_the_verdicts_and_questions_of_its_claims() -> None:
    made = survey()
    assert values(made, made.library["a"]) == {
        "verdict": ("contradicted", "not tested"),
        "reproduction": (),
        "topic": ("efficiency",),
        "question": ("algorithm-details", "what-scales"),
        "method": ("grpo",),
        "model": ("qwen",),
        "benchmark": ("countdown",),
        "kind": ("paper",),
        "year": ("2025",),
    }
    assert values(made, made.library["c"])["reproduction"] == ("yes",)


def test_a_work_counts_once_for_a_value_and_values_without_works_are_left_out() -> None:
    found = by_name(facets(survey()))
    assert found["verdict"] == {"contradicted": 1, "not tested": 2}
    assert found["question"] == {"algorithm-details": 2, "what-scales": 1}
    assert found["reproduction"] == {"yes": 1}
    assert list(found["year"].items()) == [("2025", 2), ("2024", 1)]
    assert by_name(facets(Survey(library(), results()))) == {name: {} for name in found}


def test_a_tally_says_the_scale_and_begins_with_what_is_decided() -> None:
    made = survey()
    assert tally(made.of(made.library["a"])) == [
        ("contradicted", "contradicted in miniature", 1),
        ("not tested", "not tested", 1),
    ]


def test_the_page_has_a_box_for_each_value_and_the_newest_works_as_links() -> None:
    made = survey()
    page = explorer_page(made)
    reader = Reader()
    reader.feed(page.markdown)
    boxes = [f'name="{facet.name}" value="{choice.value}"' for facet in facets(made) for choice in facet.choices]
    assert [box for box in boxes if page.markdown.count(box) != 1] == []
    assert [link for link in reader.links if "papers/" in link] == [f"../papers/{slug}/" for slug in "abc"]
    assert "../works/" in reader.links and "noscript" in reader.tags


def test_the_page_does_not_grow_with_the_list() -> None:
    many = Survey(library(*(card(f"work-{number:03}") for number in range(SHOWN + 20))), results())
    assert explorer_page(many).markdown.count("<li><span") == SHOWN


def test_hostile_texts_stay_text() -> None:
    hostile: dict[str, Any] = {"title": "<img src=x onerror=alert(1)>", "authors": ["<b>Ada</b>"]}
    text = explorer_page(Survey(library(card("a", **hostile)), results())).markdown
    assert "<img" not in text and "<b>Ada" not in text and "&lt;img" in text


def test_a_term_leads_to_its_works_in_the_explorer() -> None:
    assert narrowed("benchmarks", "countdown") == "explore/?benchmark=countdown"
    made = {page.path: page.markdown for page in pages(library(card("a")), results())}
    assert 'href="../../explore/?topic=efficiency"' in made["topics/efficiency.md"]
