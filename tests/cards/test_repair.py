"""`tooling check --fix` writes what needs no judgement, changes no other byte, and leaves the rest to a person."""

import difflib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cards.shelf import Shelf, new_shelf
from tooling.cards.advice import advice
from tooling.cards.check import Wish, run_check
from tooling.cards.lock import lock
from tooling.cards.repair import REPAIRS, repair
from tooling.cli import main
from tooling.errors import Invalid, TryLater

CARD = "silent-sums"
SPOILED = [
    # code, what is changed in the card, and the line that the repair leaves
    ("not-quoted", ("arxiv: hep-th/9901001", "arxiv: 2501.10000"), "arxiv: '2501.10000'"),
    ("not-an-arxiv-id", ("arxiv: hep-th/9901001", "arxiv: arXiv:hep-th/9901001"), "arxiv: 'hep-th/9901001'"),
    ("old-address", ("{paper: 'https://arxiv.org/abs/hep-th/9901001'}", "{paper: http://arxiv.org/pdf/hep-th/9901001v3}"),
     "links: {paper: https://arxiv.org/abs/hep-th/9901001}"),
    ("old-address", ("{paper: 'https://arxiv.org/abs/hep-th/9901001'}", "{code: 'http://github.com/a/b?utm_source=x&tab=y'}"),
     "links: {code: 'https://github.com/a/b?tab=y'}"),
    ("duplicate-value", ("topics: [sums]", "topics: [sums, patience, sums]"), "topics: [sums, patience]"),
    ("duplicate-value", ("related: [counting-aloud]", "related:\n- counting-aloud # first\n- counting-aloud"),
     "- counting-aloud # first"),
    ("self-link", ("related: [counting-aloud]", "related: [silent-sums, counting-aloud]"), "related: [counting-aloud]"),
    ("self-link", ("related: [counting-aloud]", "related: [silent-sums]"), None),
    ("missing-card", ("related: [counting-aloud]", "related: [count-aloud] # the old name"),
     "related: [counting-aloud] # the old name"),
    ("missing-card", ("supports: [counting-aloud/twice-the-price]", "supports: [count-aloud/twice-the-price]"),
     "  supports: [counting-aloud/twice-the-price]"),
    ("unknown-term", ("topics: [sums]", "topics: [addition]"), "topics: [sums]"),
    ("title-period", ("title: Silent Sums", "title: Silent Sums."), "title: Silent Sums"),
    ("control-character", ("title: Silent Sums", "title: Silent\u200b Sums"), "title: Silent Sums"),
    ("stray-space", ("place: Section 3, confidence: secondary}", "place: Section 3, confidence: secondary}  "), None),
    ("old-address", ("provenance: {}", "provenance: {sources: ['http://github.com/a/b (line 3)']}"),
     "provenance: {sources: ['https://github.com/a/b (line 3)']}"),
    ("stray-space", ("topics: [sums]\n", "topics: [sums]\r\n"), "topics: [sums]"),
    ("stray-space", ("provenance: {}\n", "provenance: {}"), "provenance: {}"),
    ("not-composed", ("- Max Quiet Jr.", "- Ma\u0301x Quiet Jr."), "- M\u00e1x Quiet Jr."),
    ("html", ("title: Silent Sums", "title: Silent &amp; Sums"), "title: Silent & Sums"),
    ("html", ("- Max Quiet Jr.", "- M&aacute;x Quiet Jr. # the first"), "- M\u00e1x Quiet Jr. # the first"),
    ("double-blank", ("title: Silent Sums", "title: Silent  Sums"), "title: Silent Sums"),
    ("stale-origin", ("provenance: {}", "provenance: {sources: [the survey], fields: {venue: arxiv, title: arxiv}}"),
     "provenance: {sources: [the survey], fields: {title: arxiv}}"),
    ("stale-origin", ("provenance: {}", "provenance:\n  sources: [the survey]\n  fields:\n    links.code: arxiv"),
     "  sources: [the survey]"),
    ("not-later", ("date: 1999-01-04", "version_read: 2\nversion_latest: 2\ndate: 1999-01-04"), "version_read: 2"),
    ("key-order", ("kind: paper\ntitle: Silent Sums\n", "# top\ntitle: Silent Sums\n# x\nkind: paper\n"), "# top"),
    ("unnamed-script", None, "repro: repro/silent-sums/run.py"),
    ("wrong-script", ("citation_key:", "repro: repro/other/run.py\ncitation_key:"), "repro: repro/silent-sums/run.py"),
]  # fmt: skip


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return new_shelf(tmp_path)


@pytest.fixture
def repository(shelf: Shelf) -> Shelf:
    """The library in what the command takes for a repository."""
    (shelf.root / "mkdocs.yml").write_text("", encoding="utf-8")
    return shelf


def spoiled(shelf: Shelf, change: tuple[str, str] | None) -> str:
    """The text of the card after the change; without one, a script appears that the card does not name."""
    if change:
        shelf.spoil(CARD, *change)
    if change is None or "repro:" in change[1]:
        folder = shelf.root / "repro" / CARD
        folder.mkdir()
        (folder / "run.py").write_text("", encoding="utf-8")
    return shelf.text(CARD)


def codes(shelf: Shelf) -> list[str]:
    """The codes of all problems of the library."""
    return [problem.code for problem in [*shelf.problems(), *advice(shelf.library())]]


@pytest.mark.parametrize(("code", "change", "line"), SPOILED)
def test_a_repair_removes_its_problem_and_changes_its_own_line_only(
    shelf: Shelf, code: str, change: tuple[str, str] | None, line: str | None
) -> None:
    before = spoiled(shelf, change)
    assert code in codes(shelf)
    run_until_sound(shelf)
    assert code not in codes(shelf)
    after = shelf.text(CARD)
    changed = [each for each in difflib.ndiff(before.splitlines(), after.splitlines()) if each[0] in "+-"]
    assert len(changed) <= 2, changed
    assert line is None or line in after.splitlines()


def run_until_sound(shelf: Shelf) -> None:
    """Repair; a problem that only a person can solve may be left, and then nothing changes any more."""
    for _ in range(2):
        try:
            run_check(shelf.root, Wish(fix=True))
        except Invalid:
            continue


def test_every_repair_is_tried_by_a_spoiled_card() -> None:
    assert {code for code, _, _ in SPOILED} == set(REPAIRS)


@pytest.mark.parametrize(("code", "change", "line"), SPOILED)
def test_a_second_repair_changes_nothing(
    shelf: Shelf, code: str, change: tuple[str, str] | None, line: str | None
) -> None:
    spoiled(shelf, change)
    run_until_sound(shelf)
    once = shelf.text(CARD)
    run_until_sound(shelf)
    assert shelf.text(CARD) == once


def test_the_digits_of_the_file_are_quoted_and_not_those_of_the_number(shelf: Shelf) -> None:
    shelf.spoil(CARD, "arxiv: hep-th/9901001", "arxiv: 2501.01230")
    run_until_sound(shelf)
    assert "arxiv: '2501.01230'" in shelf.text(CARD)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        # a likeness is no certainty, a version may or may not have been read, a key has a value of its own
        ("related: [counting-aloud]", "related: [counting-allowed]", "missing-card"),
        ("topics: [sums]", "topics: [summs]", "unknown-term"),
        ("arxiv: hep-th/9901001", "arxiv: hep-th/9901001v2", "not-an-arxiv-id"),
        ("methods: {counting: }", "methods: {counting: , group-relative-policy-optimization: yes}", "unknown-term"),
        ("title: Silent Sums", "title: Silent $x$ \\\\emph{Sums}", "latex-title"),
    ],
)
def test_what_takes_a_person_is_left_as_it_is(shelf: Shelf, old: str, new: str, code: str) -> None:
    shelf.spoil(CARD, old, new)
    before = shelf.text(CARD)
    assert code in codes(shelf)
    run_until_sound(shelf)
    assert shelf.text(CARD) == before
    assert code in codes(shelf)


def test_several_problems_of_one_file_are_repaired_together(shelf: Shelf) -> None:
    shelf.spoil(CARD, "title: Silent Sums", "title: Silent Sums.")
    shelf.spoil(CARD, "topics: [sums]", "topics: [sums, patience, sums]")
    shelf.spoil(CARD, "related: [counting-aloud]", "related: [silent-sums, count-aloud]")
    run_check(shelf.root, Wish(fix=True))
    assert "related: [counting-aloud]" in shelf.text(CARD)


def test_a_dry_run_prints_a_diff_and_writes_nothing(repository: Shelf) -> None:
    repository.spoil(CARD, "title: Silent Sums", "title: Silent Sums.")
    before = repository.text(CARD)
    done = CliRunner().invoke(main, ["check", "--fix", "--dry-run", "--root", str(repository.root)])
    assert done.exit_code == 5
    assert "-title: Silent Sums.\n+title: Silent Sums\n" in done.stdout
    assert done.stdout.startswith(f"--- a/papers/{CARD}.yaml\n+++ b/papers/{CARD}.yaml\n")
    assert "would repair papers/silent-sums.yaml:2: `title` ends in a period" in done.stderr
    assert repository.text(CARD) == before


def test_repairing_says_what_it_did_and_ends_well(repository: Shelf) -> None:
    repository.spoil(CARD, "title: Silent Sums", "title: Silent Sums.")
    done = CliRunner().invoke(main, ["check", "--fix", "--root", str(repository.root)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert "repaired papers/silent-sums.yaml:2" in done.stderr and "no problems" in done.stderr


def test_json_tells_which_problems_can_be_repaired(repository: Shelf) -> None:
    repository.spoil(CARD, "related: [counting-aloud]", "related: [silent-sums, nobody]")
    done = CliRunner().invoke(main, ["check", "--json", "--root", str(repository.root)])
    found = {
        problem["code"]: problem for problem in json.loads(done.stdout) if problem["path"].endswith(f"{CARD}.yaml")
    }
    assert {code: (problem["severity"], problem["fixable"]) for code, problem in found.items()} == {
        "self-link": ("error", True),
        "missing-card": ("error", False),
        "unread-version": ("advice", False),
    }
    assert found["missing-card"]["place"] == ["related", 1]


def test_a_file_that_cannot_be_parsed_is_left_alone(shelf: Shelf) -> None:
    shelf.write(CARD, "title: a: b\n")
    with pytest.raises(Invalid):
        run_check(shelf.root, Wish(fix=True))
    assert shelf.text(CARD) == "title: a: b\n"


def test_nothing_is_written_while_another_process_writes_cards(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.spoil(CARD, "title: Silent Sums", "title: Silent Sums.")
    monkeypatch.setattr("tooling.cards.repair._WRITING_SECONDS", 0.1)
    before = shelf.text(CARD)
    with lock(shelf.root / ".build" / "papers.lock", seconds=1.0), pytest.raises(TryLater, match="another process"):
        run_check(shelf.root, Wish(fix=True))
    assert shelf.text(CARD) == before


def test_a_repair_that_would_bring_a_new_problem_is_not_made(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.spoil(CARD, "title: Silent Sums", "title: Silent Sums.")
    monkeypatch.setitem(REPAIRS, "title-period", lambda text, _problem, _library: text.replace("kind: paper\n", ""))
    assert list(repair(shelf.library(), shelf.problems())) == []
