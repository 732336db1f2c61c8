"""What a new card takes from arXiv, and what it leaves to a person."""

from dataclasses import replace

import pytest

from tooling.cards.draft import draft_card
from tooling.cards.layout import Value, card_text
from tooling.cards.load import parse_card
from tooling.cards.record import Record
from tooling.cards.schema import Card
from tooling.cards.vocabulary import SECTIONS, Vocabulary

RECORD = Record(
    bare="2503.20783",
    version=2,
    title="Foo: A Study",
    authors=("DeepSeek-AI", ":", 'Zoe\u0308 \\AA str\\"om', "李 雷"),
    published="2025-03-26",
    abstract="We train with GRPO and look at test-time scaling. A sentence nobody may copy.",
    comment=None,
    journal=None,
    doi=None,
    category="cs.LG",
)
VOCABULARY = Vocabulary.model_validate(
    {section: {} for section in SECTIONS}
    | {"topics": {"test-time-scaling": {"name": "Test-time scaling", "text": "A topic."}}}
    | {"methods": {"grpo": {"name": "GRPO", "text": "A method."}}}
)


def draft(version: int | None = None, **changes: object) -> dict[str, Value]:
    """The draft of the record after some changes."""
    return draft_card(replace(RECORD, **changes), VOCABULARY, version=version, citation_key="ai2025foo")


def card(**changes: object) -> Card:
    """That draft, written and read back."""
    return parse_card(card_text(draft(**changes)), "foo", shown="papers/foo.yaml")


def test_a_draft_is_a_valid_card_with_its_provenance() -> None:
    made = card()
    assert made.authors == ("DeepSeek-AI", "Zoë Åström", "李 雷")
    assert (made.arxiv, made.version_read, made.date) == ("2503.20783", 2, "2025-03-26")
    assert made.links == {"paper": "https://arxiv.org/abs/2503.20783"}
    assert made.provenance.sources == ("https://arxiv.org/abs/2503.20783v2",)
    assert made.provenance.fields["title"] == "arxiv"
    assert made.provenance.fields["topics"] == made.provenance.fields["methods"] == "suggested from title and abstract"


def test_a_draft_has_no_judgement_and_no_abstract() -> None:
    text = card_text(draft())
    assert "nobody may copy" not in text
    assert not {"summary", "results", "notes", "claims", "related"} & draft().keys()


def test_every_field_says_where_it_came_from() -> None:
    full = draft(comment="ICLR 2026. https://github.com/a/b", doi="10.1000/1")
    fields = full["provenance"]["fields"]  # type: ignore[index, call-overload]
    assert {name.split(".")[0] for name in fields} == full.keys() - {"kind", "citation_key", "provenance"}


def test_the_version_that_was_asked_for_is_the_one_that_was_read() -> None:
    assert draft(version=1)["version_read"] == 1
    assert draft()["version_read"] == 2


VENUES = {
    "Accepted at ICLR 2026": "ICLR 2026",
    "ICML 2025 (oral)": "ICML 2025 (oral)",
    "Published as a conference paper at COLM 2025, 20 pages": "COLM 2025",
    "Findings of the ACL 2025": "Findings of ACL 2025",
    "neurips'25 Spotlight": "NeurIPS 2025 (spotlight)",
    "To appear in EMNLP-2025; camera-ready for EMNLP 2025": "EMNLP 2025",
    "20 pages, 5 figures": None,
    "Under review at ICLR 2026": None,
    "Submitted to NeurIPS 2025": None,
    "ICML 2025 Workshop on AI for Math": None,
    "Rejected from ICLR 2025, accepted at ICML 2025": None,
    "ICLR 2025 and ICML 2025": None,
    "We compare with ICLR submissions": None,
}


@pytest.mark.parametrize(("comment", "venue"), VENUES.items())
def test_a_comment_gives_a_venue_only_without_doubt(comment: str, venue: str | None) -> None:
    assert draft(comment=comment).get("venue") == venue


def test_a_journal_reference_is_the_venue() -> None:
    made = card(journal="Nature\n 645, 633--638 (2025)", comment="ICLR 2026")
    assert made.venue == "Nature 645, 633–638 (2025)"
    assert made.provenance.fields["venue"] == "arxiv journal reference"
    assert "venue" not in draft(journal="x" * 300)


def test_a_single_repository_is_the_code() -> None:
    found = card(comment="Code at https://github.com/a/b.git.", abstract="See https://github.com/x/y and more")
    assert found.links["code"] == "https://github.com/a/b"
    assert found.provenance.fields["links.code"] == "arxiv comment"
    assert card(abstract=r"(https://github.com/a\_c/b)").links["code"] == "https://github.com/a_c/b"
    assert "code" not in card(abstract="https://github.com/a/b https://github.com/c/d").links


def test_the_publishers_doi_is_a_source() -> None:
    doi = "10.1038/s41586-025-09422-z"
    assert card(doi=doi).provenance.sources[1:] == (f"https://doi.org/{doi}",)
    assert card(doi=f"https://doi.org/{doi}").provenance.sources[1:] == (f"https://doi.org/{doi}",)
    assert card(doi="see the journal").provenance.sources[1:] == ()


def test_a_withdrawal_is_noted() -> None:
    (note,) = card(comment="This paper has been withdrawn by the authors").notes
    assert note.text == "Withdrawn: arXiv's comment on version 2 says so."


AWKWARD = ("A = B & C | $d_e$ # 100%", "- x: [y] {z}", "'q' \"r\" `s`", "null", "2025", "𝔽 " * 60)


@pytest.mark.parametrize("title", AWKWARD)
def test_an_awkward_title_makes_a_valid_card(title: str) -> None:
    assert card(title=title).title == " ".join(title.split())
