"""How `make` finds a Python: the first that fits, and a line to type when none does."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ("make", "sh", "sed")
# a Python that pretends: the real one runs what it is given after a lie about itself
OLD = "import sys; sys.version_info = (3, 9, 2, 'final', 0)"
TENTH = "import sys; sys.version_info = (3, 10, 0, 'final', 0)"
BARE = "import sys; sys.modules['ensurepip'] = None"
BARE_NEWER = f"{BARE}; sys.version_info = (3, 99, 0, 'final', 0)"
FINE = "import sys"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with a copy of the Makefile and a bin/ that holds nothing but what make itself needs."""
    (tmp_path / "bin").mkdir()
    for name in TOOLS:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or pytest.fail(f"no {name} on this machine"))
    for name in ("Makefile", "pins.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def install(machine: Path, name: str, lie: str) -> None:
    """Put a Python of that name on the machine; as `-m venv` it only leaves its name in .venv/bin/pip."""
    script = machine / "bin" / name
    venv = f"mkdir -p .venv/bin && echo {name} > .venv/bin/pip"
    venv = venv.replace("mkdir", shutil.which("mkdir") or "mkdir")
    script.write_text(f'#!/bin/sh\nif [ "$1" = -m ]; then {venv}; else exec "{sys.executable}" -c "{lie}; $2"; fi\n')
    script.chmod(0o755)


def make(machine: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """What `make .venv/bin/pip` does there."""
    command = [str(machine / "bin" / "make"), ".venv/bin/pip", *words]
    environment = {"PATH": str(machine / "bin")}
    return subprocess.run(command, cwd=machine, env=environment, capture_output=True, text=True, check=False)


def test_a_machine_without_python_is_told_what_to_install(machine: Path) -> None:
    answer = make(machine)
    assert answer.returncode == 2
    assert "sudo apt-get install python3 python3-venv\n" in answer.stderr


@pytest.mark.parametrize(("lie", "version"), [(OLD, "3.9"), (TENTH, "3.10")])
def test_a_python_that_is_too_old_is_named_with_its_version(machine: Path, lie: str, version: str) -> None:
    install(machine, "python3", lie)
    answer = make(machine)
    assert answer.returncode == 2
    assert f"Python 3.11 or newer is needed, found only python3 ({version})" in answer.stderr


def test_a_missing_venv_package_is_told_with_the_line_to_type(machine: Path) -> None:
    for name in ("python3", "python3.11"):
        install(machine, name, f"{BARE}; sys.version_info = (3, 11, 2, 'final', 0)")
    answer = make(machine)
    assert answer.returncode == 2
    assert answer.stderr.startswith("make: Python 3.11 cannot make virtual environments")
    assert "\n  sudo apt-get install python3-venv\n" in answer.stderr
    assert not (machine / ".venv").exists()


def test_a_missing_venv_package_of_a_second_python_is_named_by_its_version(machine: Path) -> None:
    install(machine, "python3", OLD)
    install(machine, "python3.13", BARE_NEWER)
    assert "\n  sudo apt-get install python3.99-venv\n" in make(machine).stderr


def test_the_first_python_that_fits_is_taken(machine: Path) -> None:
    install(machine, "python3.11", BARE)
    install(machine, "python3.12", FINE)
    install(machine, "python3", OLD)
    answer = make(machine)
    assert answer.returncode == 0, answer.stderr
    assert (machine / ".venv" / "bin" / "pip").read_text() == "python3.12\n"


def test_a_python_that_is_named_is_the_only_one_asked(machine: Path) -> None:
    install(machine, "python3.11", FINE)
    install(machine, "other", OLD)
    assert "found only other (3.9)" in make(machine, "PYTHON=other").stderr


def test_every_word_of_the_makefile_says_what_it_makes() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = next(line for line in text.splitlines() if line.startswith(".PHONY:")).split()[1:]
    explained = {line.partition(":")[0] for line in text.splitlines() if ": " in line and "## " in line}
    assert set(phony) == explained
