"""Powers are what a simulation of the rules gives, and the command says what they rest on."""

import numpy as np
import pytest

from tests.runs.conftest import Repository
from tooling.runs.planted_truth import judge
from tooling.runs.power import (
    direction_power,
    equivalence_power,
    seeds_for_direction,
    seeds_for_equivalence,
    upper_spread,
    visible_effect,
)

REPEATS = 40_000
SAMPLING = 0.01  # four standard errors of a share of 40,000


def simulated(effect: float, spread: float, *, seeds: int) -> np.ndarray:
    return np.random.default_rng([seeds, int(1000 * effect)]).normal(effect, spread, (REPEATS, seeds))


@pytest.mark.parametrize(("effect", "seeds"), [(0.0, 8), (0.03, 3), (0.03, 5), (0.05, 8), (0.05, 30), (0.1, 8)])
def test_the_power_of_a_direction_is_how_often_its_interval_excludes_zero(effect: float, seeds: int) -> None:
    share = (judge(simulated(effect, 0.06, seeds=seeds), "direction").low > 0).mean()
    assert direction_power(effect, 0.06, seeds=seeds) == pytest.approx(share, abs=SAMPLING)


@pytest.mark.parametrize(("spread", "seeds"), [(0.02, 5), (0.06, 5), (0.06, 12), (0.12, 12), (0.06, 30)])
def test_the_power_of_an_equivalence_is_how_often_it_is_supported_where_it_holds(spread: float, seeds: int) -> None:
    share = (judge(simulated(0.0, spread, seeds=seeds), "equivalence", margin=0.06).verdict == 2).mean()
    assert equivalence_power(0.06, spread, seeds=seeds) == pytest.approx(share, abs=SAMPLING)


def test_the_visible_effect_is_seen_in_four_cases_of_five() -> None:
    for seeds in (5, 8, 30):
        effect = visible_effect(0.06, seeds=seeds)
        assert (judge(simulated(effect, 0.06, seeds=seeds), "direction").low > 0).mean() == pytest.approx(
            0.8, abs=SAMPLING
        )


def test_the_seeds_needed_are_the_fewest_that_reach_the_power() -> None:
    for margin, spread in ((0.05, 0.05), (0.02, 0.06), (0.2, 0.01)):
        seeds = seeds_for_direction(margin, spread)
        assert seeds is not None
        assert direction_power(margin, spread, seeds=seeds) >= 0.8
        assert seeds == 2 or direction_power(margin, spread, seeds=seeds - 1) < 0.8
        equal = seeds_for_equivalence(margin, spread)
        assert equal is not None
        assert equivalence_power(margin, spread, seeds=equal) >= 0.8
        assert equal == 2 or equivalence_power(margin, spread, seeds=equal - 1) < 0.8


def test_what_no_number_of_seeds_shows_is_said_as_none() -> None:
    assert seeds_for_direction(0.001, 0.1) is None
    assert seeds_for_equivalence(0.001, 0.1) is None


def test_the_true_spread_is_below_its_upper_limit_in_four_cases_of_five() -> None:
    seen = simulated(0.0, 1.0, seeds=4).std(axis=1, ddof=1)
    factor = upper_spread(1.0, seeds=4)
    assert (seen * factor >= 1.0).mean() == pytest.approx(0.8, abs=SAMPLING)


def power(repository: Repository, *, code: int = 0) -> tuple[str, str]:
    from click.testing import CliRunner

    from tooling.cli import main

    done = CliRunner().invoke(main, ["power", "fake", "--root", str(repository.root)], catch_exceptions=False)
    assert done.exit_code == code, done.stderr
    return done.stdout, done.stderr


EQUAL = (
    "}\nEQUAL",
    '    "less": Claim(arms=("small", "large"), contrast=GAIN, region=Within(), margin=1, unit="x"),\n}\nEQUAL',
)


def test_the_command_takes_explored_seeds_first_and_says_so(repository: Repository) -> None:
    repository.script(EQUAL, ("random(config.items) < 0.3", "random(config.items) < (seed % 3) * 0.02 + 0.3"))
    said = power(repository, code=3)[1]
    assert said == (
        "tooling: no spread is known for `fake` at `mini`; explore first: "
        "`tooling repro fake --scale mini --seeds 0:4`\n"
    )
    repository.run("--scale", "mini", "--seeds", "0:5")
    rows = power(repository)[0].splitlines()
    assert rows[0] == "fake at mini, power 80%"
    direction, equivalence = rows[2].split(), rows[3].split()
    assert rows[2].endswith("direction    5 seeds of explored seeds")
    assert rows[3].endswith("equivalence  5 seeds of explored seeds")
    assert equivalence[0] == "fake/less"
    assert float(direction[3]) > float(direction[2]) > 0
    # a changed script is another one: what was explored with it says nothing
    repository.script(EQUAL, ("0.3 + config.gain", "0.2 + config.gain"))
    assert "no spread is known" in power(repository, code=3)[1]


def test_without_explored_seeds_the_command_takes_the_recording(repository: Repository) -> None:
    repository.commit()
    repository.run("--scale", "mini", "--record")
    assert power(repository)[0].splitlines()[2].endswith("8 seeds of recording 1")
