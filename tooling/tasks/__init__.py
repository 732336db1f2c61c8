"""Procedural tasks with verifiable answers; their splits are disjoint by the hash of the canonical item."""

from tooling.tasks.addition import Addition
from tooling.tasks.countdown import Countdown
from tooling.tasks.gym import Gym
from tooling.tasks.handful import Handful
from tooling.tasks.item import Completion, Demonstration, Item, Split, split_of
from tooling.tasks.knights import Knights
from tooling.tasks.memorisation import changed_pairs, memorisation_score
from tooling.tasks.multiplication import Multiplication
from tooling.tasks.task import Enumerable, Interactive, Perturbable, Task
from tooling.tasks.trace import Trace, chosen, traces
from tooling.tasks.tracking import Tracking

__all__ = [
    "Addition",
    "Completion",
    "Countdown",
    "Demonstration",
    "Enumerable",
    "Gym",
    "Handful",
    "Interactive",
    "Item",
    "Knights",
    "Multiplication",
    "Perturbable",
    "Split",
    "Task",
    "Trace",
    "Tracking",
    "changed_pairs",
    "chosen",
    "memorisation_score",
    "split_of",
    "traces",
]
