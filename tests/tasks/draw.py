"""Tasks of several sizes, and a digest of what they draw that two processes can compare."""

import hashlib
import random
import re
from importlib.util import find_spec
from itertools import islice

from tooling.tasks import Addition, Countdown, Gym, Knights, Multiplication, Split, Task, Tracking

TASKS: dict[str, Task] = {
    "countdown": Countdown(),
    "countdown with four numbers": Countdown(count=4, largest=4, largest_target=30),
    "countdown with two numbers": Countdown(count=2, largest=30),
    "multiplication": Multiplication(),
    "addition": Addition(),
    "addition of three terms": Addition(digits=4, fewest=2, terms=3, pauses=0.5),
    "multiplication of teens": Multiplication(smallest=20, largest=60, smallest_factor=11, largest_factor=19),
    "knights": Knights(),
    "knights, four of them": Knights(people=4),
    "tracking": Tracking(),
    "tracking of five things": Tracking(things=5, swaps=3),
}
HAS_GYM = find_spec("reasoning_gym") is not None
if HAS_GYM:
    TASKS["gym: sums"] = Gym.of("chain_sum", max_terms=4, max_digits=2)
    TASKS["gym: puzzles"] = Gym.of("knights_knaves", n_people=3)
STYLES = {
    "countdown": ("guess", "solve", "search", "loose", "format"),
    "addition": ("direct", "steps", "check", "mistake", "fix", "confirm"),
    "multiplication": ("direct", "decompose", "search", "slip"),
    "knights": ("direct", "steps", "check", "retry", "backtrack", "mistake"),
    "tracking": ("direct", "steps", "check", "retry", "mistake"),
    "gym": ("direct",),
}
# what a style promises of every demonstration; those named nowhere may hit or miss
RIGHT_STYLES = {"solve", "search", "direct", "decompose", "steps", "check", "retry", "backtrack", "fix"}
WRONG_STYLES = {"slip", "mistake", "confirm"}
SPLITS = list(Split)


def styles(name: str) -> tuple[str, ...]:
    """The styles of demonstrations of a task in `TASKS`."""
    return STYLES[re.split("[ ,:]", name)[0]]


def digest(name: str) -> str:
    """A hash of what a task draws: items, a stream, and demonstrations in every style."""
    task, drawn = TASKS[name], []
    for split in SPLITS:
        drawn += [task.items(split, 5, seed=3), list(islice(task.stream(split, 4), 5))]
    source = random.Random(5)
    drawn += [task.demonstration(item, style, source=source) for item in drawn[0] for style in styles(name)]
    return hashlib.sha256(repr(drawn).encode()).hexdigest()
