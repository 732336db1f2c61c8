"""Costs follow from a stated price, and expectations say where they come from."""

import pytest

from tooling.runs.cost import CPU_PRICE, GPU_PRICE, cost, expected, words


def test_cores_and_gpus_have_their_price() -> None:
    cores = cost(3600 * 5, scale="mini", gpus=0, jobs=2)
    assert (cores.usd, cores.price) == (pytest.approx(0.2), CPU_PRICE)
    gpu = cost(3600 * 4, scale="gpu", gpus=1, jobs=4)
    assert (gpu.usd, gpu.price) == (pytest.approx(3.5), GPU_PRICE)
    assert cost(10, scale="gpu", gpus=0, jobs=1).price == CPU_PRICE


def test_what_was_measured_here_goes_before_the_recording_and_the_hint() -> None:
    arms = ["a", "a", "b"]
    assert expected(arms, {"a": 10.0, "b": 40.0}, recorded={"a": 1.0}, hint=5)[:2] == (60.0, "measured here earlier")
    assert expected(arms, {}, recorded={"a": 1.0}, hint=5)[:2] == (3.0, "as in the recording")
    assert expected(arms, {}, recorded={}, hint=5)[:2] == (15, "by the script's own figure")
    assert expected(arms, {}, recorded={}, hint=None) == (None, "first run", {})


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (89, "89 s"), (840, "14 min"), (7500, "2 h 05 min")])
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert words(seconds) == said
