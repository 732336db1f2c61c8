"""`make demo`, with a fake of the `tooling` command: what it says, what it serves and how it ends."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tooling.demo import bind, duration, page_of

ROOT = Path(__file__).parents[1]
FAKE_TOOLING = """
import sys, time
from pathlib import Path
command, outcome = sys.argv[2], sys.argv[1]
print("fake", *sys.argv[2:], flush=True)
if command == "repro" and outcome == "endless":
    time.sleep(60)
if command == "site" and outcome != "no-site":
    page = Path(".build/site/papers/tinyzero/index.html")
    page.parent.mkdir(parents=True)
    page.write_text("the card")
sys.exit(outcome == {"repro": "no-look", "site": "no-site"}[command])
"""


@contextmanager
def demo(root: Path, outcome: str) -> Iterator["subprocess.Popen[str]"]:
    """The demo as a process, with a `tooling` whose outcome is fixed; its output can be read line by line."""
    (root / "fake.py").write_text(FAKE_TOOLING)
    (root / "papers").mkdir()
    (root / "mkdocs.yml").touch()
    call = f"demo.demo.__defaults__ = (({sys.executable!r}, 'fake.py', {outcome!r}),)"
    command = [sys.executable, "-c", f"import sys; from tooling import demo; {call}; sys.exit(demo.main())"]
    process = subprocess.Popen(
        command,
        cwd=root,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def until(process: "subprocess.Popen[str]", pattern: str) -> str:
    """The lines that a process prints up to the one that matches."""
    lines = ""
    for line in process.stdout or ():
        lines += line
        if re.search(pattern, line):
            return lines
    pytest.fail(f"the demo ended without a line like {pattern}:\n{lines}")


def test_the_demo_runs_the_quick_look_then_serves_the_site_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    with demo(tmp_path, "fine") as process:
        told = until(process, "Ctrl-C")
        assert told.index("fake repro tinyzero --scale quick") < told.index("fake site")
        assert re.search(r"done in \d+ s", told)
        page = re.search(r"http://127\.0\.0\.1:\d+/papers/tinyzero/", told)
        assert page
        with urlopen(page.group()) as answer:
            assert answer.read() == b"the card"
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=30)[0]
        assert process.returncode == 0
        assert "stopped" in rest
        assert "Traceback" not in rest


def test_a_quick_look_that_fails_is_said_and_the_site_is_served_all_the_same(tmp_path: Path) -> None:
    with demo(tmp_path, "no-look") as process:
        told = until(process, "Ctrl-C")
    assert "failed with exit code 1" in told
    assert "without the quick look" in told
    assert "http://127.0.0.1:" in told


def test_a_site_that_cannot_be_built_ends_the_demo_with_one_line(tmp_path: Path) -> None:
    with demo(tmp_path, "no-site") as process:
        told = process.communicate(timeout=30)[0]
        assert process.returncode == 1
    assert "tooling: the site was not built" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_stopped_in_its_quick_look_takes_the_run_with_it(tmp_path: Path, number: int) -> None:
    with demo(tmp_path, "endless") as process:
        until(process, "fake repro")
        # as a terminal does it: the demo and what it runs get the signal; they are a group of their own
        assert os.getpgid(process.pid) == process.pid
        os.killpg(process.pid, number)
        rest = process.communicate(timeout=30)[0]
        assert process.returncode == 0
    assert "stopped" in rest
    assert "fake site" not in rest


def test_a_port_that_is_taken_is_passed_over(tmp_path: Path) -> None:
    with bind(tmp_path, 8700) as first, bind(tmp_path, first.server_port) as second:
        assert second.server_port > first.server_port
        assert second.server_address[0] == "127.0.0.1"


def test_the_page_of_a_work_is_its_card_and_no_other_page_of_that_name(tmp_path: Path) -> None:
    for folder in ("named/s1", "papers/s1", "named/tinyzero"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "index.html").touch()
    assert page_of("s1", tmp_path) == "papers/s1/"
    assert page_of("tinyzero", tmp_path) == ""


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (185, "3 min 5 s")])
def test_a_duration_is_said_in_minutes_and_seconds(seconds: float, text: str) -> None:
    assert duration(seconds) == text
