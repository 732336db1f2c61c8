"""A small repository in a temporary folder, with a script that needs numpy only, and the command run on it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from tooling.cli import main
from tooling.runs.device import ONE_THREAD

ROOT = Path(__file__).parents[2]

SCRIPT = '''"""Does a larger share help?"""
import os, pathlib, time
from dataclasses import dataclass, replace

import numpy as np

from tooling.runs import Above, All, Claim, Fit, Measured, Within, main

@dataclass(frozen=True)
class Config:
    items: int = 40
    gain: float = 0.0
    steps: int = 4

    @property
    def scope(self):
        return f"{self.items} items"

SIZES = {"smoke": Config(steps=1), "quick": Config(steps=2), "mini": Config()}
SEEDS = {"smoke": 1, "quick": 3, "mini": 8}
GAIN = lambda m: m["large"]["pass@1"] - m["small"]["pass@1"]
CLAIMS = {
    "more-helps": Claim(arms=("small", "large"), contrast=GAIN, region=Above(), margin=0.05, unit="pass@1",
                        fit=(Fit("the base solves 10 to 60%", lambda m: m["small"]["pass@1"], 0.10, 0.60),)),
}
EQUAL = ()
SECONDS = {}
PAUSE = 0.0

def arms(config):
    return {"small": config, "large": replace(config, gain=0.3)}

def measure(arm, config, seed):
    pids = pathlib.Path(__file__).parents[2] / "pids"
    pids.mkdir(exist_ok=True)
    (pids / str(os.getpid())).touch()
    time.sleep(PAUSE)
    right = np.random.default_rng(seed).random(config.items) < 0.3 + config.gain
    noise = float(np.random.standard_normal())
    return Measured(measures={"pass@1": right.mean(), "noise": noise},
                    curves={"step": [0, 1], "pass@1": [0.1, right.mean()]},
                    outcomes={"right": right}, fingerprint=arm + str(noise), tokens=10, spread=0.5)

main(__file__)
'''


CLAIM = """- id: {id}
  statement: A larger share helps.
  reported: By 30 points.
  source: {{address: https://example.org/fake, place: null, confidence: author page}}
  test: Compare the two.
  question: [what-scales]
  bearing: {{kind: direct, why: The miniature is the thing itself.}}
"""
CARD = """kind: project
title: A fake work
authors:
- Ann Other
date: '2025-01-24'
topics: [scaling-laws]
links:
  code: https://example.org/fake
summary: It was asked whether a larger share helps. It does.
claims:
"""
CARD_END = """citation_key: other2025fake
provenance:
  sources:
  - https://example.org/fake
"""


class Repository:
    """A repository in a folder, and the command on it."""

    def __init__(self, root: Path) -> None:
        """Make the folder into a repository with a card that has two claims, and no script."""
        self.root = root
        (root / "papers").mkdir(parents=True)
        (root / "mkdocs.yml").touch()
        self.card("more-helps", "less")
        (root / ".gitignore").write_text("/.build/\n/pids/\n__pycache__/\n")

    def card(self, *claims: str, slug: str = "fake") -> Path:
        """Write a card with these claims."""
        path = self.root / "papers" / f"{slug}.yaml"
        path.write_text(CARD + "".join(CLAIM.format(id=each) for each in claims) + CARD_END)
        return path

    def script(self, *changes: tuple[str, str], slug: str = "fake") -> Path:
        """Write the script with some of its text replaced."""
        text = SCRIPT
        for old, new in changes:
            if old not in text:
                raise ValueError(f"not in the script: {old}")
            text = text.replace(old, new)
        path = self.root / "repro" / slug / "run.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def command(self, *arguments: str, slug: str | None = "fake") -> list[str]:
        """The words of `tooling repro`, with one cell at a time where nothing else is said: it starts faster."""
        jobs = () if "--jobs" in arguments else ("--jobs", "1")
        words = [*([slug] if slug else []), "--root", str(self.root), *arguments, *jobs]
        return [sys.executable, "-m", "tooling.cli", "repro", *words]

    def start(self, *arguments: str, slug: str | None = "fake") -> "subprocess.Popen[str]":
        """The command, started."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(self.command(*arguments, slug=slug), env=environment(), text=True, **pipes)

    def run(self, *arguments: str, slug: str | None = "fake") -> "subprocess.CompletedProcess[str]":
        """The command run to its end in this process; its workers are processes all the same."""
        words = self.command(*arguments, slug=slug)[3:]
        done = CliRunner().invoke(main, words, catch_exceptions=False)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    def run_process(self, *arguments: str, program: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
        """The command, or another program with its arguments, as a process of its own."""
        words = [sys.executable, *program, *arguments] if program else self.command(*arguments)
        return subprocess.run(words, env=environment(), capture_output=True, text=True, check=False, timeout=100)

    def commit(self) -> None:
        """Commit everything."""
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        if not (self.root / ".git").exists():
            subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        subprocess.run(["git", "-C", str(self.root), "add", "-A"], check=True)
        subprocess.run(["git", "-C", str(self.root), *identity, "commit", "-qm", "x", "--allow-empty"], check=True)

    def cells(self) -> list[Path]:
        """The files of the finished cells."""
        return sorted((self.root / ".build" / "cells").glob("*/*.json"))

    def wait_for_cells(self, count: int) -> None:
        """Wait until so many cells are finished."""
        until = time.monotonic() + 40
        while len(self.cells()) < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(self.cells())} of {count} cells")
            time.sleep(0.02)

    def no_worker_is_left(self) -> bool:
        """Whether every process that has run a cell is gone, after a moment at most."""
        numbers = [int(path.name) for path in (self.root / "pids").iterdir()]
        for _ in range(100):
            if not any(_alive(number) for number in numbers):
                return True
            time.sleep(0.05)
        return False


def _alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    # a killed child of a killed parent may wait for a while to be reaped
    status = Path(f"/proc/{number}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())


def environment() -> dict[str, str]:
    """The environment of the command: this tree's package, Ctrl-C not ignored, bytecode kept as Python does it."""
    # where the tests run in the background, Ctrl-C is ignored and its children would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}


@pytest.fixture(autouse=True)
def same_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take back what the command sets in the environment of this process."""
    for name in ONE_THREAD:
        monkeypatch.setenv(name, "1")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository with the script `fake`."""
    made = Repository(tmp_path / "repository")
    made.script()
    return made


@pytest.fixture
def other_repository(tmp_path: Path) -> Repository:
    """A second one."""
    made = Repository(tmp_path / "other")
    made.script()
    return made
