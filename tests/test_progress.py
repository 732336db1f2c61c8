"""A long stage tells of itself now and then, on stderr, with the time that is left."""

import pytest

from tooling import progress
from tooling.progress import SECONDS_BETWEEN_LINES, stage_report


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """The time that was set."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the module under test reads."""
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_a_line_names_the_stage_the_step_the_state_and_the_time_left(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    report = stage_report("trunk 3x64")
    clock.now += 20.0
    report(50, 200, "loss 1.25")
    shown = capsys.readouterr()
    assert shown.err == "  trunk 3x64: step 50 of 200, loss 1.25, 60 s left\n"
    assert shown.out == "", "stdout is for data"


def test_a_short_stage_says_nothing(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    report = stage_report("short")
    for step in range(1, 101):
        clock.now += SECONDS_BETWEEN_LINES / 101
        report(step, 100, "fine")
    assert capsys.readouterr().err == ""


def test_lines_are_at_least_so_many_seconds_apart(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    report = stage_report("long")
    for step in range(1, 1001):
        clock.now += 0.1
        report(step, 1000, "fine")
    lines = capsys.readouterr().err.splitlines()
    assert 0 < len(lines) <= 100 / SECONDS_BETWEEN_LINES
    assert all(line.startswith("  long: step ") for line in lines)


def test_the_last_step_has_no_time_left(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    report = stage_report("end")
    clock.now += 30.0
    report(10, 10, "done")
    assert capsys.readouterr().err.endswith("done, 0 s left\n")


def test_two_stages_do_not_share_their_clocks(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    first = stage_report("first")
    clock.now += 20.0
    second = stage_report("second")
    clock.now += 5.0
    first(1, 2, "x")
    second(1, 2, "y")
    assert capsys.readouterr().err == "  first: step 1 of 2, x, 25 s left\n"
