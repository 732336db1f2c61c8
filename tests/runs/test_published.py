"""Every published result follows from its own measures: the rules are applied again to what is stored."""

import os
from pathlib import Path

import pytest

from tooling.runs.assembly import redecide
from tooling.runs.outcome import read_outcomes
from tooling.runs.result import LARGEST_RECORDING_BYTES, Result, load_result
from tooling.runs.revalidation import judged_otherwise
from tooling.runs.staleness import changed_rules, current_hashes, hashes_of, shared_source
from tooling.runs.syntax import ScriptSource

ROOT = Path(__file__).parents[2]
PATHS = sorted(ROOT.glob("repro/*/results/*.json"))


def published() -> list[Result]:
    """The recorded results."""
    return [load_result(path) for path in PATHS]


@pytest.mark.parametrize("found", published(), ids=lambda found: f"{found.slug}-{found.scale}")
def test_the_rules_give_the_published_verdicts_again(found: Result) -> None:
    pytest.importorskip("torch", reason="the lab is not installed (`make test` installs it)")
    path = ROOT / found.script
    now = current_hashes(ScriptSource(path), shared_source(ROOT), slug=found.slug, scale=found.scale)
    settled = [hashes_of(found, each)["deciding"] for each in found.revalidations if each["agrees"]]
    if now["deciding"] not in (found.hashes["deciding"], *settled):
        pytest.skip("the deciding modules have changed since; the result is shown as stale")
    again = redecide(ROOT, found)
    for key, claim in found.claims.items():
        if key in changed_rules(found, now):
            continue
        assert judged_otherwise(claim, again[key]) == []
        if now["deciding"] == found.hashes["deciding"]:  # else words may be other ones
            assert again[key] == claim


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_a_published_recording_stays_small_and_brings_its_outcomes(path: Path) -> None:
    found = load_result(path)
    outcomes = path.with_name(f"{path.stem}-{found.recording}-outcomes.npz")
    assert os.path.getsize(path) + (os.path.getsize(outcomes) if outcomes.exists() else 0) <= LARGEST_RECORDING_BYTES
    if outcomes.exists():
        assert {(arm, seed) for arm, seed, _ in read_outcomes(outcomes)} <= {
            (name, seed) for name, arm in found.arms.items() for seed in arm.measures
        }


@pytest.mark.parametrize("found", published(), ids=lambda found: f"{found.slug}-{found.scale}")
def test_a_published_history_is_whole(found: Result) -> None:
    assert [entry["recording"] for entry in found.history] == list(range(1, found.recording + 1))
    latest = found.history[-1]["claims"]
    assert {key: entry["verdict"] for key, entry in latest.items()} == {
        key: claim.verdict for key, claim in found.claims.items()
    }
    first = 1000 * found.recording
    assert all(first <= seed < first + 1000 for claim in found.claims.values() for seed in claim.seeds)
