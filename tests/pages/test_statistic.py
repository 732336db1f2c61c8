"""The page of statistics: each number counted again from the cards and results, and none where there is nothing."""

import re
from collections import Counter
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
import yaml

from tests.pages.reader import html_of, read
from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.cards import load_library
from tooling.pages.statistic import sharpness, sources, statistics_page, unknown, work_charts
from tooling.pages.survey import Survey
from tooling.runs.result import load_results

ROOT = Path(__file__).parents[2]
PAPERS = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "papers").glob("[!_]*.yaml"))]
CLAIMS = [each for paper in PAPERS for each in paper.get("claims", ())]
NAMES = yaml.safe_load((ROOT / "papers" / "_vocabulary.yaml").read_text(encoding="utf-8"))
CAPTION = re.compile(r"<caption>(.*?) <span")
ROW = re.compile(r'<th scope="row">(?:<a [^>]*>)?(.*?)(?:</a>)?</th><td class="number">(\d+)</td>')


@pytest.fixture(scope="module")
def survey() -> Survey:
    """The real cards and results."""
    return Survey(load_library(ROOT / "papers"), load_results(ROOT))


@pytest.fixture(scope="module")
def charts(survey: Survey) -> dict[str, dict[str, int]]:
    """The charts on the real page by title: what is counted -> the number in its row."""
    tables = [table for table in html_of(statistics_page(survey)).split("<table") if CAPTION.search(table)]
    rows = {CAPTION.search(table)[1]: ROW.findall(table) for table in tables}  # type: ignore[index]
    return {title: {unescape(name): int(number) for name, number in found} for title, found in rows.items()}


def test_works_are_counted_by_kind_and_topic(charts: dict[str, dict[str, int]]) -> None:
    kinds = Counter(NAMES["kinds"][paper["kind"]]["name"] for paper in PAPERS)
    topics = Counter(NAMES["topics"][topic]["name"] for paper in PAPERS for topic in paper.get("topics", ()))
    assert charts["By kind"] == kinds
    assert charts["By topic"] == topics


def test_every_work_stands_in_one_month_and_months_without_a_work_stay(charts: dict[str, dict[str, int]]) -> None:
    months = dict(charts["By month of the first version"])
    assert months.pop("before 2024-07") == sum(paper["date"][:7] < "2024-07" for paper in PAPERS)
    assert {month: number for month, number in months.items() if number} == Counter(
        paper["date"][:7] for paper in PAPERS if paper["date"][:7] >= "2024-07"
    )
    assert list(months) == sorted(months) and months["2024-11"] == 0


def test_claims_are_counted_by_verdict_kind_and_question(charts: dict[str, dict[str, int]], survey: Survey) -> None:
    assert charts["By verdict"] == Counter(finding.words for finding in survey.findings.values())
    kinds = {"directly": "direct", "by an analogue": "analogue", "not at all": "none"}
    found = Counter(each["bearing"]["kind"] for each in CLAIMS)
    assert charts["By how a miniature can test it"] == {words: found[kind] for words, kind in kinds.items()}
    assert charts["By question"] == Counter(
        NAMES["questions"][term]["name"] for each in CLAIMS for term in each["question"]
    )


def test_places_are_counted_by_the_kind_of_source(survey: Survey) -> None:
    placed = Counter((each["source"]["confidence"], each["source"]["place"] is not None) for each in CLAIMS)
    found = sources(survey.findings.values())
    assert {(kind, place): pair[not place] for kind, pair in found.items() for place in (True, False)} == {
        (kind, place): placed[kind, place] for kind in found for place in (True, False)
    }
    text = read(statistics_page(survey)).text
    with_place = sum(each["source"]["place"] is not None for each in CLAIMS)
    assert f"{with_place} of {len(CLAIMS)} claims have a place in the source" in text


def test_recorded_results_are_added_up(survey: Survey) -> None:
    text = read(statistics_page(survey)).text
    recorded = [one for scales in survey.results.values() for one in scales.values() if one.scale != "smoke"]
    cells = sum(len(arm.measures) for one in recorded for arm in one.arms.values())
    assert f"Reproductions: {len(recorded)} " in text
    assert f"{cells} cells (an arm with a seed)" in text
    assert f"{sum(one.seconds for one in recorded) / 3600:.1f} h of computing" in text
    # the sum may lie on the edge between two cents, where its order decides
    dollars = re.search(r"\$([\d.]+)\. Only the last recording", text)
    assert dollars and float(dollars[1]) == pytest.approx(sum(one.cost_usd for one in recorded), abs=0.0051)


def test_effects_are_compared_with_the_margin_the_sharpest_first() -> None:
    claims = [claim(f"claim-{name}") for name in ("blunt", "sharp", "unknown")]
    verdicts = {
        "a/claim-blunt": claim_result(smallest_visible=0.1, margin=0.05),
        "a/claim-sharp": claim_result(smallest_visible=0.01, margin=0.05),
        "a/claim-unknown": claim_result(smallest_visible=None),
    }
    made = Survey(library(card("a", claims=claims)), results(result("a", verdicts)))
    found = [(sight.finding.claim.id, sight.margins) for sight in sharpness(made)]
    assert found == [("claim-sharp", pytest.approx(0.2)), ("claim-blunt", pytest.approx(2.0))]
    text = read(statistics_page(made)).text
    assert "which holds for 1 of 3; of 1 it is not known" in text
    assert "0.20δ, 2 seeds" in text


def test_what_is_not_known_is_counted() -> None:
    told = claim(
        "claim-told", source={"address": "https://example.org/paper", "place": "Table 1", "confidence": "paper"}
    )
    cards = [
        card("a", claims=[told, claim("claim-idle")], version_read=1, version_latest=2),
        card("b", claims=[], date="2025-03", notes=[{"kind": "uncertain", "text": "Perhaps.", "by": "curator"}]),
        card("c"),
    ]
    stale = replace(result("a", {"a/claim-told": claim_result()}), stale=("the script has changed",))
    found = {words: (number, all_) for words, number, all_ in unknown(Survey(library(*cards), results(stale)))}
    assert found == {
        "claims whose place in the source was not located": (2, 3),
        "claims that nobody has run, though a miniature can test them": (2, 3),
        "works on arXiv whose card does not say which version was read": (2, 3),
        "works on arXiv of which a later version is out than was read": (1, 3),
        "works whose date is known to the month only": (1, 3),
        "works whose card states no claim": (1, 3),
        "works with a remark that could not be confirmed": (1, 3),
        "recorded results that are stale": (1, 1),
    }


def test_nothing_is_counted_where_nothing_is() -> None:
    empty = Survey(library(), results())
    text = read(statistics_page(empty)).text
    for said in ("No work has a card yet.", "No card records a claim yet.", "Nothing has been recorded yet."):
        assert said in text
    assert work_charts(empty) == []
    assert "How small an effect" not in text and "<table" not in statistics_page(empty).markdown
