"""Progress tells cells, time gone and time left, and what a long cell is doing."""

from pathlib import Path

import pytest

from tooling.runs import progress
from tooling.runs.cell import Cell
from tooling.runs.progress import Clock, Lines
from tooling.runs.schedule import Reply, Worker

CELL = Cell("mini", "large", 3, "k")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test moves on."""
    time = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: time[0])
    return time


def test_the_time_left_is_reckoned_from_what_is_expected_then_from_the_cells_done(now: list[float]) -> None:
    clock = Clock(8, jobs=2, expected_seconds=80.0)
    assert str(clock) == "0 of 8 cells, 0 s gone, about 40 s left"
    now[0] += 20
    clock.add(CELL, Reply(seconds=20.0))
    assert str(clock) == "1 of 8 cells, 20 s gone, about 60 s left"


def test_where_nothing_is_known_it_says_so(now: list[float]) -> None:
    assert str(Clock(8, jobs=2, expected_seconds=None)) == "0 of 8 cells, 0 s gone, time left not known yet"


def test_short_cells_share_lines_and_long_ones_show_what_they_do(
    now: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines(Clock(4, jobs=1, expected_seconds=None))
    lines.tell(CELL, Reply(seconds=0.1))
    lines.tick(["trunk 3x64: step 2 of 8"])
    assert capsys.readouterr().err == ""
    now[0] += 31
    lines.tick(["trunk 3x64: step 4 of 8"])
    assert capsys.readouterr().err.endswith("left; trunk 3x64: step 4 of 8\n")
    lines.tell(CELL, Reply(diverged=True))
    assert capsys.readouterr().err.endswith("(large, seed 3: diverged)\n")


def test_a_worker_tells_the_step_of_its_stage_and_no_other_noise(tmp_path: Path) -> None:
    log = tmp_path / "worker-0.log"
    worker = Worker(tmp_path, log=log)
    assert worker.doing() == ""
    log.write_text("a warning\n  grpo: step 30 of 60, reward 0.41, 20 s left\n")
    assert worker.doing() == "grpo: step 30 of 60, reward 0.41, 20 s left"
    log.write_text("  grpo: step 30 of 60\nTraceback\n")
    assert worker.doing() == ""
