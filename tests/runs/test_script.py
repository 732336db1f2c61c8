"""A script is what its file says now, whatever bytecode lies beside it."""

import os
import sys

import pytest

from tests.runs.conftest import Repository
from tooling.runs.script import load_script


def test_a_change_within_a_second_that_keeps_the_size_is_seen(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = repository.root / "repro" / "fake" / "run.py"
    before = path.stat()
    [first] = load_script(repository.root, "fake").claims.values()
    repository.script(("margin=0.05", "margin=0.07"))
    os.utime(path, (before.st_atime, before.st_mtime))
    assert path.stat().st_size == before.st_size
    [second] = load_script(repository.root, "fake").claims.values()
    assert (first.margin, second.margin) == (0.05, 0.07)
