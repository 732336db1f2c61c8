"""An issue form becomes a card, and whatever else stands in the issue is text."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cards.shelf import Shelf, new_shelf
from tests.cards.test_intake import Batches
from tooling.cards.issue import MOST_BYTES, read_answers, read_issue, read_labels
from tooling.cards.proposal import Proposal, propose
from tooling.errors import Invalid, NotFound, UsageError

ROOT = Path(__file__).parents[2]
LABELS = {"Work": "work", "Topics": "topics", "Summary": "summary", "Claim": "claim"}
WHOLE = {
    "work": "arXiv:2503.00002",
    "topics": "Sums, Patience",
    "summary": "It asked about sums.\nIt found: 'nothing'.",
    "claim": "Wrong sums grow # faster than right ones.",
    "reported": "12 per cent.",
    "place": "Table 2",
    "question": "What does it cost?",
    "test": "Train & compare.",
    "bearing": "direct: the claim itself can be tested",
    "why": "Sums are small.",
}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return new_shelf(tmp_path)


def made(shelf: Shelf, answers: Mapping[str, str], *, write: bool = False) -> Proposal:
    """The proposal, of works that nobody but the test knows."""
    return propose(shelf.root, answers, write=write, source=Batches())


def left_out(*names: str) -> dict[str, str]:
    """The whole form without some answers."""
    return {name: text for name, text in WHOLE.items() if name not in names}


def test_a_whole_form_becomes_a_card_that_only_has_to_be_judged(shelf: Shelf) -> None:
    found = made(shelf, WHOLE, write=True)
    assert (found.path, found.before, found.error) == ("papers/work-number-2503-00002.yaml", None, None)
    assert found.left == ["`draft: true` goes when the card has been judged"]
    assert shelf.lines() == []
    card = shelf.library()["work-number-2503-00002"]
    assert card.topics == ("sums", "patience")
    assert card.summary == "It asked about sums. It found: 'nothing'."
    (claim,) = card.claims
    assert claim.id == "wrong-sums-grow-faster-than"
    assert claim.statement == WHOLE["claim"]
    assert (claim.reported, claim.question, claim.bearing.kind) == ("12 per cent.", ("what-it-costs",), "direct")
    assert (claim.source.place, claim.source.confidence) == ("Table 2", "paper")
    assert card.provenance.fields["summary"] == card.provenance.fields["topics"] == "the issue that proposed it"


def test_nothing_is_written_unless_it_is_asked_for(shelf: Shelf) -> None:
    before = sorted(path.name for path in shelf.papers.iterdir())
    found = made(shelf, WHOLE)
    assert sorted(path.name for path in shelf.papers.iterdir()) == before
    assert found.text == made(shelf, WHOLE, write=True).text == shelf.text("work-number-2503-00002")


def test_the_work_alone_is_enough_and_what_is_missing_is_named(shelf: Shelf) -> None:
    found = made(shelf, {"work": "2503.00002"})
    assert found.left[0] == "still to be written: `topics`, `summary`, `claims`"
    assert "draft: true" in found.text


def test_a_claim_without_a_figure_or_a_place_says_so_and_guesses_nothing(shelf: Shelf) -> None:
    made(shelf, left_out("reported", "place"), write=True)
    (claim,) = shelf.library()["work-number-2503-00002"].claims
    assert claim.reported is None
    assert claim.reported_missing == "the issue that proposed it gives none"
    assert (claim.source.place, claim.source.confidence) == (None, "unlocated")


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (left_out("test", "why"), "the claim of the form lacks how it could be tested, why it could or could not"),
        (left_out("summary"), "has claims but no `summary`"),
        (left_out("topics"), "has claims but no `topics`"),
        ({**WHOLE, "bearing": "perhaps"}, "`claims[0].bearing.kind`"),
        ({**WHOLE, "question": "What is it?"}, "`claims[0].question`"),
        ({**WHOLE, "claim": "深度学习"}, "`claims[0].id`"),
        ({**WHOLE, "summary": "<b>" * 9000}, "`summary`"),
    ],
)
def test_an_answer_that_makes_no_valid_card_is_left_out_and_named(
    shelf: Shelf, answers: Mapping[str, str], says: str
) -> None:
    found = made(shelf, answers, write=True)
    assert [line for line in found.left if says in line], found.left
    assert shelf.lines() == []


def test_a_card_that_is_there_gets_only_what_it_lacks(shelf: Shelf) -> None:
    before = shelf.text("counting-aloud")
    found = made(shelf, {**WHOLE, "work": "2501.12590"}, write=True)
    assert found.before == found.text == shelf.text("counting-aloud") == before
    assert found.left == ["the card has claims; whether the one of the form is new is for a person to say"]


@pytest.mark.parametrize(
    ("work", "error"),
    [("2503.00009", NotFound), ("http://127.0.0.1/secret", UsageError), ("9913.1", UsageError), ("", UsageError)],
)
def test_a_work_that_cannot_be_added_is_an_answer_and_no_card(shelf: Shelf, work: str, error: type[Exception]) -> None:
    found = made(shelf, {**WHOLE, "work": work})
    assert (type(found.error), found.path, found.text) == (error, "", "")


def test_fields_are_found_by_their_headings_and_empty_ones_left_out() -> None:
    body = "### Work\r\n\r\n2503.00002\r\n\r\n### Topics\n\nSums\n\n### Summary\n\n_No response_\n\n### Claim\n\nA\n\nB"
    assert read_answers(body, LABELS) == {"work": "2503.00002", "topics": "Sums", "claim": "A\n\nB"}


def test_headings_that_the_form_has_not_or_had_before_are_text() -> None:
    body = "before\n### Work\n2503.00002\n### Draft\nx\n### Work\n2503.99999\n#### Claim\n ### Claim\n"
    assert read_answers(body, LABELS) == {
        "work": "2503.00002\n### Draft\nx\n### Work\n2503.99999\n#### Claim\n ### Claim"
    }


def test_characters_that_hide_text_are_taken_out() -> None:
    assert read_answers("### Work\na\u202eb\x1b[31m\u200b\tc\x00", LABELS) == {"work": "a b [31m  c"}


def test_an_issue_is_read_from_its_text_or_from_its_event() -> None:
    assert read_issue(b"\xef\xbb\xbf### Work\n", "x") == "### Work\n"
    assert read_issue(json.dumps({"issue": {"body": "### Work\n"}}).encode(), "x") == "### Work\n"
    assert read_issue(json.dumps({"issue": {"body": None}}).encode(), "x") == ""


@pytest.mark.parametrize("data", [b"{", b'{"issue": 3}', b"{}", b"\xff\xfe", b" " * (MOST_BYTES + 1), b"{" * 100_000])
def test_a_file_that_is_no_issue_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match="`x`"):
        read_issue(data, "x")


def test_a_form_that_is_gone_or_broken_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="add-work.yml"):
        read_labels(tmp_path)


def test_the_form_has_a_field_for_each_answer() -> None:
    assert set(read_labels(ROOT).values()) == set(WHOLE)
