"""`tooling refresh` against a server that speaks arXiv's Atom and OAI-PMH and misbehaves."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cards.shelf import Shelf, new_shelf
from tests.servers import arxiv as server
from tests.servers.arxiv import ArxivServer, Work
from tooling.cli import main

ROOT = Path(__file__).parents[2]
ALOUD = Work("2501.12590", title="Counting Aloud: Do Models Add Better When They Say It?", version=2)
SILENT = Work("hep-th/9901001", title="Silent Sums")


@dataclass
class Rig:
    """A library, a server and the environment in which the command finds them."""

    shelf: Shelf
    server: ArxivServer
    environment: dict[str, str]

    def type(self, *words: str) -> tuple[int, str, str]:
        """The exit code, stdout and stderr of `tooling refresh ...`."""
        result = CliRunner(env=self.environment).invoke(main, ["refresh", "--root", str(self.shelf.root), *words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    def now(self, **changes: object) -> None:
        """Let arXiv say something new of the work of `counting-aloud`."""
        self.server.add(replace(ALOUD, **changes))

    def texts(self) -> dict[str, str]:
        """All files of the library's folder."""
        return {path.name: path.read_text("utf-8") for path in self.shelf.papers.iterdir()}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A rig whose client gives up after a second; arXiv says what the cards say."""
    shelf = new_shelf(tmp_path)
    (shelf.root / "mkdocs.yml").touch()
    with ArxivServer() as running:
        running.add(ALOUD, SILENT)
        variables = {
            "PYTHONPATH": str(ROOT),
            "TOOLING_ARXIV_URL": running.address,
            "TOOLING_OAI_URL": running.oai,
            "TOOLING_ARXIV_PACE": "0.05",
            "TOOLING_ARXIV_PATIENCE": "1",
            "TOOLING_CACHE": str(tmp_path / "cache"),
        }
        yield Rig(shelf, running, os.environ | variables)


def test_cards_that_say_what_arxiv_says_are_not_touched(rig: Rig) -> None:
    before = rig.texts()
    code, out, err = rig.type()
    assert (code, rig.texts()) == (0, before)
    assert "Nothing: the cards say what arXiv says." in out
    assert err == "2 works asked about, 0 differences, changed 0 cards\n"
    assert [request.ids for request in rig.server.requests] == [("2501.12590", "hep-th/9901001")]


def test_a_later_version_is_noted_and_the_version_that_was_read_stays(rig: Rig) -> None:
    rig.now(version=3)
    before = rig.shelf.text("counting-aloud")
    code, out, _ = rig.type()
    assert code == 0
    assert "- `counting-aloud`: `v2` → `v3 (Mon, 3 Sep 2025 10:00:00 GMT)`" in out
    line = "version_read: 2\n"
    assert rig.shelf.text("counting-aloud") == before.replace(line, f"{line}version_latest: 3\n")
    # the next day's report still names it, and nothing is written or asked of OAI-PMH again
    code, out, err = rig.type()
    assert "the card is left as it is" in out and "changed 0 cards" in err
    assert len(rig.server.requests) == 2


def test_a_changed_title_leaves_every_other_byte_of_the_card(rig: Rig) -> None:
    rig.shelf.spoil("counting-aloud", "kind: paper\n", "# by hand\nkind: paper  # a paper\n")
    before = rig.shelf.text("counting-aloud")
    rig.now(title="Counting: $x = 1$ & more | `@all` {Say} It")
    code, out, _ = rig.type("counting-aloud")
    assert code == 0
    after = rig.shelf.text("counting-aloud")
    old = "title: 'Counting Aloud: Do Models Add Better When They Say It?'\n"
    head, _, tail = before.partition(old)
    assert after.startswith(head + "title: ") and after.endswith(tail)
    assert "`Counting: " in out and "'@all'" in out
    assert rig.shelf.problems() == new_shelf(rig.shelf.root / "other").problems()


def test_a_title_that_a_person_chose_is_reported_and_kept(rig: Rig) -> None:
    rig.shelf.spoil("counting-aloud", "fields: {title: arxiv,", "fields: {title: curator,")
    before = rig.texts()
    rig.now(title="Another Title")
    code, out, _ = rig.type()
    assert (code, rig.texts()) == (0, before)
    assert "Another Title" in out and "left as it is" in out


@pytest.mark.parametrize(
    ("words", "withdrawn", "shown"),
    [
        ({"comment": "This paper has been withdrawn by the authors"}, True, "since version 3, Mon, 3 Sep"),
        ({"abstract": "This paper has been withdrawn due to an error in Lemma 2."}, True, "since version 3"),
        ({}, True, "since version 3"),
        ({"comment": "Withdrawn from a workshop, accepted elsewhere"}, False, None),
    ],
)
def test_a_withdrawal_is_one_where_the_last_version_has_no_files(
    rig: Rig, words: dict[str, str], withdrawn: bool, shown: str | None
) -> None:
    rig.now(version=3, withdrawn=withdrawn, **words)
    assert rig.type()[0] == 0
    card = rig.shelf.library()["counting-aloud"]
    assert (card.withdrawn or "").startswith(shown or "\0") is (shown is not None)
    assert card.version_read == 2
    # it came back
    rig.now(version=4)
    for kept in Path(rig.environment["TOOLING_CACHE"]).rglob("*.json"):
        kept.unlink()
    assert rig.type()[0] == 0
    assert rig.shelf.library()["counting-aloud"].withdrawn is None


def test_without_a_record_in_oai_the_comment_is_believed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Work, "raw", lambda self: server.UNKNOWN)
    rig.now(comment="Withdrawn by arXiv")
    assert rig.type()[0] == 0
    assert rig.shelf.library()["counting-aloud"].withdrawn == "says arXiv's comment on version 2"


def test_a_publication_fills_an_empty_venue_with_its_origin_and_keeps_a_written_one(rig: Rig) -> None:
    rig.shelf.spoil("silent-sums", "provenance: {}", "provenance:\n  sources: [https://arxiv.org/abs/hep-th/9901001]")
    rig.server.add(replace(SILENT, journal="J. Sums 3 (1999) 1", doi="10.1000/sums.3"))
    rig.now(journal="Another Journal 7")
    code, out, _ = rig.type()
    assert code == 0
    silent, aloud = (rig.shelf.library()[slug] for slug in ("silent-sums", "counting-aloud"))
    assert (silent.venue, silent.provenance.fields) == ("J. Sums 3 (1999) 1", {"venue": "arxiv"})
    assert "https://doi.org/10.1000/sums.3" in silent.provenance.sources
    assert aloud.venue == "ICML 2025 (oral)"
    assert "`ICML 2025 (oral)` → `Another Journal 7` (the card is left as it is)" in out


@pytest.mark.parametrize("doi", ["10.48550/arXiv.2501.12590", "10.1000/a b", "javascript:alert(1)", "10.1000/x\n- y"])
def test_a_doi_of_arxiv_or_none_at_all_adds_nothing(rig: Rig, doi: str) -> None:
    before = rig.texts()
    rig.now(doi=doi)
    assert rig.type()[0] == 0
    assert rig.texts() == before


def test_a_card_that_cannot_be_edited_safely_is_left_whole_and_the_others_written(rig: Rig) -> None:
    rig.server.add(replace(SILENT, journal="J. Sums 3 (1999) 1"))
    rig.now(version=3)
    before = rig.shelf.text("silent-sums")
    code, out, err = rig.type()
    assert code == 5
    assert "papers/silent-sums.yaml: has a `provenance` that is no block of lines; edit it by hand" in err
    assert "To do by hand" in out
    assert rig.shelf.text("silent-sums") == before
    assert rig.shelf.library()["counting-aloud"].version_latest == 3


def test_a_dry_run_reports_the_same_and_writes_nothing(rig: Rig) -> None:
    rig.now(version=3, title="Other")
    before = rig.texts()
    code, out, err = rig.type("--dry-run", "--json")
    assert (code, rig.texts()) == (0, before)
    report = json.loads(out)
    assert [change["kind"] for change in report["changes"]] == ["new version", "title"]
    assert report["written"] == ["papers/counting-aloud.yaml"]
    assert "would change 1 card" in err


def test_unknown_slugs_and_works_are_told_apart(rig: Rig) -> None:
    unknown = "tooling: no card `silent-sumz`; did you mean `silent-sums`?\nno card `xyz`; `papers/` has the names\n"
    assert rig.type("silent-sumz", "xyz") == (3, "", unknown)
    assert rig.server.requests == []
    del rig.server.works["hep-th/9901001"]
    rig.now(version=3)
    code, _, err = rig.type()
    assert code == 3 and "papers/silent-sums.yaml: arXiv has no work `hep-th/9901001`" in err
    assert rig.shelf.library()["counting-aloud"].version_latest == 3


def test_a_work_that_is_not_on_arxiv_is_named_as_such(rig: Rig) -> None:
    code, _, err = rig.type("waiting-room")
    assert (code, rig.server.requests) == (0, [])
    assert "not on arXiv, so not asked about: waiting-room\n" in err


def test_both_services_keep_one_pace(rig: Rig) -> None:
    rig.environment["TOOLING_ARXIV_PACE"] = "0.4"
    rig.environment["TOOLING_ARXIV_PATIENCE"] = "9"
    rig.now(version=3)
    assert rig.type()[0] == 0
    atom, oai = rig.server.requests
    assert oai.ids == ("oai:2501.12590",)
    assert oai.moment - atom.moment >= 0.39


def test_a_killed_command_leaves_whole_cards_and_the_next_one_ends_the_work(rig: Rig) -> None:
    rig.now(version=3)
    rig.server.faults = [server.changed(lambda feed: feed), server.silence(1)]
    before = rig.texts()
    process = subprocess.Popen(
        [sys.executable, "-m", "tooling.cli", "refresh"], cwd=rig.shelf.papers, env=rig.environment, stderr=-3
    )
    while len(rig.server.requests) < 2:
        assert process.poll() is None
    process.kill()
    process.wait()
    assert rig.texts() == before
    assert rig.type()[0] == 0
    assert rig.shelf.library()["counting-aloud"].version_latest == 3
