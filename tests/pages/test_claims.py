"""Questions, the matrix of claims and open disputes."""

from dataclasses import replace

import pytest

from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.cards.vocabulary import Known
from tooling.pages.claims import Said, disputes, disputes_page, known, matrix_page, q_values, question_pages
from tooling.pages.survey import Survey


def test_q_values_are_those_of_benjamini_and_hochberg() -> None:
    p = {"a": 0.001, "b": 0.9, "c": 0.02, "d": 0.021}
    assert q_values(p) == pytest.approx({"a": 0.004, "c": 0.028, "d": 0.028, "b": 0.9})
    assert q_values({}) == {}


def test_a_dispute_named_by_both_sides_is_listed_once() -> None:
    one = card("a", claims=[claim("first-claim", contradicts=["b/first-claim"])])
    two = card("b", claims=[claim("first-claim", contradicts=["a/first-claim"])])
    survey = Survey(library(one, two), results())
    assert len(disputes(survey)) == 1
    page = disputes_page(survey).markdown
    assert page.count("Statement of first-claim.") == 2


def test_the_matrix_says_when_nothing_was_run() -> None:
    page = matrix_page(Survey(library(card("a")), results())).markdown
    assert "No claim has been run yet" in page
    assert "Benjamini" not in page


def test_the_matrix_counts_decisions_and_what_chance_makes_of_them() -> None:
    claims = [claim(f"claim-{name}") for name in ("one", "two", "three")]
    recorded = result(
        "a",
        {
            "a/claim-one": claim_result(p_value=0.001),
            "a/claim-two": claim_result(verdict="contradicted", side="within", p_value=0.04),
            "a/claim-three": claim_result(verdict="inconclusive", p_value=0.6),
        },
    )
    page = matrix_page(Survey(library(card("a", claims=claims)), results(recorded))).markdown
    assert "3 claims have been run and 2 of them decided" in page
    assert "at most about 0.1 of 3 wrong" in page
    assert "2 of 2 stand" in page
    assert ">0.002<" in page and ">0.040<" in page


def test_every_claim_is_in_the_matrix_once_and_on_the_pages_of_its_questions() -> None:
    claims = [claim("one-two", question=["what-scales", "algorithm-details"]), claim("three-four")]
    survey = Survey(library(card("a", claims=claims)), results())
    matrix = matrix_page(survey).markdown
    assert matrix.count("Statement of one-two.") == 1
    pages = {page.path: page.markdown for page in question_pages(survey)}
    assert "Statement of one-two." in pages["questions/what-scales.md"]
    assert "Statement of one-two." in pages["questions/algorithm-details.md"]
    assert "Statement of three-four." not in pages["questions/what-scales.md"]
    assert "Nobody has run any of these claims yet" in pages["questions/what-scales.md"]


def test_what_is_known_links_its_sources_and_marks_those_that_were_run(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "<i>A</i> [held](a/first-claim), [new](b/first-claim), [work](a), [gone](zzz/first-claim)."
    survey = Survey(library(card("a"), card("b")), results(result("a", {"a/first-claim": claim_result()})))
    question = survey.vocabulary.questions["algorithm-details"]
    told = question.model_copy(update={"known": Known(on="2026-11-27", text=text)})
    assert known(survey, question) == []
    assert known(survey, told) == [
        Said("<i>A</i> "),
        Said("held", "papers/a/#first-claim", "supported"),
        Said(", "),
        Said("new", "papers/b/#first-claim"),
        Said(", "),
        Said("work", "papers/a/"),
        Said(", "),
        Said("gone"),
        Said("."),
    ]
    monkeypatch.setitem(survey.vocabulary.questions, "algorithm-details", told)
    pages = {page.path: page.markdown for page in question_pages(survey)}
    page = pages["questions/algorithm-details.md"]
    assert "&lt;i&gt;A&lt;/i&gt; " in page
    assert '<a href="../../papers/a/#first-claim">held</a>&#8288;<span class="verdict supported"' in page
    assert "Written on 2026-11-27" in page
    assert "What is known" not in pages["questions/what-scales.md"]


def test_a_question_page_draws_decided_claims_on_one_axis() -> None:
    wide = replace(claim_result(), estimate=0.3, high=0.39)
    survey = Survey(
        library(card("a"), card("b")), results(result("a", {"a/first-claim": claim_result(), "b/first-claim": wide}))
    )
    page = next(page for page in question_pages(survey) if page.path == "questions/algorithm-details.md").markdown
    assert page.count('class="interval supported above"') == 2
    assert "+8δ" in page
    assert "supported in miniature" in page
