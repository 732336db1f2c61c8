"""The bases of a script are shown with what they can do, measured once."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.runs.conftest import Repository
from tooling.cli import main
from tooling.evals import ability
from tooling.evals.ability import abilities, task_words
from tooling.models import Mixture, Recipe
from tooling.tasks import Countdown

EASY = Countdown(count=2, largest=20, operators="+-")
RECIPE = Recipe(Mixture.of(EASY, solve=1.0), width=16, layers=1, heads=2, batch=16, steps=3)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("TOOLING_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(ability, "ITEMS", 10)
    return tmp_path / "cache"


def test_a_base_that_was_looked_at_is_not_sampled_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = abilities(RECIPE, tokens=8)
    assert first.task == "Countdown(count=2, largest=20, operators='+-')"
    assert 0 <= first.pass_at_1 <= first.pass_at_8 <= 1
    assert 1 <= first.tokens <= 8
    monkeypatch.setattr(ability, "evaluate", None)
    assert abilities(RECIPE, tokens=8) == [first]
    for path in (cache / "abilities").iterdir():
        path.write_text("{half")
    with pytest.raises(TypeError, match="not callable"):
        abilities(RECIPE, tokens=8)


def test_each_task_of_the_mixtures_has_a_row() -> None:
    other = Countdown(count=2, largest=30, operators="+-")
    rows = abilities(
        Recipe(Mixture(((EASY, "solve", 1.0), (other, "solve", 1.0))), width=16, layers=1, heads=2, steps=1), tokens=6
    )
    assert [row.task for row in rows] == [task_words(EASY), task_words(other)]


def test_a_script_without_a_recipe_has_no_base_to_show(repository: Repository) -> None:
    repository.script()
    done = CliRunner().invoke(main, ["bases", "fake", "--root", str(repository.root)])
    assert done.exit_code == 3
    assert "no arm of `fake` at `mini` makes its base by a recipe" in done.stderr


def test_arms_that_share_a_base_share_a_row(repository: Repository) -> None:
    imports = "from tooling.models import Mixture, Recipe\nfrom tooling.tasks import Countdown\n"
    recipe = (
        "    recipe: Recipe = Recipe(Mixture.of(Countdown(count=2, largest=9), solve=1.0), width=16, layers=1, heads=2,"
        " steps=2)\n"
    )
    repository.script(
        ("import numpy as np\n", "import numpy as np\n" + imports),
        ("    items: int = 40\n", "    items: int = 40\n" + recipe),
    )
    done = CliRunner().invoke(main, ["bases", "fake", "--root", str(repository.root)])
    assert done.exit_code == 0, done.output
    head, row, foot = done.stdout.splitlines()
    assert head.split() == ["base", "parameters", "arms", "task", "pass@1", "pass@8", "tokens", "truncated"]
    assert row.startswith("1x16, 2+0 steps  0.01M       small, large  Countdown(count=2, largest=9)")
    assert foot.startswith("10 test items")
