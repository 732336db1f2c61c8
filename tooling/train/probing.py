"""Probing along the way: measures of the policy at some steps, taken so that the training does not notice."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch

from tooling.models import Policy
from tooling.train.trained import Probe


class Probing:
    """What a probe says of a policy in training: at step 0, every `every` steps, and at the end.

    `every` 0 leaves out what lies between. Each step is probed once.
    """

    def __init__(self, policy: Policy, probe: Probe | None, *, every: int) -> None:
        """Probe this policy, whose weights a trainer moves."""
        self.policy = policy
        self.probe = probe
        self.every = every
        self.results: list[dict[str, float]] = []

    def take(self, step: int) -> None:
        """Probe the weights as they are now, unless this step is probed already."""
        if self.probe is None or any(result["step"] == step for result in self.results):
            return
        training = self.policy.model.training
        with undisturbed(), torch.no_grad():
            found: Mapping[str, float] = self.probe(self.policy, step)
        self.policy.model.train(training)
        self.results.append({**{name: float(value) for name, value in found.items()}, "step": step})

    def take_if_due(self, step: int) -> None:
        """Probe at the steps that are multiples of `every`."""
        if self.every and step % self.every == 0:
            self.take(step)


class Watch(Protocol):
    """What notes whether a training has diverged."""

    diverged: bool


@contextmanager
def ended_by_overflow(watch: Watch) -> Iterator[None]:
    """Take weights from which nothing can be sampled any more, finite or not, for a divergence, and note it."""
    try:
        yield
    except RuntimeError as error:
        if "probability tensor" not in str(error):
            raise
        watch.diverged = True


@contextmanager
def undisturbed() -> Iterator[None]:
    """Leave every source of randomness of the process as it was: Python's, NumPy's, PyTorch's on all devices."""
    plain, array = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(range(torch.cuda.device_count())):
            yield
    finally:
        random.setstate(plain)
        np.random.set_state(array)
