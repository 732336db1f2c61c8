"""Processes take turns, and keep a pace together."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tooling.cards.lock import NoTurn, Pace, lock

TAKE_TURNS = """
import sys, time
from pathlib import Path
from tooling.cards.lock import Pace
pace = Pace(Path(sys.argv[1]), 0.15, 60)
for _ in range(2):
    with pace.turn(patience=30):
        print(time.time(), flush=True)
"""


def test_a_lock_is_held_by_one_and_given_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "lock"
    with lock(path, seconds=0), pytest.raises(NoTurn), lock(path, seconds=0.1):
        pass
    with lock(path, seconds=0):
        pass


def test_a_killed_process_gives_its_lock_back(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from tooling.cards.lock import lock\n"
        "with lock(Path(sys.argv[1]), seconds=0): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, tmp_path / "lock"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(NoTurn), lock(tmp_path / "lock", seconds=0.1):
            pass
        holder.kill()
        holder.wait()
    with lock(tmp_path / "lock", seconds=1):
        pass


def test_four_processes_keep_one_pace(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TAKE_TURNS, tmp_path / "pace"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    moments = sorted(float(line) for process in running for line in process.communicate(timeout=60)[0].split())
    assert len(moments) == 8
    gaps = [later - earlier for earlier, later in zip(moments, moments[1:], strict=False)]
    assert min(gaps) >= 0.15


def test_a_rest_that_was_asked_for_is_kept_by_the_next(tmp_path: Path) -> None:
    pace = Pace(tmp_path / "pace", 0.0, 60)
    with pace.turn(patience=1) as turn:
        turn.rest_seconds = 30
    with pytest.raises(NoTurn) as refusal, pace.turn(patience=1):
        pass
    assert refusal.value.seconds == pytest.approx(30, abs=1)


@pytest.mark.parametrize("damage", ["", "soon", "nan", "inf", "-5", "9" * 30, "\x00" * 40])
def test_a_damaged_or_distant_time_never_blocks_for_longer_than_the_longest_rest(tmp_path: Path, damage: str) -> None:
    (tmp_path / "pace").write_text(damage)
    begun = time.monotonic()
    with Pace(tmp_path / "pace", 0.0, 0.2).turn(patience=5):
        pass
    assert time.monotonic() - begun < 1
