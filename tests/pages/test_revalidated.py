"""Pages say where a result was revalidated, where that failed, and where a claim's wording has changed."""

from dataclasses import replace
from typing import Any

from tests.pages.reader import read
from tests.pages.sample import card, claim_result, library, result, results
from tooling.pages.card import card_page
from tooling.pages.survey import Survey
from tooling.runs.result import Result, statement_hash


def again(*, agrees: bool, why: str | None = None) -> dict[str, Any]:
    """A revalidation as it is stored."""
    return {
        "commit": "abcdef0123456789",
        "date": "2026-11-25T20:00:00Z",
        "agrees": agrees,
        "rule": "the spread between seeds",
        "seeds": [1000, 1001],
        "device": "another CPU",
        "claims": {"a/first-claim": {"agrees": agrees, "why": why}},
    }


def seen(**changes: Any) -> str:
    """The text of the page of a card whose recorded result has these changes."""
    kept = card("a")
    recorded: Result = replace(result("a", {"a/first-claim": claim_result()}), **changes)
    return read(card_page(Survey(library(kept), results(recorded)), kept, scripts={})).text


def test_a_revalidated_result_says_at_which_commit_and_how_it_was_compared() -> None:
    text = seen(revalidations=(again(agrees=True),))
    assert "Revalidated at commit abcdef0123456: two recorded seeds agree on later code." in text
    assert "seeds 1000 and 1001 were run again on another CPU and compared by the spread between seeds" in text
    assert "Stale" not in text


def test_a_result_whose_judging_alone_has_changed_says_so_where_its_run_is_described() -> None:
    judged = {name: value for name, value in again(agrees=True).items() if name != "device"}
    text = seen(revalidations=({**judged, "seeds": [], "claims": {}},))
    assert "2026-11-25: only the code that judges had changed; from the stored measures it gives every stored" in text
    assert "two recorded seeds agree" not in text


def test_a_failed_revalidation_says_what_moved() -> None:
    text = seen(revalidations=(again(agrees=False, why="<b>the contrast</b> moved"),), stale=("it failed",))
    assert "Revalidation failed at commit abcdef0123456, 2026-11-25" in text
    assert "A/first-claim: <b>the contrast</b> moved." in text
    assert "agree on later code" not in text


def test_a_reworded_claim_is_a_note_and_not_stale() -> None:
    note = "Wording changed: the card states this claim in other words"
    stated = card("a").claims[0].statement
    assert note in seen(hashes={"statements": {"a/first-claim": statement_hash("Other words.")}})
    assert "Stale" not in seen(hashes={"statements": {"a/first-claim": statement_hash("Other words.")}})
    assert note not in seen(hashes={"statements": {"a/first-claim": statement_hash(stated.replace(" ", "\n  "))}})
    # results from before statements were kept say nothing
    assert note not in seen()
