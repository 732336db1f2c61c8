"""Every way in which a service fails, met by every command that asks one: what it ends with, and what it leaves."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from tests.cards.shelf import Shelf, new_shelf
from tests.servers import arxiv as server
from tests.servers.arxiv import ArxivServer, Fault, Work
from tooling.cli import main

PATIENCE = 0.3
LIST = "list.md"
LATER = 75
PROPER: Fault = server.changed(lambda feed: feed)


class Call(NamedTuple):
    """One command, the service that fails it, and the requests that are answered before that service fails."""

    words: tuple[str, ...]
    proper: int = 0
    registrar: bool = False
    arxiv_down: bool = False


CALLS = {
    "add-paper by id": Call(("add-paper", "2503.20783", "2503.20784")),
    "add-paper by title": Call(("add-paper", "Foo-RL: A Study")),
    "add-paper by DOI": Call(("add-paper", "10.5281/zenodo.1"), registrar=True),
    "add-paper by DataCite": Call(("add-paper", "2503.20783"), registrar=True, arxiv_down=True),
    "import": Call(("import", LIST)),
    "refresh, query": Call(("refresh",)),
    "refresh, OAI-PMH": Call(("refresh",), proper=1),
}


def another_work(feed: str) -> str:
    """The answer with other ids than those that were asked for."""
    for asked in ("2503.20783", "2503.20784", "2501.12590", "zenodo.1"):
        feed = feed.replace(asked, asked[:-2] + "99")
    return feed


FAULTS = {
    "429": server.status(429),
    "429 with a pause": server.status(429, Retry_After="60"),
    "503": server.status(503),
    "503 until a date": server.status(503, Retry_After="Fri, 31 Dec 2100 23:59:59 GMT"),
    "400": server.status(400, body="<feed/>"),
    "403": server.status(403),
    "404": server.status(404),
    "a redirect": server.status(302, Location="http://wifi.example/"),
    "a web page": server.body("<!doctype html><p>Maintenance", "text/html"),
    "cut off": server.changed(lambda feed: feed[: len(feed) // 2]),
    "nothing": server.body(""),
    "an empty feed": server.body(server.FEED.format(total=0, entries="")),
    "drip": server.drip(60),
    "silence": server.silence(5),
    "reset": server.reset(),
    "another work": server.changed(another_work),
}
USAGE, UNKNOWN = 2, 3
# what is no reason to come back: a request that is called malformed, a place or a work that is not there
ELSEWISE = {
    ("400", "any"): USAGE,
    ("400", "add-paper by DataCite"): LATER,
    ("404", "any"): UNKNOWN,
    ("404", "add-paper by DataCite"): LATER,
    ("a redirect", "add-paper by DOI"): UNKNOWN,
    ("an empty feed", "add-paper by id"): UNKNOWN,
    ("an empty feed", "add-paper by title"): UNKNOWN,
    ("an empty feed", "import"): UNKNOWN,
    ("an empty feed", "refresh, query"): UNKNOWN,
}
# a search may answer with any work
SENSELESS = {("another work", "add-paper by title")}
TABLE = [(fault, call) for fault in FAULTS for call in CALLS if (fault, call) not in SENSELESS]


@dataclass
class Rig:
    """A library, a server for all services and the environment in which the command finds them."""

    shelf: Shelf
    server: ArxivServer
    environment: dict[str, str]

    def type(self, command: str, *words: str) -> tuple[int, str, str]:
        """The exit code, stdout and stderr of a command."""
        places = (str(self.shelf.root / word) if word == LIST else word for word in words)
        arguments = [command, "--root", str(self.shelf.root), *places]
        result = CliRunner(env=self.environment).invoke(main, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    def break_down(self, call: Call, fault: Fault) -> None:
        """Let the service that the call needs fail, after the answers before it."""
        self.server.faults = [PROPER] * call.proper
        if call.registrar:
            self.server.doi_always = fault
        else:
            self.server.always = fault
            # nobody stands in
            self.server.doi_always = server.status(503)
        if call.arxiv_down:
            self.server.always = server.status(503)

    def repair(self) -> None:
        """Let all services answer again, however slowly, and forget the pauses that they asked for."""
        self.environment |= {"TOOLING_ARXIV_PATIENCE": "30", "TOOLING_DATACITE_PATIENCE": "30"}
        self.server.always = self.server.doi_always = None
        self.server.faults, self.server.doi_faults = [], []
        for pace in Path(self.environment["TOOLING_CACHE"]).rglob("pace"):
            pace.unlink()

    def texts(self) -> dict[str, str]:
        """Every file of the library's folder, scratch files too."""
        return {path.name: path.read_text("utf-8") for path in self.shelf.papers.iterdir()}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A rig whose clients give up after a third of a second."""
    shelf = new_shelf(tmp_path)
    (shelf.root / "mkdocs.yml").touch()
    rows = (f"- [A title](https://arxiv.org/abs/{work})" for work in ("2503.20783", "2503.20784"))
    (shelf.root / LIST).write_text("\n".join(["# Works", "", "## Efficient reasoning", "", *rows, ""]))
    with ArxivServer() as running:
        running.add(
            Work("2503.20783", title="Foo-RL: A Study", version=2),
            Work("2503.20784", title="Bar-RL: A Study"),
            Work("2501.12590", title="Another Title", version=3),
            Work("hep-th/9901001", title="Silent Sums"),
            Work("10.5281/zenodo.1", title="A Dataset", published="2025-07-01"),
        )
        variables = {
            "TOOLING_ARXIV_URL": running.address,
            "TOOLING_OAI_URL": running.oai,
            "TOOLING_DATACITE_URL": running.datacite,
            "TOOLING_ARXIV_PACE": "0.02",
            "TOOLING_DATACITE_PACE": "0.02",
            "TOOLING_ARXIV_PATIENCE": str(PATIENCE),
            "TOOLING_DATACITE_PATIENCE": str(PATIENCE),
            "TOOLING_CACHE": str(tmp_path / "cache"),
        }
        yield Rig(shelf, running, os.environ | variables)


@pytest.mark.parametrize(("fault", "name"), TABLE)
def test_a_fault_ends_in_time_with_its_code_and_what_was_there_is_untouched(rig: Rig, fault: str, name: str) -> None:
    call, before, begun = CALLS[name], rig.texts(), time.monotonic()
    rig.break_down(call, FAULTS[fault])
    code, out, err = rig.type(*call.words)
    # the patience of both services, and the time to read the library
    assert time.monotonic() - begun < 2 * PATIENCE + 5
    expected = ELSEWISE.get((fault, name), ELSEWISE.get((fault, "any"), LATER))
    assert code == expected, err
    assert out == "" or (call.words == ("refresh",) and expected == UNKNOWN)
    assert "\ntooling: " in f"\n{err}"
    assert rig.texts() == before
    if expected == LATER:
        assert "; nothing was written" in err or "try again later" in err
    # once the fault is over, the same command does its work
    rig.repair()
    code, _, err = rig.type(*call.words)
    assert code == 0, err
    changed = {file for file, text in rig.texts().items() if text != before.get(file)}
    assert changed and not {file for file in changed if not file.endswith(".yaml")}


@pytest.mark.parametrize("fault", ["429", "cut off", "reset", "drip", "another work"])
def test_a_fault_in_the_second_batch_keeps_the_first_and_the_next_call_goes_on(rig: Rig, fault: str) -> None:
    works = [f"2503.{number:05}" for number in range(1, 61)]
    rig.server.add(*(Work(work, title=f"Work number {work[5:]}") for work in works))
    rig.server.faults, rig.server.always = [PROPER], FAULTS[fault]
    if fault == "another work":
        rig.server.always = server.changed(lambda feed: feed.replace("2503.00051", "2503.00099"))
    rig.server.doi_always = server.status(503)
    code, out, err = rig.type("add-paper", *works)
    assert code == LATER
    assert len(out.splitlines()) == 50
    assert err.splitlines()[-1].endswith("written before it: 50 cards; the same command goes on there")
    kept = rig.texts()
    rig.repair()
    code, out, err = rig.type("add-paper", *works)
    assert (code, len(out.splitlines()), err.count("nothing changed")) == (0, 60, 50)
    assert {name: text for name, text in rig.texts().items() if name in kept} == kept
    assert len(rig.server.requests[-1].ids) == 10
