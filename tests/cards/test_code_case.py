"""Every code has a card, or what lies around it, that brings it about."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards.advice import advice
from tooling.cards.code import CODES
from tooling.cards.document import parse_document
from tooling.cards.translation import translate
from tooling.cards.value import Strictly

CARD = "silent-sums"
Spoiler = Callable[[Shelf], object]


def changed(old: str, new: str, name: str = CARD) -> Spoiler:
    """Something else in a card."""
    return lambda shelf: shelf.spoil(name, old, new)


def written(text: str, name: str = CARD) -> Spoiler:
    """Another text in place of a card."""
    return lambda shelf: shelf.write(name, text)


def bytes_written(data: bytes) -> Spoiler:
    """Other bytes in place of a card."""
    return lambda shelf: (shelf.papers / f"{CARD}.yaml").write_bytes(data)


def folder_instead(shelf: Shelf) -> None:
    """A folder where the card was."""
    (shelf.papers / f"{CARD}.yaml").unlink()
    (shelf.papers / f"{CARD}.yaml").mkdir()


def unnamed_script(shelf: Shelf) -> None:
    """A script that its card does not name."""
    (shelf.root / "repro" / CARD).mkdir()
    (shelf.root / "repro" / CARD / "run.py").write_text("", encoding="utf-8")


def result_written(text: str) -> Spoiler:
    """A result file of the work that has a script."""

    def spoil(shelf: Shelf) -> None:
        folder = shelf.root / "repro" / "counting-aloud" / "results"
        folder.mkdir()
        (folder / "mini.json").write_text(text, encoding="utf-8")

    return spoil


STATEMENT = "statement: Silence is enough."
REPORTED = "reported: 99 per cent."
TIE = "supports: [counting-aloud/twice-the-price]"
KEY = "citation_key: quiet1999silent"
ARXIV = "arxiv: hep-th/9901001"
PLACE = "address: 'https://arxiv.org/abs/hep-th/9901001', place: Section 3, confidence: secondary"
SUMMARY = "Is silence enough for sums? It was, on apples."

CASES: dict[str, Spoiler] = {
    "unreadable": folder_instead,
    "encoding": bytes_written(b"title: \xff\n"),
    "too-large": written("title: " + "x" * 600_000),
    "too-deep": written("title: " + "[" * 30 + "]" * 30),
    "yaml": written("title: a: b\n"),
    "alias": written("title: &a b\n"),
    "tag": written("title: !x b\n"),
    "duplicate-key": changed("title: Silent Sums", "title: Silent Sums\ntitle: Silent Sums"),
    "control-character": changed("title: Silent Sums", "title: Silent\u200bSums"),
    "no-vocabulary": lambda shelf: (shelf.papers / "_vocabulary.yaml").unlink(),
    "file-name": lambda shelf: (shelf.papers / "other.yml").write_text("", encoding="utf-8"),
    "empty": changed("title: Silent Sums", "title:"),
    "missing-key": changed("title: Silent Sums\n", ""),
    "unknown-key": changed("title: Silent Sums", "title: Silent Sums\nname: Silent Sums"),
    "unknown-word": changed("kind: analogue", "kind: similar"),
    "wrong-type": changed("topics: [sums]", "topics: sums"),
    "not-quoted": changed(ARXIV, "arxiv: 2501.10000"),
    "too-small": changed(ARXIV, f"{ARXIV}\nversion_read: 0"),
    "too-many": changed("question: [new-abilities]", "question: [new-abilities, what-it-costs, sums]"),
    "duplicate-value": changed("topics: [sums]", "topics: [sums, sums]"),
    "unwritten": changed("draft: true\n", "", "waiting-room"),
    "not-one-line": changed("title: Silent Sums", "title: |-\n  Silent\n  Sums"),
    "not-kebab-case": changed("topics: [sums]", "topics: [All Sums]"),
    "not-an-address": changed("{paper: 'https://arxiv.org/abs/hep-th/9901001'}", "{paper: arxiv.org}"),
    "not-a-source": changed("provenance: {}", "provenance: {sources: [hearsay]}"),
    "not-an-arxiv-id": changed(ARXIV, "arxiv: hep-th/9913001"),
    "not-a-date": changed("date: 1999-01-04", "date: 1999-02-30"),
    "not-an-author": changed("- Max Quiet Jr.", "- Max Quiet Jr.\n- ':'"),
    "not-a-category": changed(ARXIV, f"{ARXIV}\ncategory: Physics"),
    "not-a-claim-key": changed(TIE, "supports: [counting-aloud]"),
    "not-a-citation-key": changed(KEY, "citation_key: ünal1999silent"),
    "summary": changed(SUMMARY, "Silence is enough."),
    "title-period": changed("title: Silent Sums", "title: Silent Sums."),
    "latex-title": changed("title: Silent Sums", r"title: Silent \emph{Sums}"),
    "latex-name": changed("- Max Quiet Jr.", r"- M\'{a}x Quiet"),
    "html": changed("title: Silent Sums", "title: Silent <i>Sums</i>"),
    "double-blank": changed("title: Silent Sums", "title: Silent  Sums"),
    "future-date": changed("date: 1999-01-04", "date: 2999-01-04"),
    "late-date": changed("date: 1999-01-04", "date: 1999-02-04"),
    "version_read": changed(ARXIV, "version_read: 1"),
    "not-later": changed(ARXIV, f"{ARXIV}\nversion_read: 3\nversion_latest: 2"),
    "stale-origin": changed("provenance: {}", "provenance: {fields: {links.code: arxiv}}"),
    "double-text": changed("related:", "notes:\n- {kind: fact, text: One., by: survey}\n"
                           "- {kind: opinion, text: one., by: curator}\nrelated:"),
    "stray-space": changed("title: Silent Sums", "title: Silent Sums "),
    "not-composed": changed("title: Silent Sums", "title: Silent Su\u0308ms"),
    "old-address": changed("{paper: 'https://arxiv.org/abs/", "{paper: 'http://arxiv.org/abs/"),
    "other-work": changed("{paper: 'https://arxiv.org/abs/hep-th/9901001'}", "{paper: 'https://arxiv.org/abs/2501.12590'}"),
    "duplicate-claim": changed("- id: twice-the-price", "- id: aloud-beats-silent", "counting-aloud"),
    "statement": changed(STATEMENT, "statement: silence"),
    "reported": changed(f"  {REPORTED}\n", ""),
    "confidence": changed("confidence: secondary", "confidence: unlocated"),
    "untestable": changed(TIE, "untestable: It is silent."),
    "other-source": changed(PLACE, "address: 'https://arxiv.org/abs/2501.12590', place: Section 3, confidence: paper"),
    "at-odds": changed(TIE, "supports: [counting-aloud/aloud-beats-silent]"),
    "both-ways": changed(TIE, f"{TIE}\n  contradicts: [counting-aloud/twice-the-price]"),
    "unknown-term": changed("topics: [sums]", "topics: [subtraction]"),
    "unused-term": changed("topics: [sums, patience]", "topics: [sums]", "counting-aloud"),
    "double-name": changed("name: Patience", "name: Addition", "_vocabulary"),
    "missing-card": changed("related: [counting-aloud]", "related: [nobody]"),
    "missing-claim": changed(TIE, "supports: [counting-aloud/nothing]"),
    "self-link": changed("related: [counting-aloud]", "related: [silent-sums]"),
    "double-arxiv": changed(ARXIV, "arxiv: '2501.12590'"),
    "double-citation-key": changed(KEY, "citation_key: Bead2025Counting"),
    "alias-taken": changed("related: [counting-aloud]", "aliases: [waiting-room]"),
    "unnamed-script": unnamed_script,
    "wrong-script": changed("repro: repro/counting-aloud/run.py", "repro: repro/other/run.py", "counting-aloud"),
    "lost-outcomes": result_written('{"recording": 1, "claims": {}}'),
    "missing-script": changed(KEY, f"repro: repro/{CARD}/run.py\n{KEY}"),
    "key-order": changed("kind: paper\ntitle: Silent Sums\n", "title: Silent Sums\nkind: paper\n"),
    "tied-twice": changed(TIE, "contradicts: [counting-aloud/aloud-beats-silent]"),
    "author-form": changed("- Max Quiet Jr.", "- Quiet, Max"),
    "double-author": changed("- Max Quiet Jr.", "- Max Quiet\n- Max Quiet"),
    "unread-version": lambda shelf: None,
    "coarse-date": changed("date: 1999-01-04", "date: 1999-01"),
    "no-place": changed(PLACE, PLACE.replace("Section 3", "null").replace("secondary", "paper")),
    "early-venue": changed("topics: [sums]", "venue: STOC 1998\ntopics: [sums]"),
    "key-year": changed(KEY, "citation_key: quiet2001silent"),
    "no-paper-link": changed("{paper: 'https://arxiv.org/abs/hep-th/9901001'}", "{code: 'https://github.com/a/b'}"),
    "double-link": changed("{paper: 'https://arxiv.org/abs/hep-th/9901001'}",
                           "{paper: 'https://arxiv.org/abs/hep-th/9901001', blog: 'https://arxiv.org/abs/hep-th/9901001'}"),
    "twin": changed("title: The Waiting Room", "title: Silent sums", "waiting-room"),
    "finished-draft": changed("title: Silent Sums", "draft: true\ntitle: Silent Sums"),
}  # fmt: skip


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return new_shelf(tmp_path)


def test_each_code_has_its_case() -> None:
    # what the schema may come to refuse without words of ours: no card brings it about today
    assert set(CASES) == set(CODES) - {"invalid"}


class Narrow(Strictly):
    """A part of a card with a bound that the translation has no words for."""

    number: Annotated[int, Field(le=3)]


def test_what_the_schema_refuses_without_words_of_ours_is_called_invalid() -> None:
    document = parse_document("number: 4\n", "papers/x.yaml")
    with pytest.raises(ValidationError) as caught:
        Narrow.model_validate(document.value)
    assert [problem.code for problem in translate(caught.value, document, model=Narrow)] == ["invalid"]


@pytest.mark.parametrize("code", CASES)
def test_a_case_brings_its_code_about_with_its_severity(shelf: Shelf, code: str) -> None:
    CASES[code](shelf)
    errors = {problem.code for problem in shelf.problems()}
    advised = {problem.code for problem in advice(shelf.library())}
    assert code in (errors if CODES[code].severity == "error" else advised), (errors, advised)
    assert errors <= {name for name, each in CODES.items() if each.severity == "error"}
    assert advised <= {name for name, each in CODES.items() if each.severity == "advice"}


def test_the_library_that_is_spoiled_has_no_other_problem(shelf: Shelf) -> None:
    assert shelf.problems() == []
    # an arXiv id without a version, and a mark of a draft at the end of its card
    assert [problem.code for problem in advice(shelf.library())] == ["unread-version", "key-order"]
