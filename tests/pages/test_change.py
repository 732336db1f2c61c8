"""The page of what changed: each recording with its new verdicts, and what cards say of later versions."""

from dataclasses import replace

from tests.pages.reader import read
from tests.pages.sample import card, claim, claim_result, library, result, results
from tooling.exports import FORMATS, Collection
from tooling.pages.change import NEWEST_EVENTS, NEWEST_WORKS, changes, changes_page, events
from tooling.pages.survey import Survey
from tooling.runs.result import Result


def past(number: int, **verdicts: str) -> dict:
    """An entry of a history: recording `number`, on that day of October."""
    claims = {f"a/claim-{name}": {"verdict": verdict} for name, verdict in verdicts.items()}
    return {"recording": number, "commit": "1" * 40, "started": f"2026-10-{number:02}T00:00:00Z", "claims": claims}


def recorded(**changed: object) -> Result:
    """A third recording: claim one turned, claim two stayed, and the second recording was abandoned."""
    history = (past(1, one="inconclusive", two="supported"), {**past(2), "abandoned": "started, then left"})
    verdicts = {"a/claim-one": claim_result(), "a/claim-two": claim_result()}
    return result("a", verdicts, recording=3, started="2026-11-03T08:00:00Z", history=history, **changed)


def survey(*, last: Result | None = None) -> Survey:
    """A survey of one work with that history."""
    claims = [claim("claim-one"), claim("claim-two")]
    return Survey(library(card("a", claims=claims)), results(last or recorded()))


def test_each_recording_has_the_verdicts_that_are_new_in_it() -> None:
    found = [(each.recording, [change.key for change in each.changes], each.kept) for each in events(survey())]
    assert found == [(3, ["a/claim-one"], 1), (2, [], 0), (1, ["a/claim-one", "a/claim-two"], 0)]


def test_the_newest_stands_first_with_the_verdict_of_before() -> None:
    text = read(changes_page(survey())).text
    days = [text.index(day) for day in ("2026-11-03", "2026-10-02", "2026-10-01")]
    assert days == sorted(days)
    newest = text[days[0] : days[1]]
    assert "recording 3 in miniature. 1 claim with the verdict of before." in newest
    assert "supported in miniature before: inconclusive Statement of claim-one." in newest
    assert "claim-two" not in newest
    assert "abandoned. Started, then left." in text[days[1] : days[2]]


def test_the_page_and_the_feed_have_the_same_changes() -> None:
    made = survey()
    known = list(changes(made, {"a"}))
    listed = [change for event in events(made) for change in event.changes]
    assert sorted(listed, key=str) == sorted(known, key=str)
    feed = FORMATS["atom-verdicts"](Collection(made, tuple(made.library.values())))
    assert feed.count("<entry>") == len(known) == 3


def test_a_stale_recording_says_why_and_a_current_one_is_not_listed() -> None:
    stale = read(changes_page(survey(last=recorded(stale=("`run.py` has changed", "so has the rule"))))).text
    assert "run.py has changed and 1 more" in stale
    assert "No recording is stale." in read(changes_page(survey())).text


def test_a_revalidation_is_an_event_of_its_day() -> None:
    again = {"date": "2026-11-20T00:00:00Z", "agrees": True, "seeds": [1000, 1001], "commit": "2" * 40}
    text = read(changes_page(survey(last=recorded(revalidations=(again, {**again, "agrees": False}))))).text
    assert "2026-11-20" in text
    assert "recording 3 in miniature, revalidated. Seeds 1000 and 1001" in text
    assert "where a revalidation failed" in text
    judged = {**again, "date": "2026-11-21T00:00:00Z", "seeds": []}
    assert "2026-11-21" not in read(changes_page(survey(last=recorded(revalidations=(judged,))))).text


def test_a_verdict_on_a_claim_that_no_card_has_any_more_is_left_out() -> None:
    gone = Survey(library(card("a", claims=[claim("claim-one")])), results(recorded()))
    assert [len(each.changes) for each in events(gone)] == [1, 0, 1]
    assert events(Survey(library(card("b")), results(recorded()))) == []


def test_later_versions_stand_where_cards_note_them() -> None:
    reply = {"text": "No.", "address": "https://example.org/reply"}
    noted = library(
        card("a", withdrawn="withdrawn since v3", venue="ICLR 2026"),
        card("b", version_read=1, version_latest=4, responses=[reply]),
    )
    text = read(changes_page(Survey(noted, results()))).text
    assert "Withdrawn: 1 Title of a Withdrawn since v3." in text
    assert "version 4; read was version 1" in text
    assert "1 response" in text and "Published at a venue: 1 ICLR 2026: Title of a" in text


def test_the_page_stays_short() -> None:
    history = tuple(past(1, one="supported") | {"recording": number} for number in range(1, NEWEST_EVENTS + 10))
    last = replace(recorded(), recording=NEWEST_EVENTS + 10, history=history)
    cards = [card(f"b-{number}") for number in range(NEWEST_WORKS + 5)]
    page = changes_page(Survey(library(card("a", claims=[claim("claim-one")]), *cards), results(last)))
    assert page.markdown.count('class="event"') == NEWEST_EVENTS
    assert "10 earlier entries stand on the cards." in read(page).text
    assert page.markdown.count("Title of b-") == NEWEST_WORKS - 1


def test_nothing_is_said_to_have_changed_where_nothing_is() -> None:
    text = read(changes_page(Survey(library(), results()))).text
    for said in (
        "No verdict has been recorded yet.",
        "There is nothing that could be stale.",
        "No work has a card yet.",
    ):
        assert said in text
    assert "No card notes a later version." in text
