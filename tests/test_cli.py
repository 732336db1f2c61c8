"""What every command does alike: how it ends when it is interrupted, or lacks the training stack."""

import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tooling.cli import Group
from tooling.errors import STACK

ROOT = Path(__file__).parents[1]


def ended_by(error: BaseException) -> Result:
    """What a command leaves behind that is ended by an error."""

    def end() -> None:
        raise error

    group = Group(commands={"end": click.Command("end", callback=end)})
    return CliRunner().invoke(group, ["end"])


def test_ctrl_c_ends_any_command_with_the_documented_code() -> None:
    result = ended_by(KeyboardInterrupt())
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")


def test_without_the_training_stack_a_command_says_how_to_install_it() -> None:
    result = ended_by(ModuleNotFoundError("No module named 'torch'", name="torch"))
    said = "tooling: `torch` is not installed here; `make .venv/.lab` installs what runs need (about 2 GB)\n"
    assert (result.exit_code, result.stdout, result.stderr) == (3, "", said)


def test_another_module_that_is_missing_is_a_bug() -> None:
    result = ended_by(ModuleNotFoundError("No module named 'tooling.nothing'", name="tooling.nothing"))
    assert isinstance(result.exception, ModuleNotFoundError)


@pytest.mark.parametrize("module", STACK)
def test_the_training_stack_is_what_the_extra_of_runs_asks_for(module: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [line.partition("=")[0].rstrip(">").replace("-", "_") for line in project["optional-dependencies"]["repro"]]
    assert module in asked
    assert len(asked) == len(STACK)
