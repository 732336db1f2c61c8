"""Every code that a check can give is explained, and no other."""

import ast
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tooling.cards.code import CODES, explained, listed
from tooling.cards.repair import REPAIRS
from tooling.cli import main
from tooling.errors import NotFound

CARDS = Path(__file__).parents[2] / "tooling" / "cards"
BUILT = {"double-arxiv", "double-citation-key"}  # their names are put together


def codes_in_use() -> set[str]:
    """The first word of each `Fault(...)`, and the last of each `Problem(...)`, in the package."""
    found = set()
    for file in CARDS.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                at = {"Fault": node.args[0], "Problem": node.args[-1]}.get(node.func.id)
                if isinstance(at, ast.Constant) and isinstance(at.value, str):
                    found.add(at.value)
    return found | BUILT


def test_each_code_in_use_is_explained_and_no_other() -> None:
    assert codes_in_use() == set(CODES)
    assert len(CODES) >= 50


def test_each_repair_belongs_to_a_code() -> None:
    assert set(REPAIRS) <= set(CODES)


@pytest.mark.parametrize("name", CODES)
def test_an_explanation_says_what_why_and_what_to_do(name: str) -> None:
    first, wrong, why, remedy = explained(name).split("\n")
    mark = " (advice, fails no check)" if CODES[name].severity == "advice" else ""
    assert first == f"{name}{mark}" and why.startswith("  why: ") and remedy.startswith("  remedy: ")
    for sentence in CODES[name][:3]:
        assert re.fullmatch(r"[A-Z].*\.", sentence) or sentence.endswith('".') or "`." in sentence, sentence
    assert wrong.strip() == CODES[name].wrong
    assert ("--fix" in remedy) == (name in REPAIRS)


def test_an_unknown_code_is_not_found_with_a_suggestion() -> None:
    with pytest.raises(NotFound, match="did you mean `self-link`"):
        explained("self-lnk")
    with pytest.raises(NotFound, match="--explain all"):
        explained("zzz")


@pytest.mark.parametrize("words", [["--explain"], ["--explain", "all"]])
def test_the_command_lists_all_codes(words: list[str]) -> None:
    done = CliRunner().invoke(main, ["check", *words])
    assert (done.exit_code, done.stdout) == (0, listed() + "\n")
    assert all(f" {name} " in done.stdout for name in CODES)


def test_the_command_explains_one_code() -> None:
    done = CliRunner().invoke(main, ["check", "--explain", "self-link"])
    assert (done.exit_code, done.stdout) == (0, explained("self-link") + "\n")
