"""The page of claims that a reader can test: each claim once, the quickest first, with the command that runs it."""

from dataclasses import replace

import pytest

from tests.pages.reader import read
from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.pages.script import declared
from tooling.pages.survey import Survey
from tooling.pages.trial import LISTED, core_seconds, trials, trials_page
from tooling.runs.result import Result

SCRIPT = 'CLAIMS = {"claim-waits": 1, "b/first-claim": 2}'
CLOSED = claim("claim-closed", bearing={"kind": "none", "why": "Too large."}, untestable="Needs 32B parameters.")


def timed(recorded: Result, seconds: float) -> Result:
    """The result with this time for each cell."""
    arms = {name: replace(arm, seconds={1000: seconds, 1001: seconds}) for name, arm in recorded.arms.items()}
    return replace(recorded, arms=arms, seconds=4 * seconds)


def survey() -> Survey:
    """Two recorded claims (one reads a single arm), one that a script waits for, an idle one and an untestable one."""
    claims = [claim(f"claim-{name}") for name in ("slow", "quick", "waits", "idle")]
    verdicts = {"a/claim-slow": claim_result(), "a/claim-quick": claim_result(arms=("large",), verdict="contradicted")}
    recorded = timed(result("a", verdicts), 900.0)
    return Survey(library(card("a", claims=[*claims, CLOSED]), card("b")), results(recorded))


def test_the_time_of_a_claim_is_that_of_its_own_arms_and_seeds() -> None:
    found = {each.finding.claim.id: each for each in trials(survey())}
    assert found["claim-quick"].seconds == 2 * 900 / 2
    assert found["claim-slow"].seconds == 4 * 900 / 2
    assert found["claim-quick"].cost_usd == pytest.approx(0.021 / 2)


def test_a_time_that_was_not_measured_is_not_made_up() -> None:
    untimed = Survey(library(card("a")), results(result("a", {"a/first-claim": claim_result()})))
    (only,) = trials(untimed)
    assert core_seconds(only.evidence) is None and only.seconds is None
    assert "Time on two cores not known: 1" in read(trials_page(untimed, {})).text


def test_the_quickest_claim_stands_first_in_the_group_of_its_time() -> None:
    text = read(trials_page(survey(), {"a": SCRIPT})).text
    order = ["Within a quarter of an hour: 1", "claim-quick.", "Within half an hour: 1", "claim-slow."]
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert "Longer" not in text


def test_each_claim_stands_once_under_what_can_be_done_with_it() -> None:
    text = read(trials_page(survey(), {"a": SCRIPT})).text
    headings = [
        "With a script and a recording: 2",
        "With a script, not recorded yet: 2",
        "Not yet tested, testable directly: 1",
        "Not testable here: 1",
    ]
    recorded, waiting, idle, closed = (text.index(each) for each in headings)
    assert recorded < text.index("Statement of claim-slow.") < waiting
    assert waiting < text.index("Statement of claim-waits.") < text.index("Statement of first-claim.") < idle
    assert idle < text.index("Statement of claim-idle.") < text.index("Test of claim-idle.") < closed
    assert closed < text.index("Statement of claim-closed.") < text.index("Needs 32B parameters.")
    for name in ("slow", "quick", "waits", "idle", "closed"):
        assert text.count(f"Statement of claim-{name}.") == 1


def test_the_command_names_a_claim_of_another_card_in_full() -> None:
    text = read(trials_page(survey(), {"a": SCRIPT})).text
    assert "tooling repro a --scale mini --claim claim-quick" in text
    assert "tooling repro a --scale mini --claim b/first-claim" in text


def test_the_table_counts_every_claim() -> None:
    text = read(trials_page(survey(), {"a": SCRIPT})).text
    assert "6 claims: how they stand" in text
    assert "script not recorded 2 · · 2" in text
    assert "untestable · · 1 1" in text


def test_a_long_list_ends_with_the_way_to_all() -> None:
    claims = [claim(f"claim-{number:03}x") for number in range(LISTED + 3)]
    page = trials_page(Survey(library(card("a", claims=claims)), results()), {}).markdown
    assert page.count("How to test it") == LISTED
    assert "../questions/algorithm-details/" in page


def test_without_cards_nothing_is_said_of_claims() -> None:
    text = read(trials_page(Survey(library(), results()), {})).text
    assert "No card records a claim yet." in text
    assert "testable directly" not in text


def test_a_script_declares_what_it_has_a_rule_for() -> None:
    assert declared(SCRIPT, "a") == ("a/claim-waits", "b/first-claim")
    assert declared("CLAIMS: dict = {}", "a") == declared("x = 1", "a") == declared("def (", "a") == ()
