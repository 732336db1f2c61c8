"""Atom feeds, read back by feedparser and by the XML parser."""

from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import fromstring

import feedparser
import pytest

from tests.exports.shelf import awkward, real
from tests.pages.sample import card, claim_result, library, result, results
from tooling.exports import FORMATS, Collection, exports
from tooling.exports.text import plain
from tooling.pages.survey import Survey

Shelf = Callable[[], Collection]


@pytest.mark.parametrize("shelf", [real, awkward])
def test_every_work_is_in_the_feed_as_it_is_written(shelf: Shelf) -> None:
    text = FORMATS["atom"](shelf())
    root = fromstring(text.encode())
    space = {"a": "http://www.w3.org/2005/Atom"}
    titles = [each.findtext("a:title", namespaces=space) for each in root.findall("a:entry", space)]
    assert sorted(titles) == sorted(plain(card.title) for card in shelf().cards)
    found = feedparser.parse(text)
    assert not found.bozo
    by_link = {entry.link: entry for entry in found.entries}
    for kept in shelf().cards:
        entry = by_link[f"https://survey.example/papers/{kept.slug}/"]
        assert [each.name for each in entry.authors] == [plain(name) for name in kept.authors]
        assert entry.updated.startswith(kept.date)
    assert len({entry.id for entry in found.entries}) == len(shelf().cards)
    assert found.feed.updated == max(entry.updated for entry in found.entries)


def history(*verdicts: str) -> Collection:
    """A claim that was recorded with these verdicts in turn, an abandoned recording among them."""
    past = [
        {"recording": number, "commit": f"{number}" * 40, "started": f"2026-10-0{number}T00:00:00Z",
         "claims": {"a/first-claim": {"verdict": verdict}} if verdict else {}}
        for number, verdict in enumerate(verdicts, start=1)
    ]  # fmt: skip
    last = result(
        "a", {"a/first-claim": claim_result(verdict=verdicts[-1])}, recording=len(verdicts), history=tuple(past)
    )
    kept = card("a")
    return Collection(Survey(library(kept), results(last)), (kept,))


def test_a_feed_tells_verdicts_that_are_new_or_have_changed_and_no_others() -> None:
    found = feedparser.parse(FORMATS["atom-verdicts"](history("inconclusive", "", "inconclusive", "contradicted")))
    assert [entry.title.partition(":")[0] for entry in found.entries] == [
        "contradicted in miniature",
        "inconclusive in miniature",
    ]
    newest = found.entries[0]
    assert "recording 4 of a, commit 444444444444" in newest.summary
    assert "Before: inconclusive in miniature." in newest.summary
    assert newest.updated == "2026-10-04T00:00:00Z"


def test_a_recording_that_is_not_in_its_history_is_told_all_the_same() -> None:
    kept = card("a")
    alone = replace(result("a", {"a/first-claim": claim_result()}), history=())
    found = feedparser.parse(FORMATS["atom-verdicts"](Collection(Survey(library(kept), results(alone)), (kept,))))
    assert [entry.title for entry in found.entries] == ["supported in miniature: Statement of first-claim."]


def test_a_quick_look_is_in_no_export() -> None:
    kept = card("a")
    look = result("a", {"a/first-claim": claim_result()}, scale="quick", quick=True, recording=0)
    texts = {file.path: file.text for file in exports(library(kept), results(quick=(look,)))}
    assert "<entry>" not in texts["feeds/verdicts.xml"]
    assert not [path for path, text in texts.items() if "supported in a quick look" in text]
    assert '"verdict": "not tested"' in texts["exports/works.jsonl"]


def test_an_empty_library_gives_valid_feeds() -> None:
    texts = {file.path: file.text for file in exports(library(), results())}
    assert not any(feedparser.parse(text).bozo for path, text in texts.items() if path.startswith("feeds/"))
