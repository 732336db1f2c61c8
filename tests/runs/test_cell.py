"""A cell is addressed by what it depends on, starts from its seed, and keeps numbers that mean something."""

import math
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tooling.errors import Invalid
from tooling.runs import Measured
from tooling.runs.cell import Cell, Finished, cell_key, earlier_seconds, flat, plain, read_cell, run_cell, write_cell

CELL = Cell("mini", "large", 3, "k")


@dataclass(frozen=True)
class Recipe:
    """Settings within settings."""

    width: int = 96


@dataclass(frozen=True)
class Config:
    """Settings of an arm."""

    recipe: Recipe = Recipe()
    rates: tuple[float, ...] = (0.1, 0.2)
    reward: object = None


def run(measured: object) -> Finished:
    """The finished cell of a measure that gives this back."""
    return run_cell(lambda arm, config, seed: measured, Config(), cell=CELL)


def test_the_address_depends_on_arm_settings_seed_and_code() -> None:
    def key(**changes: object) -> str:
        given = {"identity": {"script": "a"}, "arm": "large", "config": Config(), "seed": 1, **changes}
        return cell_key(given.pop("identity"), given.pop("arm"), **given)

    keys = [
        key(),
        key(identity={"script": "b"}),
        key(arm="small"),
        key(config=Config(recipe=Recipe(width=97))),
        key(config=Config(rates=(0.1,))),
        key(config=Config(reward=len)),
        key(config=Config(reward=max)),
        key(seed=2),
    ]
    assert len(set(keys)) == len(keys)
    assert key() == key(config=replace(Config(), rates=(0.1, 0.2)))


def test_settings_have_a_stable_form_or_are_refused() -> None:
    assert plain({"b": {2, 1}, "a": len}) == {"b": [1, 2], "a": "len"}
    with pytest.raises(Invalid, match="keep settings to numbers"):
        plain(Config(reward=object()))


def test_settings_are_flat_by_dotted_name() -> None:
    assert flat(Config()) == {"recipe.width": 96, "rates": [0.1, 0.2], "reward": None}


def test_numbers_are_rounded_once_and_outcomes_packed() -> None:
    found = run(Measured(measures={"x": np.float32(1 / 3), "n": 7}, outcomes={"right": [True, False]}, spread=2 / 3))
    assert found.measures == {"x": 0.333333, "n": 7.0}
    assert found.spread == 0.666667
    assert (found.arm, found.seed, found.outcomes["right"].shape) == ("large", 3, (2,))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_measure_that_is_not_finite_stops_the_cell_unless_it_diverged(value: float) -> None:
    with pytest.raises(Invalid, match="`x` is (nan|inf) in a cell that did not diverge"):
        run(Measured(measures={"x": value}))
    diverged = run(Measured(measures={"x": value, "y": 1.0}, diverged=True))
    assert (diverged.measures, diverged.diverged) == ({"x": None, "y": 1.0}, True)


def test_a_measure_gives_back_a_measured_or_the_cell_stops() -> None:
    with pytest.raises(Invalid, match="gave back a `dict`"):
        run({"x": 1.0})


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    found = run(Measured(measures={}, curves={"step": range(1000), "x": [math.nan, *range(999)]}))
    assert len(found.curves["step"]) == len(found.curves["x"]) == 48
    assert (found.curves["step"][0], found.curves["step"][-1], found.curves["x"][0]) == (0.0, 999.0, None)


def test_curves_of_different_lengths_are_refused() -> None:
    with pytest.raises(Invalid, match="curves of different lengths"):
        run(Measured(measures={}, curves={"step": [0, 1], "x": [1.0]}))


def test_a_cell_does_not_depend_on_the_cells_before_it() -> None:
    def measure(arm: str, config: Config, seed: int) -> Measured:
        return Measured(measures={"x": np.random.standard_normal()})

    first = run_cell(measure, Config(), cell=CELL)
    run_cell(measure, Config(), cell=Cell("mini", "small", 4, "l"))
    assert run_cell(measure, Config(), cell=CELL).measures == first.measures


def test_a_finished_cell_is_read_back_and_a_damaged_one_is_run_again(tmp_path: Path) -> None:
    found = run(Measured(measures={"x": 0.5}, curves={"step": [0, 1]}, outcomes={"right": [True]}, fingerprint="f"))
    path = tmp_path / ".build" / "cells" / "fake" / "k.json"
    write_cell(path, found)
    assert read_cell(path) == found
    assert [each.name for each in path.parent.iterdir()] == ["k.json"]
    path.write_text(path.read_text()[:-20])
    assert read_cell(path) is None
    assert read_cell(path.with_name("other.json")) is None


def test_the_time_of_earlier_cells_is_known_by_arm(tmp_path: Path) -> None:
    found = run(Measured(measures={}))
    for key, seconds in (("a", 10.0), ("b", 20.0)):
        write_cell(tmp_path / ".build" / "cells" / "fake" / f"{key}.json", replace(found, seconds=seconds))
    assert earlier_seconds(tmp_path, "fake", scale="mini") == {"large": 15.0}
    assert earlier_seconds(tmp_path, "fake", scale="gpu") == {}


def test_a_cell_costs_what_it_would_cost_without_the_cache_of_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    spared = [5.0]
    stages = ModuleType("tooling.train.stage")
    stages.spared_seconds = lambda: sum(spared)
    monkeypatch.setitem(sys.modules, "tooling.train.stage", stages)

    def measure(arm: str, config: object, seed: int) -> Measured:
        spared.append(100.0)
        return Measured(measures={"x": 1.0})

    assert 100.0 <= run_cell(measure, Config(), cell=CELL).seconds < 110.0
