"""Trainings in this folder start quickly and are made each time: what a cache gives back proves nothing about them."""

import gc
from collections.abc import Iterator

import pytest

from tooling.train import uncached


@pytest.fixture(autouse=True, scope="package")
def stack_out_of_reach_of_the_collector() -> Iterator[None]:
    """Import the stack once and leave it out of the collection with which every training of TRL begins."""
    import tooling.train.trl_adapter
    import tooling.train.trl_supervised  # noqa: F401

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def made_each_time() -> Iterator[None]:
    """Train without the cache; the tests of the cache have a fixture of this name that gives them one."""
    with uncached():
        yield
