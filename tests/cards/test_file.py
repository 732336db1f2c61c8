"""Files are whole or absent, and none is overwritten."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tooling.cards.file import create_file, replace_file, sweep_scratch


def test_a_file_is_made_with_its_text_and_the_usual_permissions(tmp_path: Path) -> None:
    create_file(tmp_path / "a.yaml", "é\n")
    assert (tmp_path / "a.yaml").read_bytes() == "é\n".encode()
    (tmp_path / "plain").touch()
    assert stat.S_IMODE((tmp_path / "a.yaml").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "plain"]


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    create_file(tmp_path / "a", "first")
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "a", "second")
    assert (tmp_path / "a").read_text() == "first"
    assert os.listdir(tmp_path) == ["a"]


def test_a_file_system_without_links_is_served_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    create_file(tmp_path / "a", "first")
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "a", "second")
    assert (tmp_path / "a").read_text() == "first"
    assert os.listdir(tmp_path) == ["a"]


def test_replacing_leaves_one_file(tmp_path: Path) -> None:
    replace_file(tmp_path / "a", "first")
    replace_file(tmp_path / "a", "second")
    assert (tmp_path / "a").read_text() == "second"
    assert os.listdir(tmp_path) == ["a"]


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    # a limit on the size of files fails a write as a full disk does, and holds for root too
    script = (
        "import resource, signal, sys; from pathlib import Path; from tooling.cards.file import create_file\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: create_file(Path(sys.argv[1]) / 'a.yaml', 'x' * 5000)\n"
        "except OSError as error: print(error.strerror)"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == "File too large\n"
    assert os.listdir(tmp_path) == []


def test_a_killed_writer_leaves_a_hidden_file_that_is_swept(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from tooling.cards import file\n"
        "file.os.link = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "file.create_file(Path(sys.argv[1]) / 'a.yaml', 'text')"
    )
    killed = subprocess.run([sys.executable, "-c", script, tmp_path], check=False)
    assert killed.returncode == -9
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".a.yaml.")
    assert left.suffix != ".yaml"
    sweep_scratch(tmp_path)
    assert os.listdir(tmp_path) == []
