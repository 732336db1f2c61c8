"""Tasks of several sizes, and a digest of what they draw that two processes can compare."""

import hashlib
import random
from itertools import islice

from tooling.tasks import Countdown, Multiplication, Split, Task

TASKS: dict[str, Task] = {
    "countdown": Countdown(),
    "countdown with four numbers": Countdown(count=4, largest=4, largest_target=30),
    "countdown with two numbers": Countdown(count=2, largest=30),
    "multiplication": Multiplication(),
    "multiplication of teens": Multiplication(smallest=20, largest=60, smallest_factor=11, largest_factor=19),
}
STYLES = {
    "countdown": ("guess", "solve", "search", "loose", "format"),
    "multiplication": ("direct", "decompose", "search", "slip"),
}
SPLITS = list(Split)


def styles(name: str) -> tuple[str, ...]:
    """The styles of demonstrations of a task in `TASKS`."""
    return STYLES[name.split()[0]]


def digest(name: str) -> str:
    """A hash of what a task draws: items, a stream, and demonstrations in every style."""
    task, drawn = TASKS[name], []
    for split in SPLITS:
        drawn += [task.items(split, 5, seed=3), list(islice(task.stream(split, 4), 5))]
    source = random.Random(5)
    drawn += [task.demonstration(item, style, source=source) for item in drawn[0] for style in styles(name)]
    return hashlib.sha256(repr(drawn).encode()).hexdigest()
