"""A card's page: all facts of the card, honest words for what nobody ran, and text that stays text."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.pages.reader import html_of, read
from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.cards import Card, Library, load_library
from tooling.cards.standing import Standing
from tooling.pages.card import card_page
from tooling.pages.survey import Survey
from tooling.runs.result import ClaimResult, Result

ROOT = Path(__file__).parents[2]
SLUGS = sorted(path.stem for path in (ROOT / "papers").glob("[!_]*.yaml"))
HOSTILE = (
    "</p><script>alert(1)</script> {{ 7*7 }} {% raw %} ${x} `c` | *b* _i_ "
    "<img src=x onerror=alert(1)> [a](javascript:b) &lt;"
)
TERMS = ("kinds", "topics", "methods", "models", "benchmarks", "questions")


@cache
def survey() -> Survey:
    """The real cards, before any result."""
    return Survey(load_library(ROOT / "papers"), results())


def leaves(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each text in a card with its place, keys of mappings included."""
    if isinstance(value, dict):
        for key, item in value.items():
            if place and place[-1] in ("methods", "models", "benchmarks", "fields"):
                yield (*place, "key"), key
            yield from leaves(item, (*place, key))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item, (*place, ""))
    elif value not in (None, ""):
        yield place, str(value)


SOURCES = {
    "paper": "read in the paper",
    "author page": "read on a page of its authors",
    "secondary": "read in a secondary source",
    "unlocated": "not checked in the text",
}


def wanted(place: tuple[str, ...], text: str, shelf: Library) -> str:
    """What a reader expects to find for a text of a card: names of terms and titles of works instead of their ids."""
    key = place[0] if place[0] != "claims" else next((name for name in reversed(place) if name), "")
    section = {"kind": "kinds", "question": "questions"}.get(key, key)
    if section in TERMS and (place[0] != "claims" or key == "question") and place[-1] in ("key", "", "kind"):
        return shelf.vocabulary.section(section)[text].name
    if key == "version_read":
        return f"(read: v{text})"
    if key == "related":
        return shelf[text].title
    if key in ("contradicts", "supports"):
        return shelf.claim(text).statement
    if place[:2] == ("notes", "") and place[-1] == "kind":
        return {"fact": "Facts", "opinion": "Opinions", "uncertain": "Not confirmed", "erratum": "Corrections"}[text]
    if key == "confidence":
        return SOURCES[text]
    if place[-1] == "kind":
        return {"direct": "this directly", "analogue": "an analogue", "none": "says nothing about this"}[text]
    return text


def is_there(text: str, shown: str, links: list[str]) -> bool:
    """Whether a text of a card stands on the page, as text or, for an address, as a link."""
    address, _, place = text.partition(" ")
    if address.startswith("http"):
        return address in links and place in shown
    return " ".join(text.split()) in shown


@pytest.mark.parametrize("slug", SLUGS)
def test_every_fact_of_a_card_is_on_its_page(slug: str) -> None:
    kept = survey().library[slug]
    page = card_page(survey(), kept, scripts={})
    seen = read(page)
    lacking = [
        (".".join(place), text)
        for place, text in leaves(kept.model_dump())
        if place != ("slug",) and not is_there(wanted(place, text, survey().library), seen.text, seen.links)
    ]
    assert lacking == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_of_a_card_has_no_doubled_anchor_and_stays_small(slug: str) -> None:
    page = card_page(survey(), survey().library[slug], scripts={})
    seen = read(page)
    assert len(seen.ids) == len(set(seen.ids))
    assert len(html_of(page).encode()) < 50_000


def page_of(kept: Card, **recorded: Any) -> Any:
    """The page of one card alone, as a reader sees it."""
    return read(card_page(Survey(library(kept), results(**recorded)), kept, scripts={}))


def decided(outcome: ClaimResult) -> str:
    """The text of the page of a card whose only claim came out like this."""
    kept = card("a")
    return read(
        card_page(Survey(library(kept), results(result("a", {"a/first-claim": outcome}))), kept, scripts={})
    ).text


def test_a_sure_but_small_effect_is_not_shown_as_if_there_were_none() -> None:
    small = claim_result(verdict="contradicted", estimate=0.02, low=0.01, high=0.03)
    text = decided(small)
    assert "as claimed, but smaller than δ" in text
    assert "The effect goes the claimed way; what contradicts is its size" in text
    none = claim_result(verdict="contradicted", estimate=-0.02, low=-0.04, high=0.0)
    text = decided(none)
    assert "smaller than δ" not in text and "goes the claimed way" not in text


def test_a_claim_of_several_parts_says_which_part_its_numbers_are_of() -> None:
    parts = (claim_result(name="gains"), claim_result(name="above rl", estimate=0.1, low=0.01))
    whole = replace(parts[1], name="", parts=parts)
    text = decided(whole)
    assert "weakest of 2: above RL" in text
    assert "the weakest part: above RL" in text


def test_what_a_run_is_stands_before_its_numbers() -> None:
    script = '"""Does it count?\n\nIdea: counting helps.\n\nContradicts: it does not.\n\nDiffers: small.\n"""\n'
    kept = card("a")
    survey_ = Survey(library(kept), results(result("a", {"a/first-claim": claim_result()})))
    text = read(card_page(survey_, kept, scripts={"a": script})).text
    assert text.index("Does it count?") < text.index("What would contradict it") < text.index("What was measured")
    assert "How the run differs from the paper" in text


def test_ties_between_works_use_other_words_than_verdicts() -> None:
    first = card("a", claims=[claim("first-claim", contradicts=["b/first-claim"])])
    second = card("b", arxiv=None)
    survey_ = Survey(library(first, second), results())
    sides = [read(card_page(survey_, each, scripts={})).text for each in (first, second)]
    assert "Disputes" in sides[0] and "Disputed by" in sides[1]
    assert not any("Contradict" in side for side in sides)


def test_a_verdict_comes_with_scale_interval_seeds_margin_and_cost() -> None:
    kept = card("a")
    recorded = results(
        result("a", {"a/first-claim": claim_result(verdict="contradicted", contrast="m['large'] - m['small']")})
    )
    seen = read(card_page(Survey(library(kept), recorded), kept, scripts={"a": '"""Does it?\n\nIdea: it may."""'}))
    for words in (
        "contradicted in miniature",
        "+0.12 [+0.05, +0.19] pass@1",
        "2 seeds, 95% interval",
        "the smallest effect that would matter is 0.05 pass@1",
        "of one seed: m['large'] - m['small']",
        "24 min of computing on 2 cores, 2.1 million sampled tokens, $0.02",
        "tooling repro a --scale mini",
        "torch 2.13.0",
        "the large base",
        "recipe.width",
        "0.3 ± 0.14",
        "Does it?",
        "it may.",
    ):
        assert words in seen.text
    assert "contradicted " not in seen.text.replace("contradicted in miniature", "").replace("contradicted by", "")


def test_each_part_of_a_claim_has_its_own_verdict() -> None:
    part = claim_result(name="longer", verdict="inconclusive")
    whole = claim_result(region="all", parts=(part, claim_result(name="no less accurate")), why="longer: too few seeds")
    kept = card("a")
    seen = read(card_page(Survey(library(kept), results(result("a", {"a/first-claim": whole}))), kept, scripts={}))
    assert "longer" in seen.text and "no less accurate" in seen.text
    assert "Why this decides nothing: longer: too few seeds." in seen.text


def test_what_nobody_ran_says_so_and_how_it_could_be_tested() -> None:
    seen = page_of(card("a"))
    assert "not tested" in seen.text
    assert "Nobody has run this yet" in seen.text
    assert "Test of first-claim." in seen.text
    assert "Measured here" not in seen.text


def test_what_cannot_be_tested_says_why() -> None:
    told = claim("too-large", bearing={"kind": "none", "why": "It is bound to 32B."}, untestable="No 32B fits here.")
    seen = page_of(card("a", claims=[told]))
    assert "untestable" in seen.text
    assert "Why it cannot be tested here No 32B fits here." in seen.text
    assert "Nobody has run" not in seen.text


def test_a_card_without_claims_and_a_missing_figure_are_plain_about_it() -> None:
    assert "no claim that could be re-run" in page_of(card("a", claims=[])).text
    told = claim("no-figure", reported=None, reported_missing="The thread gives none.")
    assert (
        "No figure: The thread gives none."
        in page_of(card("a", claims=[{k: v for k, v in told.items() if v is not None}])).text
    )


def test_a_quick_look_stands_beside_and_decides_nothing() -> None:
    look = result("a", {"a/first-claim": claim_result(seeds=(1, 2, 3))}, scale="quick", quick=True, recording=0)
    seen = page_of(card("a"), quick=(look,))
    assert "A quick look, 3 seeds and a small base, gave +0.12" in seen.text
    assert "It decides nothing." in seen.text
    assert "supported in" not in seen.text


def test_a_stale_result_says_what_changed() -> None:
    kept = card("a")
    old = result("a", {"a/first-claim": claim_result()}, stale=("the script has changed since",))
    seen = read(card_page(Survey(library(kept), results(old)), kept, scripts={}))
    assert "Stale: something that it rests on has changed" in seen.text
    assert "the script has changed since" in seen.text


def test_the_history_shows_earlier_recordings() -> None:
    kept = card("a")
    past = {"recording": 1, "commit": "abc", "started": "2026-10-01T00:00:00Z"}
    decided = {"a/first-claim": {"verdict": "inconclusive", "estimate": 0.01, "low": -0.1, "high": 0.12}}
    recorded = result("a", {"a/first-claim": claim_result()}, recording=2, history=({**past, "claims": decided},))
    seen = read(card_page(Survey(library(kept), results(recorded)), kept, scripts={}))
    assert "Recording 1, 2026-10-01, commit abc: a/first-claim inconclusive 0.01 [−0.1, 0.12]." in seen.text


def hostile() -> Card:
    """A card whose every text tries to be markup."""
    told = claim("first-claim").copy()
    kept = card("a", claims=[told])
    bad_claim = kept.claims[0].model_copy(update={name: HOSTILE for name in ("statement", "reported", "test")})
    return kept.model_copy(
        update={
            "title": f"{HOSTILE} {'x' * 300} \u202e txt",
            "authors": tuple(f"{HOSTILE} {number}" for number in range(300)),
            "venue": HOSTILE,
            "summary": HOSTILE,
            "methods": {"grpo": HOSTILE},
            "claims": (bad_claim,),
        }
    )


def test_hostile_text_renders_as_text() -> None:
    kept = hostile()
    decided = claim_result(scope=HOSTILE, unit=HOSTILE, rule=HOSTILE, contrast=HOSTILE, why=HOSTILE, unfit=(HOSTILE,))
    recorded = results(result("a", {"a/first-claim": decided}, device=HOSTILE, price=HOSTILE, stale=(HOSTILE,)))
    page = card_page(Survey(library(kept), recorded), kept, scripts={"a": f'"""{HOSTILE}\n\nIdea: {HOSTILE}"""'})
    seen = read(page)
    assert not seen.tags & {"script", "img", "iframe", "style", "em", "strong"}
    assert not {name for name in seen.attributes if name.startswith("on")}
    assert not [link for link in seen.links if link.lower().startswith("javascript:")]
    assert seen.text.count("{{ 7*7 }}") > 300
    assert "<script>alert(1)</script>" in seen.text
    assert "\u202e" not in page.markdown.split("\n# ")[0]


def test_a_long_list_of_authors_shows_eight_and_folds_the_rest() -> None:
    seen = page_of(card("a", authors=[f"Author {number}" for number in range(200)]))
    assert "and 192 more authors" in seen.text
    assert "Author 199" in seen.text
    assert "details" in seen.tags


def test_settings_of_arms_stand_in_columns_and_not_once_more_in_words() -> None:
    recorded = result("a", {"a/first-claim": claim_result()})
    assert "in words" in markdown_of(recorded)
    width = "recipe.width"
    bare = {name: replace(arm, note=f"{width} = {arm.settings[width]}") for name, arm in recorded.arms.items()}
    page = markdown_of(replace(recorded, arms=bare))
    assert "in words" not in page
    assert "recipe.width</th>" in page and ">96</td>" in page


def test_what_only_one_of_several_arms_has_is_a_line_and_no_column() -> None:
    recorded = result("a", {"a/first-claim": claim_result()})
    one = recorded.arms["large"]
    own = replace(one, settings={**one.settings, "rejection.items": 100, "rejection.keep": 4})
    page = markdown_of(replace(recorded, arms={**recorded.arms, "rft": own}))
    assert "Only in rft: rejection.items 100, rejection.keep 4." in page
    assert "rejection.items</th>" not in page and "recipe.width</th>" in page


def test_what_is_equal_in_measures_stands_once() -> None:
    recorded = result("a", {"a/first-claim": claim_result()})
    one, other = {"x": 0.2, "y": 0.2, "z": 0.3}, {"x": 0.4, "y": 0.4, "z": 0.3}
    arms = {
        name: replace(recorded.arms["large"], measures={1000: values, 1001: values})
        for name, values in (("first", one), ("second", one), ("third", other))
    }
    page = markdown_of(replace(recorded, arms=arms))
    assert '<th scope="row">x, y</th><td colspan="2">0.2 ± 0</td><td>0.4 ± 0</td>' in page
    assert '<th scope="row">z</th><td colspan="3">0.3 ± 0</td>' in page


def markdown_of(recorded: Result) -> str:
    """The page of a work with this result."""
    return card_page(Survey(library(card("a")), results(recorded)), card("a"), scripts={}).markdown


def test_a_withdrawn_work_and_a_later_version_are_said_before_the_summary() -> None:
    seen = page_of(card("a", version_read=2, version_latest=3, withdrawn="since version 3, Mon, 3 Sep 2025"))
    said = seen.text.index("Withdrawn on arXiv, since version 3, Mon, 3 Sep 2025.")
    assert said < seen.text.index("The claims were read in version 2; arXiv has version 3 by now.")
    assert said < seen.text.index("It asked something.")
    assert "by now" not in page_of(card("a", version_read=3, version_latest=3)).text


def test_a_draft_says_that_it_is_one_before_the_summary() -> None:
    seen = page_of(card("a", draft=True, summary=None, topics=None, claims=None))
    assert "Draft. The bibliographic facts are there; summary and claims are still to be written." in seen.text
    assert "Draft." not in page_of(card("a")).text


def test_the_status_of_links_stands_with_its_date_and_the_archived_copy() -> None:
    kept = card("a", links={"paper": "https://example.org/paper", "code": "https://gone.example.org/"})
    standings = {
        "https://example.org/paper": Standing("ok", "2026-11-08"),
        "https://gone.example.org/": Standing(
            "broken", "2026-11-09", "answers 404", "2026-11-01", archived="https://copy.example.org/1"
        ),
    }
    seen = read(card_page(Survey(library(kept), results(), standings=standings), kept, scripts={}))
    assert "Links were last checked on 2026-11-08: 1 of 2 answered." in seen.text
    assert "Broken since 2026-11-01: gone.example.org; an archived copy" in seen.text
    assert "https://copy.example.org/1" in seen.links
    assert "last checked" not in page_of(kept).text
