"""How far a training has led, and what one measure tells of another."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the lab is not installed (`make test` installs it)")

import torch

from tooling.evals.drift import explained, weight_distance
from tooling.models import Mixture, Policy, Recipe
from tooling.models.pretraining import new_model
from tooling.models.tokenizer import BEGIN, number_tokenizer
from tooling.tasks import Countdown


@pytest.fixture(scope="module")
def policy() -> Policy:
    """An untrained policy."""
    recipe = Recipe(Mixture.of(Countdown(), solve=1.0), width=16, layers=1, heads=2)
    return Policy(new_model(recipe).eval(), number_tokenizer(), "untrained", prefix=BEGIN)


def test_the_distance_in_weights_is_euclidean(policy: Policy) -> None:
    moved = policy.copy()
    with torch.no_grad():
        first, second, *_ = moved.model.parameters()
        first.view(-1)[0] += 3.0
        second.view(-1)[0] -= 4.0
    assert weight_distance(moved, policy) == pytest.approx(5.0, rel=1e-5)
    assert weight_distance(policy, policy) == 0.0


def test_a_quadratic_is_explained_whole_and_a_line_through_it_is_not() -> None:
    places = [0.0, 1.0, 2.0, 3.0]
    values = [0.0, 1.0, 4.0, 9.0]
    assert explained(values, places) == pytest.approx(1.0)
    # by hand: the line 3x - 1 leaves 1, -1, -1, 1, of a variation of 49
    assert explained(values, places, degree=1) == pytest.approx(1 - 4 / 49)


def test_the_unit_of_the_predictor_does_not_matter() -> None:
    source = np.random.default_rng(0)
    places, values = source.random(20), source.random(20)
    assert explained(values, places * 1e-9) == pytest.approx(explained(values, places), abs=1e-9)


def test_groups_that_lie_apart_add_what_the_predictor_does_not_tell() -> None:
    places, groups = [0.0, 1.0, 2.0, 3.0] * 2, ["low"] * 4 + ["high"] * 4
    apart = [place + 10 * (group == "high") for place, group in zip(places, groups, strict=True)]
    assert explained(apart, places) < 0.1
    assert explained(apart, places, groups=groups) == pytest.approx(1.0)
    assert explained(places, places, groups=groups) == pytest.approx(explained(places, places))


def test_an_outcome_that_does_not_vary_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to explain"):
        explained([0.5, 0.5, 0.5], [0.0, 1.0, 2.0])
