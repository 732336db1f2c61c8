"""Adding works: each once, as a valid card, with nothing half done."""

import io
import json
import os
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.cards.shelf import Shelf, new_shelf
from tests.servers import arxiv as server
from tests.servers.arxiv import ArxivServer, Work
from tooling.cards import add, add_paper, source, talk
from tooling.cards.add import add_papers
from tooling.cards.identifier import Identifier
from tooling.cards.load import InvalidLibrary
from tooling.cards.record import Record
from tooling.errors import Exists, Invalid, NotFound, TryLater, UsageError


@dataclass
class Rig:
    """A library, a server that `add_papers` will ask, and what was printed."""

    shelf: Shelf
    server: ArxivServer
    capture: pytest.CaptureFixture[str]

    def add(self, *identifiers: str, **options: object) -> list[str]:
        """Add the works; the lines on stdout."""
        add_papers(self.shelf.root, identifiers, **options)
        return self.capture.readouterr().out.splitlines()

    def refused(self, kind: type[Exception], *identifiers: str, **options: object) -> str:
        """Add the works; the message of the refusal, which must be of this kind."""
        with pytest.raises(kind) as refusal:
            add_papers(self.shelf.root, identifiers, **options)
        return str(refusal.value)

    def card(self, slug: str) -> dict[str, object]:
        """The keys of a card's file."""
        card: dict[str, object] = yaml.safe_load(self.shelf.text(slug))
        return card

    def faults(self) -> list[str]:
        """What `tooling check` finds beside the judgement that no machine writes."""
        return [str(problem) for problem in self.shelf.problems() if problem.code != "unwritten"]

    def files(self) -> dict[str, tuple[bytes, int]]:
        """Every file of the library's folder, with its time of change."""
        return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in self.shelf.papers.iterdir()}


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Rig]:
    """A rig with a library of three works and a server that knows a few more."""
    shelf = new_shelf(tmp_path)
    (shelf.root / "mkdocs.yml").touch()
    monkeypatch.chdir(shelf.root)
    with ArxivServer() as running:
        running.add(
            Work("2503.20783", title="Foo-RL: A Study", version=2, abstract="We use GRPO."),
            Work("2503.20784", title="Foo-RL: Another"),
            Work("hep-th/9901002", title="Strings", published="1999-01-04T10:00:00Z"),
            Work("math/0309136", title="Knots", published="2003-09-08T10:00:00Z"),
        )
        monkeypatch.setenv("TOOLING_ARXIV_URL", running.address)
        monkeypatch.setenv("TOOLING_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("TOOLING_ARXIV_PACE", "0.01")
        monkeypatch.setenv("TOOLING_ARXIV_PATIENCE", "1")
        yield Rig(shelf, running, capsys)


FORMS = {
    "2503.20783": ("foo-rl", "2025-03-26", 2),
    "2503.20783v1": ("foo-rl", "2025-03-26", 1),
    "arXiv:2503.20783v2 [cs.LG]": ("foo-rl", "2025-03-26", 2),
    "https://arxiv.org/abs/2503.20783": ("foo-rl", "2025-03-26", 2),
    "https://arxiv.org/pdf/2503.20783v1.pdf": ("foo-rl", "2025-03-26", 1),
    "hep-th/9901002": ("strings", "1999-01-04", 1),
    "math.GT/0309136": ("knots", "2003-09-08", 1),
}


@pytest.mark.parametrize(("form", "expected"), FORMS.items())
def test_each_form_makes_one_valid_card_with_every_author_and_the_first_date(
    rig: Rig, form: str, expected: tuple[str, str, int]
) -> None:
    slug, day, version = expected
    before = rig.files()
    assert rig.add(form) == [f"papers/{slug}.yaml"]
    assert rig.files().keys() - before.keys() == {f"{slug}.yaml"}
    card = rig.card(slug)
    assert (card["authors"], card["date"], card["version_read"]) == (["Ada Lovelace", "Charles Babbage"], day, version)
    assert rig.faults() == []


def test_the_file_is_laid_out_as_the_house_does(rig: Rig) -> None:
    rig.add("2503.20783")
    expected = """\
kind: paper
title: 'Foo-RL: A Study'
authors:
- Ada Lovelace
- Charles Babbage
arxiv: '2503.20783'
version_read: 2
date: '2025-03-26'
category: cs.LG
methods:
  grpo:
links:
  paper: https://arxiv.org/abs/2503.20783
citation_key: lovelace2025foo
provenance:
  sources:
  - https://arxiv.org/abs/2503.20783v2
  fields:
    title: arxiv
    authors: arxiv
    arxiv: arxiv
    version_read: arxiv
    date: arxiv
    category: arxiv
    methods: suggested from title and abstract
    links.paper: arxiv
"""
    assert rig.shelf.text("foo-rl") == expected


def test_a_new_card_is_a_problem_until_a_person_writes_it_or_marks_it_as_a_draft(rig: Rig) -> None:
    rig.add("2503.20783")
    (line,) = rig.shelf.lines()
    assert line == (
        "papers/foo-rl.yaml:1: the file is still to be written: summary, claims; "
        "write them, or mark the card with `draft: true`"
    )
    rig.add("2503.20784", draft=True)
    assert rig.card("foo-rl-2")["draft"] is True
    assert rig.shelf.lines() == [line]
    rig.shelf.spoil("foo-rl", "citation_key", "summary: It asked. It found.\ncitation_key")
    assert rig.shelf.lines() == []


def test_two_hundred_authors_are_all_on_the_card(rig: Rig) -> None:
    names = [f"Née Person{number}" for number in range(200)]
    decomposed = tuple(unicodedata.normalize("NFD", name) for name in names)
    rig.server.add(Work("2503.00001", title="Crowd", authors=decomposed))
    rig.add("2503.00001")
    assert rig.card("crowd")["authors"] == names
    assert rig.faults() == []


@pytest.mark.parametrize(
    ("typed", "title"),
    {
        r"$\tau$-bench: R\'enyi's   $n^2$" "\n  & Co = 100\\% | ok": "τ-bench: Rényi's n² & Co = 100% | ok",
        "深度学习的推理 𝔽": "深度学习的推理 𝔽",
        "- [a]: {b} # c": "- [a]: {b} # c",
        "Word " * 60 + "end": "Word " * 60 + "end",
    }.items(),
)
def test_a_title_in_any_script_and_tex_makes_a_valid_card(rig: Rig, typed: str, title: str) -> None:
    rig.server.add(Work("2503.00001", title=typed))
    (path,) = rig.add("2503.00001")
    assert rig.card(Path(path).stem)["title"] == title
    assert rig.faults() == []


def test_the_second_time_nothing_is_touched_or_asked(rig: Rig) -> None:
    rig.add("2503.20783")
    before, requests = rig.files(), len(rig.server.requests)
    for form in ("2503.20783", "2503.20783v2", "https://huggingface.co/papers/2503.20783"):
        add_papers(rig.shelf.root, [form])
        printed = rig.capture.readouterr()
        assert printed.out == "papers/foo-rl.yaml\n"
        assert printed.err == "`2503.20783` is already papers/foo-rl.yaml; nothing changed\n"
    assert rig.files() == before
    assert len(rig.server.requests) == requests


def test_a_work_that_is_there_leaves_no_lock_no_scratch_and_no_cache(rig: Rig, tmp_path: Path) -> None:
    assert rig.add("arXiv:2501.12590v1") == ["papers/counting-aloud.yaml"]
    assert not (rig.shelf.root / ".build").exists()
    assert not (tmp_path / "cache").exists()


def test_a_card_whose_name_was_changed_is_still_the_work(rig: Rig) -> None:
    rig.add("2503.20783")
    text = rig.shelf.text("foo-rl")
    (rig.shelf.papers / "foo-rl.yaml").unlink()
    rig.shelf.write("bar", text.replace("citation_key", "aliases:\n- foo-rl\ncitation_key"))
    assert rig.add("2503.20783") == ["papers/bar.yaml"]
    # the old name stays reserved for the old address
    assert rig.add("2503.20784") == ["papers/foo-rl-2.yaml"]


def test_one_work_named_twice_in_one_call_is_one_card(rig: Rig) -> None:
    add_papers(rig.shelf.root, ["2503.20783v1", "https://arxiv.org/abs/2503.20783", "arXiv:2503.20783v2"])
    printed = rig.capture.readouterr()
    assert printed.out == "papers/foo-rl.yaml\n"
    assert printed.err.count("\n") == 1
    assert rig.card("foo-rl")["version_read"] == 1


def test_works_of_one_call_get_names_and_keys_of_their_own(rig: Rig) -> None:
    assert rig.add("2503.20783", "2503.20784") == ["papers/foo-rl.yaml", "papers/foo-rl-2.yaml"]
    assert {rig.card("foo-rl")["citation_key"], rig.card("foo-rl-2")["citation_key"]} == {
        "lovelace2025foo",
        "lovelace2025foob",
    }
    assert len(rig.server.requests) == 1
    assert rig.faults() == []


def test_a_slug_can_be_chosen(rig: Rig) -> None:
    assert rig.add("2503.20783", slug="my-name") == ["papers/my-name.yaml"]
    assert rig.add("2503.20783", slug="my-name") == ["papers/my-name.yaml"]
    assert "a work has one card" in rig.refused(Exists, "2503.20783", slug="other")
    assert "another work's card" in rig.refused(Exists, "2503.20784", slug="my-name")


@pytest.mark.parametrize("slug", ["", "Foo", "a b", "../x", "a/b", "-a", "a--b", "index", "é", "a\n", "x" * 101])
def test_a_slug_that_cannot_be_a_file_is_refused(rig: Rig, slug: str) -> None:
    assert "cannot be a file stem" in rig.refused(UsageError, "2503.20783", slug=slug)
    assert not rig.server.requests


def test_a_slug_names_one_work(rig: Rig) -> None:
    assert "but 2 works were given" in rig.refused(UsageError, "2503.20783", "2503.20784", slug="foo")


def test_a_title_that_the_library_has_under_another_name_is_refused_with_both_remedies(rig: Rig) -> None:
    rig.server.add(Work("2503.00001", title="FOO-RL — a study!"))
    rig.add("2503.20783")
    message = rig.refused(Exists, "2503.00001")
    assert "papers/foo-rl.yaml has the title of `2503.00001`" in message
    assert "pass `--slug`" in message
    assert rig.add("2503.00001", slug="foo-rl-again") == ["papers/foo-rl-again.yaml"]


def test_impossible_identifiers_are_all_refused_before_anything_is_asked(rig: Rig) -> None:
    before = rig.files()
    message = rig.refused(UsageError, "2503.20783", "2513.00001", "soon")
    assert message.splitlines() == [
        "cannot read `2513.00001` as an arXiv id: there is no month 13",
        "cannot read `soon` as an arXiv id: ids look like `2503.20783` or, before April 2007, `hep-th/9901001`; "
        "a title of one word is given in quotes of its own",
    ]
    assert rig.files() == before
    assert not rig.server.requests


def test_unknown_works_are_named_after_the_others_are_written(rig: Rig) -> None:
    message = rig.refused(NotFound, "2503.99999", "2503.20783", "2503.99998")
    assert [line[:32] for line in message.splitlines()] == [
        "arXiv has no work `2503.99999` (",
        "arXiv has no work `2503.99998` (",
    ]
    assert rig.capture.readouterr().out == "papers/foo-rl.yaml\n"
    assert rig.faults() == []


def test_a_version_that_does_not_exist_is_not_found(rig: Rig) -> None:
    assert "`2503.20783` has 2 versions on arXiv and no v7" in rig.refused(NotFound, "2503.20783v7")


def test_a_failing_service_leaves_nothing(rig: Rig) -> None:
    rig.server.always = server.cut()
    before = rig.files()
    message = rig.refused(TryLater, "2503.20783", "2503.20784")
    assert message.endswith("; nothing was written")
    assert rig.files() == before


def test_a_dry_run_prints_the_card_and_writes_nothing(rig: Rig) -> None:
    before = rig.files()
    printed = "\n".join(rig.add("2503.20783", "2503.20784", dry_run=True))
    first, second = yaml.safe_load_all(printed)
    assert (first["title"], second["title"]) == ("Foo-RL: A Study", "Foo-RL: Another")
    assert printed.startswith("# papers/foo-rl.yaml\nkind: paper\n")
    assert rig.files() == before
    assert not (rig.shelf.root / ".build").exists()


def test_json_tells_what_became_of_each(rig: Rig) -> None:
    rig.add("2503.20783")
    found = json.loads("\n".join(rig.add("arXiv:2503.20783", "2503.20784", as_json=True)))
    assert found == [
        {"given": "arXiv:2503.20783", "arxiv": "2503.20783", "state": "present", "path": "papers/foo-rl.yaml"},
        {"given": "2503.20784", "arxiv": "2503.20784", "state": "added", "path": "papers/foo-rl-2.yaml"},
    ]
    (preview,) = json.loads("\n".join(rig.add("hep-th/9901002", as_json=True, dry_run=True)))
    assert preview["state"] == "would add"
    assert yaml.safe_load(preview["text"])["title"] == "Strings"


def test_offline_uses_the_cache_alone(rig: Rig) -> None:
    assert "no answer about `2503.20783` is cached" in rig.refused(TryLater, "2503.20783", offline=True)
    rig.add("2503.20783")
    (rig.shelf.papers / "foo-rl.yaml").unlink()
    rig.server.always = server.status(500)
    assert rig.add("2503.20783", offline=True) == ["papers/foo-rl.yaml"]
    assert len(rig.server.requests) == 1


def test_a_broken_library_is_repaired_first(rig: Rig) -> None:
    rig.shelf.write("broken", "kind: [")
    assert "papers/broken.yaml:" in rig.refused(InvalidLibrary, "2503.20783")
    assert not rig.server.requests


def test_a_card_that_another_process_adds_meanwhile_is_found(rig: Rig) -> None:
    def meanwhile(works: Sequence[Identifier]) -> Iterator[Mapping[str, Record]]:
        add_papers(rig.shelf.root, [work.bare for work in works], slug="from-elsewhere")
        yield from source.cached(works)

    assert add_paper("2503.20783", source=meanwhile) == rig.shelf.papers / "from-elsewhere.yaml"
    assert rig.files().keys() & {"foo-rl.yaml"} == set()


def test_a_file_that_appears_at_the_last_moment_is_not_overwritten(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    create = add.create_file

    def late(path: Path, text: str) -> None:
        path.write_text("mine")
        create(path, text)

    monkeypatch.setattr(add, "create_file", late)
    assert "has appeared meanwhile" in rig.refused(Exists, "2503.20783")
    assert rig.shelf.text("foo-rl") == "mine"


def test_a_disk_that_fills_up_is_named_with_what_was_written(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    create = add.create_file

    def full(path: Path, text: str) -> None:
        if path.stem == "foo-rl-2":
            raise OSError(28, os.strerror(28))
        create(path, text)

    monkeypatch.setattr(add, "create_file", full)
    message = rig.refused(TryLater, "2503.20783", "2503.20784")
    assert (
        message == "cannot write papers/foo-rl-2.yaml (no space left on device); "
        "written before it: 1 card; the same command goes on there"
    )
    assert rig.capture.readouterr().out == "papers/foo-rl.yaml\n"


def test_a_work_of_which_no_valid_card_can_be_made_is_refused_after_the_others(rig: Rig) -> None:
    rig.server.add(Work("2503.00001", title="Nobody", authors=(":", "-")), Work("2503.00002", title="\u200b\u202e"))
    message = rig.refused(Invalid, "2503.00001", "2503.00002", "2503.20783")
    assert [line[:60] for line in message.splitlines()] == [
        "what arXiv says of `2503.00001` makes no valid card: `author",
        "what arXiv says of `2503.00002` makes no valid card: `title`",
    ]
    assert rig.capture.readouterr().out == "papers/foo-rl.yaml\n"


def test_a_repository_that_cannot_be_written_is_named(rig: Rig) -> None:
    (rig.shelf.root / ".build").write_text("a file where a folder should be")
    message = rig.refused(TryLater, "2503.20783")
    assert message == f"cannot write below `{rig.shelf.root}` (file exists); nothing was written"


def test_a_withdrawn_work_is_said_to_be(rig: Rig) -> None:
    comment = "Withdrawn because of an error\u202e in Lemma 2"
    rig.server.add(Work("2503.00001", title="Gone", version=3, comment=comment))
    add_papers(rig.shelf.root, ["2503.00001"])
    said = rig.capture.readouterr().err
    assert "`2503.00001` was withdrawn, says its comment: `Withdrawn because of an error? in Lemma 2`" in said
    assert rig.card("gone")["notes"][0]["text"].startswith("Withdrawn")  # type: ignore[index]


class Screen(io.StringIO):
    """A terminal that keeps what is shown on it."""

    def isatty(self) -> bool:
        return True


def test_who_waits_for_several_works_sees_a_bar_and_nobody_else(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown = {}
    for seconds, work in ((60.0, "2503.20784"), (0.0, "math/0309136")):
        monkeypatch.setattr(talk, "_BAR_AFTER_SECONDS", seconds)
        screen = Screen()
        monkeypatch.setattr(sys, "stderr", screen)
        add_papers(rig.shelf.root, [work, "hep-th/9901002"], dry_run=True)
        shown[seconds] = screen.getvalue()
    assert "asking arXiv" not in shown[60.0]
    assert "asking arXiv" in shown[0.0]
    assert "2/2" in shown[0.0]
    # what is said stands beside the bar
    assert "would add papers/knots.yaml" in shown[0.0]


def test_add_paper_returns_the_path_whether_or_not_it_was_there(rig: Rig) -> None:
    made = add_paper("2503.20783", slug="my-name")
    assert made == rig.shelf.papers / "my-name.yaml"
    assert add_paper("https://arxiv.org/abs/2503.20783") == made
