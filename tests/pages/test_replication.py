"""A recording is compared with what the one before led one to expect, and the page says so in words."""

from dataclasses import replace
from typing import Any

import pytest

from tests.pages.reader import read
from tests.pages.sample import card, claim_result, library, result, results
from tooling.pages.card import card_page
from tooling.pages.replication import Foreseen, expectation, foreseen
from tooling.pages.survey import Survey
from tooling.runs.result import ClaimResult

GAINS = (0.10, 0.14, 0.12, 0.09, 0.13, 0.11, 0.15, 0.12)


def past(**changes: Any) -> dict[str, Any]:
    """An entry of a history: eight seeds, 0.12 [0.10, 0.14]."""
    kept = {"verdict": "supported", "estimate": 0.12, "low": 0.1, "high": 0.14, "contrast_per_seed": list(GAINS)}
    return {**kept, **changes}


def fresh(estimate: float | None, **changes: Any) -> ClaimResult:
    """A claim of a later recording with eight seeds."""
    return claim_result(**{"estimate": estimate, "seeds": tuple(range(2000, 2008)), **changes})


def test_the_interval_is_the_prediction_interval_of_the_seeds() -> None:
    pytest.importorskip("scipy", reason="the lab is not installed (`make test` installs it)")
    from tooling.runs.revalidation import prediction_half_width
    from tooling.runs.statistic import paired

    estimate = paired(GAINS)
    low, high = estimate.interval(0.95)
    half = prediction_half_width(GAINS, 5)
    entry = past(estimate=estimate.value, low=low, high=high)
    for moved, holds in ((0.999, True), (1.001, False), (-0.999, True), (-1.001, False)):
        now = fresh(estimate.value + moved * half, seeds=(2000, 2001, 2002, 2003, 2004))
        assert [each.holds for each in foreseen(entry, now)] == [holds]


def test_a_claim_is_held_against_the_interval_in_words() -> None:
    inside = foreseen(past(), fresh(0.147))
    assert inside == [Foreseen("", "0.0917", "0.148", True)]
    assert expectation(inside) == (" The estimate above agrees with it (95% prediction interval 0.0917 to 0.148).")
    assert "does not agree with it (95%" in expectation(foreseen(past(), fresh(0.149)))


def test_what_is_held_against_a_number_is_told_as_measured() -> None:
    found = foreseen(past(), fresh(0.12, unit="error below 0.2"))
    assert found == [Foreseen("", "0.0517", "0.108", True)]


def test_every_part_is_compared_with_its_own() -> None:
    parts = tuple(fresh(at, name=name) for name, at in (("as well", 0.12), ("above grpo", 0.3), ("new", 0.1)))
    now = fresh(0.12, parts=parts)
    counted = {name: value for name, value in past(seeds=8).items() if name != "contrast_per_seed"}
    kept = {"as well": counted, "above grpo": counted, "gone": counted}
    found = foreseen(past(parts=kept), now)
    assert [(each.name, each.holds) for each in found] == [("as well", True), ("above GRPO", False)]
    assert expectation(found) == (
        " 1 of 2 parts agrees with it; not so, by the 95% prediction interval: above GRPO (0.0917 to 0.148)."
    )
    both = foreseen(past(parts=kept), replace(now, parts=parts[:1]))
    assert expectation(both, parts=1) == (" All parts above agree with it.")
    assert expectation(both, parts=3).startswith(" The 1 of 3 parts that can be compared agree")
    # recordings from before parts were kept say nothing of them
    assert foreseen(past(), now) == []


@pytest.mark.parametrize(
    ("entry", "now"),
    [
        (past(low=None, high=None), fresh(0.1)),
        (past(contrast_per_seed=[]), fresh(0.1)),
        (past(), fresh(None, low=None, high=None)),
    ],
)
def test_nothing_is_said_where_nothing_can_be_compared(entry: dict[str, Any], now: ClaimResult) -> None:
    assert foreseen(entry, now) == []
    assert expectation([]) == ""


def test_the_card_says_it_beside_the_earlier_verdict() -> None:
    kept = card("a")
    entry = {"recording": 1, "commit": "abc", "started": "2026-10-01T00:00:00Z", "claims": {"a/first-claim": past()}}
    recorded = result("a", {"a/first-claim": fresh(0.2)}, recording=2, history=(entry,))
    text = read(card_page(Survey(library(kept), results(recorded)), kept, scripts={})).text
    assert "need not agree" not in text
    assert "0.14]. The estimate above does not agree with it (95% prediction interval 0.0917 to" in text
    now = {"script": "s", "size": "z", "rules": {"a/first-claim": "r"}}
    words = "0.14]. Its script, size or rule has changed since, so that the two need not agree. The estimate"
    for then, changed in (
        (now, False),
        ({"script": "s", "size": "z"}, False),
        ({**now, "script": "t"}, True),
        ({**now, "size": "y"}, True),
        ({**now, "rules": {"a/first-claim": "q"}}, True),
        ({**now, "rules": {}}, True),
    ):
        made = replace(recorded, hashes=now, history=({**entry, "hashes": then},))
        assert (words in read(card_page(Survey(library(kept), results(made)), kept, scripts={})).text) == changed


def test_the_history_of_a_recording_keeps_parts() -> None:
    pytest.importorskip("numpy", reason="the lab is not installed (`make test` installs it)")
    from tooling.runs.assembly import claims_of_history

    part = fresh(0.1, name="as well")
    entry = claims_of_history({"a/first-claim": fresh(0.1, parts=(part,)), "a/other": fresh(0.2)})
    assert entry["a/first-claim"]["parts"]["as well"] == {
        "verdict": "supported",
        "estimate": 0.1,
        "low": 0.05,
        "high": 0.19,
        "seeds": 8,
    }
    assert entry["a/other"]["contrast_per_seed"] == (0.1, 0.14)
    assert "parts" not in entry["a/other"]
