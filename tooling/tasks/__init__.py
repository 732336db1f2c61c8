"""Procedural tasks with verifiable answers; their splits are disjoint by the hash of the canonical item."""

from tooling.tasks.countdown import Countdown
from tooling.tasks.item import Completion, Item, Split, split_of
from tooling.tasks.multiplication import Multiplication
from tooling.tasks.task import Task

__all__ = ["Completion", "Countdown", "Item", "Multiplication", "Split", "Task", "split_of"]
