"""A new script has the house's shape, runs as it stands, and never replaces one that is there."""

import ast
import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests import rule
from tests.runs.conftest import ROOT, Repository
from tooling.cards import load_library
from tooling.cli import main
from tooling.runs.scaffold import claims_to_test, script_text
from tooling.runs.syntax import ScriptSource


@pytest.fixture
def fresh(tmp_path: Path) -> Repository:
    """A repository with the survey's vocabulary, one card and no script."""
    made = Repository(tmp_path / "fresh")
    (made.root / "papers" / "_vocabulary.yaml").write_bytes((ROOT / "papers" / "_vocabulary.yaml").read_bytes())
    return made


def new_repro(repository: Repository, slug: str = "fake") -> Result:
    return CliRunner().invoke(main, ["new-repro", slug, "--root", str(repository.root)])


def test_a_new_script_has_a_rule_for_each_claim_and_says_what_to_do_next(fresh: Repository) -> None:
    done = new_repro(fresh)
    assert done.exit_code == 0, done.output
    assert done.stdout == "repro/fake/run.py\n"
    assert "add `repro: repro/fake/run.py` to `papers/fake.yaml`" in done.stderr
    source = ScriptSource(fresh.root / "repro/fake/run.py")
    assert list(source.entries("CLAIMS")) == ["more-helps", "less"]


def test_a_script_that_is_there_is_left_alone(fresh: Repository) -> None:
    path = fresh.script()
    before = path.read_bytes()
    done = new_repro(fresh)
    assert (done.exit_code, done.stderr) == (4, "tooling: `repro/fake/run.py` exists; it is left as it is\n")
    assert path.read_bytes() == before


def test_a_work_without_a_card_has_no_script(fresh: Repository) -> None:
    done = new_repro(fresh, "other")
    assert done.exit_code == 3
    assert done.stderr == "tooling: no card `other`; `tooling add-paper` makes one\n"


def test_a_work_whose_claims_no_run_can_test_has_no_script(fresh: Repository) -> None:
    path = fresh.card("more-helps")
    path.write_text(path.read_text().replace("kind: direct", "kind: none"))
    done = new_repro(fresh)
    assert done.exit_code == 5
    assert "has no claim that a run can test" in done.stderr
    assert not (fresh.root / "repro").exists()


def test_a_new_script_for_any_card_of_the_survey_has_the_house_shape() -> None:
    for card in load_library(ROOT / "papers").values():
        if claims_to_test(card):
            text = script_text(card)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                source = rule.source(f"repro/{card.slug}/run.py", text)
            checks = (rule.script_breaches, rule.undocumented, rule.unannotated, rule.many_positional)
            assert [line for check in checks for line in check(source)] == []
            assert max(len(line) for line in text.splitlines()) <= 120
            assert ast.get_docstring(source.tree)


@pytest.mark.timeout(300)
def test_a_new_script_runs_at_smoke_as_it_stands(fresh: Repository) -> None:
    pytest.importorskip("torch", reason="the lab is not installed (`make test` installs it)")
    from tooling.runs.plan import Request, make_plan
    from tooling.runs.script import load_script
    from tooling.runs.smoke import smoke

    assert new_repro(fresh).exit_code == 0
    found = smoke(make_plan(load_script(fresh.root, "fake"), Request(scale="smoke")))
    assert found.failures == ()
    assert all(0.1 < cell.measures["base pass@1"] < 0.6 for cell in found.cells)
