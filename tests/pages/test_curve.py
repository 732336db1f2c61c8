"""Curves over training, with gaps where a seed has no value."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.pages.sample import result
from tooling.pages.curve import Point, curves, nice_ticks, plot


def test_a_point_is_the_mean_over_the_seeds_that_have_it() -> None:
    (curve,) = curves(result("x", {}).arms)
    assert (curve.measure, curve.axis, curve.steps) == ("pass@1", "step", (0, 10, 20))
    assert curve.arms["large"][0] == Point(0.2, 0.1, 0.3)
    assert curve.arms["large"][10] == Point(0.4, 0.4, 0.4)
    assert curve.arms["large"][20] == Point(0.2, 0.2, 0.2)


def test_an_arm_that_stopped_early_has_gaps_in_the_table() -> None:
    arms = dict(result("x", {}).arms)
    arms["small"] = replace(arms["small"], curves={1000: {"step": [0], "pass@1": [0.1]}})
    (curve,) = curves(arms)
    assert [points[1] for _, points in curve.table()] == [Point(0.1, 0.1, 0.1), None, None]
    ElementTree.fromstring(plot(curve))


def test_a_measure_without_steps_draws_nothing() -> None:
    arms = {"a": replace(result("x", {}).arms["large"], curves={1000: {}, 1001: {"step": [0], "loss": [1.0]}})}
    assert curves({"a": replace(arms["a"], curves={1001: {"step": [0], "loss": [1.0]}})}) == []
    assert curves(arms) == []


def test_a_long_table_keeps_its_first_and_last_step() -> None:
    arm = replace(result("x", {}).arms["large"], curves={1: {"step": list(range(101)), "loss": [1.0] * 101}})
    (curve,) = curves({"a": arm})
    rows = curve.table()
    assert (len(rows), rows[0][0], rows[-1][0]) == (5, 0, 100)
    ElementTree.fromstring(plot(curve))


def test_names_of_arms_are_escaped() -> None:
    (curve,) = curves({"<script>": result("x", {}).arms["large"]})
    assert "<script>" not in plot(curve)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.02, 0.27, [0.0, 0.1, 0.2, 0.3]),
        (0.0, 0.0, [0.0, 0.25, 0.5, 0.75, 1.0]),
        (-1.0, 1.0, [-1.0, -0.5, 0.0, 0.5, 1.0]),
    ],
)
def test_ticks_are_round_and_enclose_the_values(low: float, high: float, ticks: list[float]) -> None:
    assert nice_ticks(low, high) == ticks


def test_the_axis_is_the_step_wherever_it_stands() -> None:
    series = {"pass@1": [0.1, 0.2], "pass@64": [0.5, 0.4], "step": [0, 100]}
    arm = replace(result("x", {}).arms["large"], curves={1: series})
    assert [(curve.measure, curve.axis) for curve in curves({"a": arm})] == [("pass@1", "step"), ("pass@64", "step")]
    without = {name: values for name, values in series.items() if name != "step"}
    assert [(curve.measure, curve.axis) for curve in curves({"a": replace(arm, curves={1: without})})] == [
        ("pass@64", "pass@1")
    ]
