"""Turns between the processes of one machine: a file lock, and a pace that all of them keep together."""

import fcntl
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tooling.cards.file import sweep_scratch
from tooling.errors import TryLater

POLL_SECONDS = 0.05
# another process holds the lock while it writes its cards, which takes milliseconds each
_WRITING_SECONDS = 30.0


class NoTurn(Exception):
    """The turn does not come before the deadline; `seconds` says how much longer it takes, where that is known."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@contextmanager
def lock(path: Path, *, seconds: float) -> Iterator[int]:
    """A handle of the file `path` while this process alone holds its lock; waits for it up to `seconds`.

    The lock ends with the process, however it ends. Raises `NoTurn` when the time is over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + seconds
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        while not _try_lock(handle):
            if time.monotonic() >= deadline:
                raise NoTurn(None)
            time.sleep(POLL_SECONDS)
        yield handle
    finally:
        # closing gives the lock back
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def card_turn(root: Path) -> Iterator[None]:
    """Hold the lock under which cards are written; raises `TryLater` where another process keeps it."""
    try:
        with lock(root / ".build" / "papers.lock", seconds=_WRITING_SECONDS):
            sweep_scratch(root / "papers")
            yield
    except NoTurn as error:
        raise TryLater("another process is writing cards; nothing was written, try again later") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TryLater(f"cannot write below `{root}` ({reason}); cards that are written are whole") from error


@dataclass
class Turn:
    """A turn that is being held, and the rest in seconds that follows it."""

    rest_seconds: float


@dataclass(frozen=True)
class Pace:
    """One action at a time, and `seconds` of rest between two, over all processes that use the same `path`.

    The file holds the time of day before which nobody may act. A time further away than `longest_seconds` is no pause
    that was asked for, but a clock that was set back or a damaged file, and is cut to that.
    """

    path: Path
    seconds: float
    longest_seconds: float

    @contextmanager
    def turn(self, *, patience: float) -> Iterator[Turn]:
        """A turn, waited for up to `patience` seconds; raises `NoTurn` where it comes later than that.

        Whoever holds it may raise its `rest_seconds`, as a service asked that says when to come back.
        """
        deadline = time.monotonic() + patience
        with lock(self.path, seconds=patience) as handle:
            pause = self._pause(handle)
            if time.monotonic() + pause > deadline:
                raise NoTurn(pause)
            time.sleep(pause)
            turn = Turn(self.seconds)
            # written before and after: a process that is killed in between has still acted
            _write(handle, time.time() + turn.rest_seconds)
            try:
                yield turn
            finally:
                _write(handle, time.time() + min(turn.rest_seconds, self.longest_seconds))

    def _pause(self, handle: int) -> float:
        """The seconds until the next turn."""
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            pause = float(os.read(handle, 64)) - time.time()
        except ValueError:
            return 0.0
        # not a number compares false with everything and gives 0
        return min(pause, self.longest_seconds) if pause > 0 else 0.0


def _write(handle: int, moment: float) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    # rounded up: a turn may come late, never early
    os.write(handle, b"%-32.3f" % (math.ceil(moment * 1000) / 1000))
