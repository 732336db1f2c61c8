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
from click.testing import CliRunner

from tests.cards.shelf import Shelf, new_shelf
from tests.servers import arxiv as server
from tests.servers.arxiv import ArxivServer, Fault, Work
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

    def type(self, *words: str) -> tuple[int, str]:
        """What `run` gives, without the time that a new process takes."""
        arguments = ["add-paper", "--root", str(self.shelf.root), *words]
        result = CliRunner(env=self.environment).invoke(main, arguments)
        return result.exit_code, result.stderr

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


FAULTS = {
    "429": server.status(429),
    "429 with a pause": server.status(429, Retry_After="60"),
    "503": server.status(503),
    "a web page": server.body("<html>", "text/html"),
    "cut off": server.cut(),
    "empty": server.body(""),
    "drip": server.drip(60),
    "reset": server.reset(),
    "another work": server.changed(lambda feed: feed.replace("2503.20783", "2503.00001")),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_failing_service_is_exit_code_75_in_time_with_nothing_written(rig: Rig, fault: Fault) -> None:
    rig.server.always = fault
    before, begun = rig.names(), time.monotonic()
    code, said = rig.type("2503.20783")
    # the limit is 1 s here, and the library is read as well
    assert time.monotonic() - begun < 3
    assert code == 75
    assert said.splitlines()[-1].startswith("tooling: `127.0.0.1:") or "no connection to `127.0.0.1:" in said
    assert said.endswith("; nothing was written\n")
    assert rig.names() == before
    assert rig.type("2503.20783", "--offline")[0] == 75


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


def test_a_batch_that_is_killed_goes_on_where_it_stopped(rig: Rig) -> None:
    works = [f"2503.{number:05}" for number in range(1, 51)]
    rig.server.add(*(Work(work, title=f"Work number {work[5:]}") for work in works))
    rig.environment["TOOLING_ARXIV_PATIENCE"] = "60"
    before = rig.names()
    process = rig.start("--draft", *works)
    while sum(name.endswith(".yaml") for name in rig.names() - before) < 5:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    halfway = {name for name in rig.names() - before if name.endswith(".yaml")}
    code, said = rig.run("--draft", *works)
    assert code == 0
    assert said.count("nothing changed") == len(halfway)
    assert len(rig.names() - before) == 50
    assert len(rig.server.requests) == 1
    assert rig.run(command="check")[0] == 0
