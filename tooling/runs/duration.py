"""Durations as people write them, and a budget of time that runs out."""

import re
import time

from tooling.errors import UsageError

FORM = re.compile(r"(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?")


def duration(text: str) -> int:
    """The seconds of a duration: `90s` gives 90, `25m` 1500, `1h30m` 5400. Raises `UsageError` on anything else."""
    found = FORM.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    if not (total := 3600 * hours + 60 * minutes + seconds):
        raise UsageError(f"`--budget {text}` is no duration; write hours, minutes, seconds: `25m`, `90s`, `1h30m`")
    return total


class Budget:
    """Time that runs from the moment it is made; without a number of seconds it never ends."""

    def __init__(self, seconds: float | None) -> None:
        """Start the clock."""
        self.seconds = seconds
        self.started = time.monotonic()

    @property
    def left(self) -> float:
        """The seconds left, infinite where there is no limit; negative when it is over."""
        return float("inf") if self.seconds is None else self.seconds - (time.monotonic() - self.started)
