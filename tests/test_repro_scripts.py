"""Every reproduction runs at scale `smoke`, all in this process: importing the stack takes longer than a smoke run."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tooling.runs.plan import Plan, Request, make_plan
from tooling.runs.script import load_script
from tooling.runs.smoke import Smoke, keep_to_one_thread, smoke

pytest.importorskip("torch", reason="the lab is not installed (`make test` installs it)")

ROOT = Path(__file__).parents[1]
SLUGS = sorted(path.parent.name for path in ROOT.glob("repro/*/run.py"))
# on one core, with the shared base in the cache
MOST_SECONDS = 20.0
# all together pretrained in under half an hour on two cores
MOST_TRUNKS = 6


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep torch to one thread, as the command does."""
    before = dict(os.environ)
    keep_to_one_thread()
    yield
    os.environ.clear()
    os.environ.update(before)


def plan(slug: str) -> Plan:
    """The smoke run of a script."""
    return make_plan(load_script(ROOT, slug), Request(scale="smoke"))


def timed(slug: str) -> tuple[Smoke, float]:
    """A smoke run and its processor seconds, which a busy machine does not stretch."""
    started = time.process_time()
    return smoke(plan(slug)), time.process_time() - started


def test_there_is_a_reproduction() -> None:
    assert "tinyzero" in SLUGS


def test_the_bases_of_all_reproductions_are_forks_of_a_few_trunks() -> None:
    from tooling.models import Recipe
    from tooling.runs.bases import settings

    arms = [arm for slug in SLUGS for arm in load_script(ROOT, slug).arms("mini").values()]
    trunks = {value.trunk for arm in arms for value in settings(arm) if isinstance(value, Recipe)}
    assert 0 < len(trunks) <= MOST_TRUNKS, "\n".join(map(str, trunks))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_reproduction_runs_at_smoke_within_its_time(slug: str) -> None:
    found, seconds = timed(slug)
    assert found.failures == ()
    if seconds > MOST_SECONDS:
        # the first run on a machine makes the base; the bar is for a run that finds it
        found, seconds = timed(slug)
    assert found.failures == ()
    assert seconds < MOST_SECONDS


@pytest.mark.timeout(400)
def test_a_smoke_run_notices_two_arms_that_were_made_equal() -> None:
    planned = plan("tinyzero")
    first, second, *_ = planned.arms
    alike = replace(planned, arms={first: planned.arms[first], second: planned.arms[first]})
    failures = smoke(alike).failures
    assert any("end with the same fingerprint" in line for line in failures)
