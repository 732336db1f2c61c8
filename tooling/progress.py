"""Progress of one long stage, as plain lines on stderr: few enough for a log, and safe from several processes."""

import sys
import time
from collections.abc import Callable

SECONDS_BETWEEN_LINES = 10.0

Report = Callable[[int, int, str], None]  # step reached, steps in all, a word on the state


def stage_report(what: str) -> Report:
    """A function that tells of the stage `what`: a line every 10 s with the step, the state and the time left."""
    started = last = time.monotonic()

    def report(step: int, steps: int, state: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < SECONDS_BETWEEN_LINES:
            return
        last = now
        left = (now - started) / step * (steps - step)
        print(f"  {what}: step {step} of {steps}, {state}, {left:.0f} s left", file=sys.stderr, flush=True)

    return report
