"""`tooling add-paper` as it is typed: its exit codes, its streams, and what a kill or a crowd leaves behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.cards.shelf import Shelf, new_shelf
from tests.servers import arxiv as server
from tests.servers.arxiv import ArxivServer, Work
from tooling.cli import main

ROOT = Path(__file__).parents[2]


@dataclass
class Rig:
    """A library, a server and the environment in which the command finds them."""

    shelf: Shelf
    server: ArxivServer
    environment: dict[str, str]

    def start(self, *words: str, command: str = "add-paper") -> subprocess.Popen[str]:
        """The running command, typed below the repository's root."""
        return subprocess.Popen(
            [sys.executable, "-m", "tooling.cli", command, *words],
            cwd=self.shelf.papers,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, command: str = "add-paper") -> tuple[int, str]:
        """The exit code and what stderr says; stdout is checked to be data only."""
        process = self.start(*words, command=command)
        out, err = process.communicate(timeout=60)
        assert all(line.endswith(".yaml") for line in out.splitlines())
        assert "Traceback" not in err
        return process.returncode, err

    def type(self, *words: str, given: str = "") -> tuple[int, str]:
        """What `run` gives, without the time that a new process takes; `given` stands on stdin."""
        result = self.result("add-paper", *words, given=given)
        return result.exit_code, result.stderr

    def result(self, command: str, *words: str, given: str = "") -> Result:
        """What a command prints on either stream, and how it ends, in this process."""
        arguments = [command, "--root", str(self.shelf.root), *words]
        return CliRunner(env=self.environment).invoke(main, arguments, input=given)

    def cards(self, before: set[str]) -> set[str]:
        """The names of the cards that have been added since."""
        return {name for name in self.names() - before if name.endswith(".yaml")}

    def identity(self, name: str) -> tuple[int, int, int]:
        """What changes when a file is written again."""
        found = (self.shelf.papers / name).stat()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def names(self) -> set[str]:
        """The names of all files in the library's folder."""
        return set(os.listdir(self.shelf.papers))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A rig whose client gives up after a second."""
    yield from new_rig(tmp_path)


def new_rig(tmp_path: Path) -> Iterator[Rig]:
    """A rig with a running server, which stops when the iterator is closed."""
    shelf = new_shelf(tmp_path)
    (shelf.root / "mkdocs.yml").touch()
    with ArxivServer() as running:
        running.add(Work("2503.20783", title="Foo-RL: A Study", version=2))
        variables = {
            "PYTHONPATH": str(ROOT),
            "TOOLING_ARXIV_URL": running.address,
            "TOOLING_ARXIV_PACE": "0.05",
            "TOOLING_ARXIV_PATIENCE": "1",
            "TOOLING_CACHE": str(tmp_path / "cache"),
            # a proxy that answers nothing: the command must not ask it for a server of this machine
            "HTTP_PROXY": "http://127.0.0.1:9",
            "http_proxy": "http://127.0.0.1:9",
            "NO_PROXY": "",
            "no_proxy": "",
        }
        yield Rig(shelf, running, os.environ | variables)


def test_a_work_is_added_and_the_second_time_nothing_changes(rig: Rig) -> None:
    code, said = rig.run("https://arxiv.org/abs/2503.20783v2", "--draft")
    assert code == 0
    assert said.startswith("added papers/foo-rl.yaml: `Foo-RL: A Study` (2 authors, 2025-03-26)")
    before = rig.identity("foo-rl.yaml")
    assert rig.run("2503.20783") == (0, "`2503.20783` is already papers/foo-rl.yaml; nothing changed\n")
    assert rig.identity("foo-rl.yaml") == before
    assert rig.run(command="check")[0] == 0


def test_a_users_mistakes_are_told_apart(rig: Rig) -> None:
    before = rig.names()
    assert rig.run("2513.00001") == (2, "tooling: cannot read `2513.00001` as an arXiv id: there is no month 13\n")
    assert rig.type()[0] == 2
    code, said = rig.run("2503.99999")
    assert code == 3
    assert said.startswith("tooling: arXiv has no work `2503.99999`")
    code, said = rig.run("2503.20783", "--slug", "silent-sums")
    assert (code, said.count("\n")) == (4, 1)
    rig.shelf.write("broken", "kind: [")
    assert rig.run("2503.20783")[0] == 5
    assert rig.names() == before | {"broken.yaml"}


def test_no_network_is_exit_code_75(rig: Rig) -> None:
    rig.environment["TOOLING_ARXIV_URL"] = "http://127.0.0.1:9"
    code, said = rig.run("2503.20783")
    assert code == 75
    assert "(connection refused)" in said


def test_processes_that_add_one_work_at_once_make_one_card(rig: Rig) -> None:
    rig.environment["TOOLING_ARXIV_PATIENCE"] = "60"
    running = [rig.start(form) for form in ("2503.20783", "2503.20783v1", "arXiv:2503.20783")]
    assert [process.communicate(timeout=60)[0] for process in running] == ["foo-rl.yaml\n"] * 3
    assert [process.returncode for process in running] == [0, 0, 0]
    assert {name for name in rig.names() if name.startswith(("foo", "."))} == {"foo-rl.yaml"}
    moments = [request.moment for request in rig.server.requests]
    assert all(later - earlier >= 0.05 for earlier, later in zip(moments, moments[1:], strict=False))


# how far the command has come when it is killed: requests that have arrived, and cards that are written
MOMENTS = {
    "before it asks": (0, 0),
    "while it waits for an answer": (1, 0),
    "before the first card": (2, 0),
    "after the first card": (2, 1),
    "in the middle": (2, 23),
    "before the last card": (2, 49),
}


@pytest.mark.parametrize(("requests", "cards"), MOMENTS.values(), ids=MOMENTS)
def test_a_batch_that_is_killed_at_any_moment_ends_as_fifty_valid_cards(rig: Rig, requests: int, cards: int) -> None:
    works = [f"2503.{number:05}" for number in range(1, 51)]
    rig.server.add(*(Work(work, title=f"Work number {work[5:]}") for work in works))
    # the second attempt is answered, so that a kill can hit the wait for it
    rig.server.faults = [server.silence(0.3)]
    rig.environment |= {"TOOLING_ARXIV_PATIENCE": "60", "PYTHONDONTWRITEBYTECODE": "1"}
    before = rig.names()
    process = rig.start("--draft", *works)
    while len(rig.server.requests) < requests or len(rig.cards(before)) < cards:
        assert process.poll() is None
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    halfway = rig.cards(before)
    assert len(halfway) >= cards
    code, said = rig.run("--draft", *works)
    assert code == 0, said
    assert said.count("nothing changed") == len(halfway)
    # nothing is left over, and each of them is read without a problem
    assert len(rig.names() - before) == len(rig.cards(before)) == 50
    assert rig.shelf.lines() == []
    assert {card.arxiv for card in rig.shelf.library().values()} >= set(works)


def test_an_interrupted_command_says_what_it_has_written_and_goes_on(rig: Rig) -> None:
    works = [f"2503.{number:05}" for number in range(1, 61)]
    rig.server.add(*(Work(work, title=f"Work number {work[5:]}") for work in works))
    rig.server.faults = [server.changed(lambda feed: feed), server.silence(30)]
    rig.environment["TOOLING_ARXIV_PATIENCE"] = "60"
    process = rig.start(*works)
    while len(rig.server.requests) < 2:
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert len(out.splitlines()) == 50
    code, said = rig.run(*works)
    assert (code, said.count("nothing changed")) == (0, 50)


def test_four_processes_keep_one_pace_and_share_the_library(rig: Rig) -> None:
    pace = 0.4
    works = [f"2503.{number:05}" for number in range(1, 9)]
    rig.server.add(*(Work(work, title=f"Work number {work[5:]}") for work in works))
    rig.environment |= {"TOOLING_ARXIV_PATIENCE": "60", "TOOLING_ARXIV_PACE": str(pace)}
    before = rig.names()
    # each process asks twice: for two ids, and for a title
    titles = [f"Work number {work[5:]}" for work in works[::2]]
    running = [
        rig.start("--draft", works[2 * each], works[2 * each + 1], titles[(each + 1) % 4].replace("Work", "A Work"))
        for each in range(4)
    ]
    for process in running:
        process.communicate(timeout=60)
    moments = sorted(request.moment for request in rig.server.requests)
    assert len(moments) == 8
    assert min(later - earlier for earlier, later in zip(moments, moments[1:], strict=False)) >= pace
    assert len(rig.cards(before)) == 8
    assert rig.shelf.lines() == []


def test_works_are_read_from_a_file_and_from_stdin_and_their_mistakes_are_named_by_line(
    rig: Rig, tmp_path: Path
) -> None:
    listed = tmp_path / "works.txt"
    listed.write_text("# to read\n\n2503.20783  # the first\nhttps://arxiv.org/abs/2503.20783v1\n", "utf-8")
    assert rig.type("--from", str(listed))[0] == 0
    assert rig.cards(set()) >= {"foo-rl.yaml"}
    assert rig.type("--from", str(listed)) == (0, "`2503.20783` is already papers/foo-rl.yaml; nothing changed\n")
    assert rig.type("-", given="2503.20783\n")[0] == 0
    code, said = rig.type("-", "soon", given="2503.20783\n2513.00001\n")
    assert code == 2
    first, second = said.splitlines()
    assert first == "tooling: stdin:2: cannot read `2513.00001` as an arXiv id: there is no month 13"
    assert second.startswith("cannot read `soon` as an arXiv id")
    listed.write_bytes(b"\xff\xfe")
    code, said = rig.type("--from", str(listed))
    assert (code, "it is no UTF-8 text" in said) == (2, True)
    code, said = rig.type("-", given="# nothing\n")
    assert (code, "no work is named" in said) == (2, True)
