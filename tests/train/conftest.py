"""Trainings in this folder start quickly: each one collects garbage, and the imported stack is none."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def stack_out_of_reach_of_the_collector() -> Iterator[None]:
    """Import the stack once and leave it out of the collection with which every training of TRL begins."""
    import tooling.train.trl_adapter  # noqa: F401

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
