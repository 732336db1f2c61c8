"""Claims joined with the results that speak to them."""

from dataclasses import replace

from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.pages.survey import Survey, counts


def test_a_claim_without_a_result_is_not_tested_or_untestable() -> None:
    told = claim("second-claim", bearing={"kind": "none", "why": "Too large."}, untestable="Too large.")
    survey = Survey(library(card("a", claims=[claim("first-claim"), told])), results())
    assert [finding.verdict for finding in survey.of(survey.library["a"])] == ["not tested", "untestable"]


def test_the_strongest_scale_speaks_and_smoke_is_silent() -> None:
    decided = result("a", {"a/first-claim": claim_result()})
    smoke = replace(decided, scale="smoke", claims={"a/first-claim": claim_result(verdict="contradicted")})
    gpu = replace(decided, scale="gpu", claims={"a/first-claim": claim_result(verdict="inconclusive")})
    recorded = results(decided)
    recorded._recorded["a"].update({"smoke": smoke, "gpu": gpu})  # type: ignore[attr-defined]
    (finding,) = Survey(library(card("a")), recorded).recorded
    assert finding.words == "inconclusive on one GPU"
    assert [evidence.scale for evidence in finding.recorded] == ["gpu", "mini"]


def test_another_works_script_can_speak_to_a_claim() -> None:
    survey = Survey(library(card("a"), card("b")), results(result("b", {"a/first-claim": claim_result()})))
    assert survey.findings["a/first-claim"].verdict == "supported"
    assert survey.findings["b/first-claim"].verdict == "not tested"


def test_a_quick_look_gives_no_verdict() -> None:
    look = result("a", {"a/first-claim": claim_result()}, scale="quick", quick=True, recording=0)
    (finding,) = Survey(library(card("a")), results(quick=(look,))).findings.values()
    assert finding.verdict == "not tested"
    assert [evidence.scale for evidence in finding.quick] == ["quick"]


def test_contradictions_are_known_from_both_sides() -> None:
    named = card("a", claims=[claim("first-claim", contradicts=["b/first-claim"])])
    survey = Survey(library(named, card("b")), results())
    assert survey.against(survey.findings["b/first-claim"]) == ["a/first-claim"]
    assert survey.against(survey.findings["a/first-claim"]) == []


def test_counts_leave_out_words_that_nothing_has() -> None:
    survey = Survey(library(card("a"), card("b")), results(result("b", {"a/first-claim": claim_result()})))
    assert counts(list(survey.findings.values())) == {"supported": 1, "not tested": 1}
