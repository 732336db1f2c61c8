"""Copies of the repository in which a test may break things, and the commands that build them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
CARD = """\
kind: paper
title: '{title}'
authors:
- Ada One
date: '2025-03-26'
topics: [efficiency]
summary: It asked something. It found something else.
claims:
- id: first-claim
  statement: It holds.
  reported: A figure.
  source: {{address: https://example.org/paper, place: null, confidence: paper}}
  test: Run it.
  question: [what-it-costs]
  bearing: {{kind: direct, why: It is the same.}}
citation_key: {key}
provenance:
  sources: [https://example.org/paper]
"""
VOCABULARY = """\
kinds:
  paper: {name: Paper, text: An article.}
topics:
  efficiency: {name: Efficient reasoning, text: Shorter thought.}
methods: {}
models: {}
benchmarks: {}
questions:
  what-it-costs: {name: What does it cost?, text: The bill., short: Cost}
"""


def copy_site(target: Path) -> Path:
    """The repository's site without its cards: configuration, hand-written pages, and the package.

    The package has the theme and the hook, and is what results rest on: without all of it every one would be stale.
    """
    shutil.copy(ROOT / "mkdocs.yml", target)
    shutil.copytree(ROOT / "site", target / "site")
    shutil.copytree(ROOT / "tooling", target / "tooling", ignore=shutil.ignore_patterns("__pycache__"))
    (target / "papers").mkdir()
    return target


def small(target: Path) -> Path:
    """A repository with two cards."""
    copy_site(target)
    (target / "papers" / "_vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    for number, name in enumerate(("one-work", "other-work"), start=1):
        text = CARD.format(title=f"A title of {name}", key=f"one2025{number}")
        (target / "papers" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return target


def whole(target: Path) -> Path:
    """The repository with all cards, scripts and recorded results."""
    copy_site(target)
    shutil.copytree(ROOT / "papers", target / "papers", dirs_exist_ok=True)
    if (ROOT / "repro").is_dir():
        shutil.copytree(ROOT / "repro", target / "repro", ignore=shutil.ignore_patterns("__pycache__"))
    return target


def environment(site: str = "") -> dict[str, str]:
    """The environment of a command that is to run this package from another folder, for a site published at `site`.

    The copy of the package there is read, not run: its bytecode would have to be made anew each time.
    """
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "NO_MKDOCS_2_WARNING": "1", "SITE_URL": site}


def mkdocs(root: Path, *words: str, site: str = "") -> subprocess.CompletedProcess[str]:
    """The outcome of `mkdocs ...` as anyone would type it in the repository."""
    command = [sys.executable, "-m", "mkdocs", *words]
    return subprocess.run(command, cwd=root, env=environment(site), capture_output=True, text=True, check=False)


def tooling(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The outcome of `tooling ...` in the repository."""
    command = [sys.executable, "-m", "tooling.cli", *words]
    return subprocess.run(command, cwd=root, env=environment(), capture_output=True, text=True, check=False)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def previewing(root: Path) -> Iterator[str]:
    """The address of `mkdocs serve` in the repository while the block lasts; what it says goes into serve.log there."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", address]
    with (root / "serve.log").open("w") as log:
        server = subprocess.Popen(command, cwd=root, env=environment(), stdout=log, stderr=log)
        try:
            yield f"http://{address}/"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)
