"""A verdict has an address that stays, a citation, and a link to dispute it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import bibtexparser

from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.pages import pages
from tooling.pages.citation import Citation, bibtex, citation
from tooling.pages.survey import Survey
from tooling.runs.result import Result

KEY = "a/first-claim"


def run_of(**changes: Any) -> Result:
    return result("a", {KEY: claim_result()}, **changes)


def survey(*recorded: Result, site: str = "") -> Survey:
    return Survey(library(card("a", claims=[claim("first-claim")])), results(*recorded), site=site)


def cite(run: Result, site: str = "") -> Citation:
    found = survey(run, site=site)
    return citation(found, found.findings[KEY], evidence=found.findings[KEY].best)


def test_a_citation_names_verdict_scale_recording_commit_and_place() -> None:
    run = run_of(recording=3, commit="0123456789abcdef")
    text = cite(run, "https://example.org/survey/").text
    for part in (KEY, "supported in miniature", "recording 3 of a", "commit 0123456789ab"):
        assert part in text
    assert text.endswith("https://example.org/survey/papers/a/#first-claim_mini-3")


def test_without_a_known_address_it_leads_to_the_script_at_its_commit() -> None:
    assert cite(run_of(commit="0123456789abcdef")).text.endswith("/tree/0123456789ab/repro/a")


def test_the_script_of_a_renamed_work_is_cited_where_its_commit_has_it() -> None:
    renamed = run_of(commit="0123456789abcdef", script="repro/old/run.py")
    assert cite(renamed).text.endswith("/tree/0123456789ab/repro/old")


def test_a_stale_verdict_is_cited_as_stale() -> None:
    assert "stale" not in cite(run_of()).text
    assert "stale" in cite(run_of(stale=("repro/a/run.py",))).text


def test_the_entries_are_read_by_a_parser() -> None:
    found = survey(run_of(recording=2, commit="0123456789abcdef"))
    (entry,) = bibtexparser.parse_string(bibtex(found, found.library["a"])).entries
    assert entry.key == "a.first-claim.mini.2"
    assert entry["note"] == "Recording 2, commit 0123456789ab"
    assert bibtex(survey(), found.library["a"]) == ""


def test_the_link_fills_the_form_of_a_dispute() -> None:
    run = run_of(recording=2, commit="0123456789abcdef")
    asked = parse_qs(urlsplit(cite(run).dispute).query)
    assert asked == {
        "template": ["dispute.yml"],
        "claim": [KEY],
        "recording": ["mini 2"],
        "commit": ["0123456789ab"],
    }


def test_the_address_of_a_verdict_stays_when_a_later_recording_comes() -> None:
    first = run_of(recording=1)
    past = {"recording": 1, "started": first.started, "commit": "1" * 40, "claims": {}}
    past["claims"] = {KEY: {"verdict": "contradicted", "estimate": -0.1, "low": -0.2, "high": 0.0}}
    second = run_of(recording=2, history=[past])
    for run in (first, second):
        found = survey(run)
        text = {page.path: page.markdown for page in pages(found.library, found.results)}["papers/a.md"]
        assert text.count('id="first-claim_mini-1"') == 1
        assert text.count('id="_mini-1"') == 1
    assert 'id="first-claim_mini-2"' in text
    assert "contradicted" in text and "1" * 12 in text
