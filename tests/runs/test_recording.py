"""A recording has fresh seeds, a clean tree and a history; nothing that was started disappears."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.runs.conftest import Repository
from tooling.runs.assembly import redecide
from tooling.runs.outcome import read_outcomes
from tooling.runs.result import Result, load_result, load_results

RECORD = ("--scale", "mini", "--record")


@pytest.fixture
def committed(repository: Repository) -> Repository:
    """A repository whose script is committed."""
    repository.commit()
    return repository


def recorded(repository: Repository) -> Result:
    return load_result(repository.root / "repro/fake/results/mini.json")


def history(repository: Repository) -> list[tuple[int, bool]]:
    """The numbers in the history, with whether each was abandoned."""
    return [(entry["recording"], "abandoned" in entry) for entry in recorded(repository).history]


def test_a_recording_uses_fresh_seeds_and_carries_everything(committed: Repository) -> None:
    done = committed.run(*RECORD)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("recording 1 of fake at mini, seeds from 1000 on")
    found = recorded(committed)
    assert (found.recording, len(found.commit or "")) == (1, 40)
    claim = found.claims["fake/more-helps"]
    assert claim.seeds == tuple(range(1000, 1008))
    assert {entry for entry in found.hashes} == {"script", "size", "modules", "deciding", "rules", "statements"}
    assert {"python", "numpy"} <= found.versions.keys()
    assert found.device and found.price and found.started.endswith("Z")
    assert found.history[0]["claims"]["fake/more-helps"]["contrast_per_seed"] == list(claim.contrast_per_seed)
    files = sorted(path.name for path in (committed.root / "repro/fake/results").iterdir())
    assert files == ["mini-1-outcomes.npz", "mini.json"]
    assert sum(path.stat().st_size for path in (committed.root / "repro/fake/results").iterdir()) < 100_000
    assert len(read_outcomes(committed.root / "repro/fake/results/mini-1-outcomes.npz")) == 16


def test_a_recording_keeps_the_wording_of_its_claims_and_a_new_wording_is_not_stale(committed: Repository) -> None:
    committed.run(*RECORD)
    found = load_results(committed.root)["fake"]["mini"]
    assert not found.reworded("fake/more-helps", "A larger share helps.")
    assert found.reworded("fake/more-helps", "A larger share hurts.")
    path = committed.card("more-helps", "less")
    path.write_text(path.read_text().replace("statement: A larger share helps.", "statement: More of it helps."))
    assert load_results(committed.root)["fake"]["mini"].stale == ()


def test_the_rules_applied_to_the_stored_measures_give_the_stored_verdicts(committed: Repository) -> None:
    committed.run(*RECORD)
    found = recorded(committed)
    assert redecide(committed.root, found) == found.claims
    assert load_results(committed.root)["fake"]["mini"].stale == ()


def test_recording_again_adds_to_the_history_and_takes_other_seeds(committed: Repository) -> None:
    committed.run(*RECORD)
    first = recorded(committed)
    committed.commit()
    committed.run(*RECORD)
    second = recorded(committed)
    assert second.recording == 2
    assert second.claims["fake/more-helps"].seeds == tuple(range(2000, 2008))
    assert second.history[0] == first.history[0]
    assert second.history[1]["hashes"] == {name: second.hashes[name] for name in ("script", "size", "rules")}
    assert second.history[1]["device"] == second.device
    assert history(committed) == [(1, False), (2, False)]
    assert second.commit != first.commit


def test_a_tree_that_differs_from_its_commit_is_refused(committed: Repository) -> None:
    (committed.root / "new.txt").touch()
    done = committed.run(*RECORD)
    assert done.returncode == 5
    assert "the tree differs from its commit (`?? new.txt`); commit or put away the changes first" in done.stderr
    assert not (committed.root / ".build").exists()


def test_a_tree_without_a_commit_is_refused(repository: Repository) -> None:
    done = repository.run(*RECORD)
    assert done.returncode == 5
    assert "a recording needs a commit" in done.stderr


def test_too_few_seeds_are_refused(repository: Repository) -> None:
    repository.script(("region=Above()", "region=Within()"))
    repository.commit()
    done = repository.run(*RECORD)
    assert done.returncode == 5
    assert "`fake/more-helps` has 8 seeds at `mini` and needs 12" in done.stderr


def test_a_run_elsewhere_and_an_exploration_leave_the_recording_alone(committed: Repository, tmp_path: Path) -> None:
    committed.run(*RECORD)
    before = {path: path.read_bytes() for path in (committed.root / "repro").rglob("*.json")}
    assert committed.run("--scale", "mini", "--out", str(tmp_path / "there")).returncode == 0
    explored = committed.run("--scale", "mini")
    assert "This is not a recording" in explored.stdout
    assert before == {path: path.read_bytes() for path in (committed.root / "repro").rglob("*.json")}
    assert load_result(tmp_path / "there/fake/mini.json").claims["fake/more-helps"].seeds == tuple(range(8))


def fail_at(seed: int) -> tuple[str, str]:
    return ("    right = np", f"    if seed == {seed}:\n        raise RuntimeError\n    right = np")


def test_a_recording_that_broke_off_goes_on_where_nothing_has_changed(committed: Repository) -> None:
    blocker = committed.root / ".build"
    blocker.mkdir()
    (blocker / "stop").touch()
    stopping = (
        "    if seed == 1005 and pathlib.Path('.build/stop').exists():\n        raise RuntimeError\n    right = np"
    )
    committed.script(("    right = np", stopping))
    committed.commit()
    assert committed.run(*RECORD).returncode == 1
    started = ledger(committed)["started"]
    (blocker / "stop").unlink()
    done = committed.run(*RECORD)
    assert "14 kept from before, 2 to run" in done.stderr
    assert history(committed) == [(1, False)]
    assert recorded(committed).started == started


def ledger(repository: Repository) -> dict[str, Any]:
    return json.loads((repository.root / ".build/recordings/fake/mini.json").read_text())


def test_a_recording_that_was_left_and_changed_is_kept_as_abandoned(repository: Repository) -> None:
    repository.script(fail_at(1005))
    repository.commit()
    assert repository.run(*RECORD).returncode == 1
    repository.script()
    repository.commit()
    done = repository.run(*RECORD)
    assert done.stderr.startswith("recording 2 of fake at mini, seeds from 2000 on")
    assert history(repository) == [(1, True), (2, False)]
    assert recorded(repository).history[0]["claims"] == {}


def test_a_changed_rule_after_a_look_at_the_cells_abandons_a_recording_too(repository: Repository) -> None:
    repository.script(fail_at(1007))
    repository.commit()
    repository.run(*RECORD)
    repository.script(fail_at(1007), ("margin=0.05", "margin=0.01"))
    repository.commit()
    assert repository.run(*RECORD).stderr.startswith("recording 2")


def test_a_recording_of_which_no_cell_was_finished_was_not_seen(repository: Repository) -> None:
    repository.script(("    right = np", "    raise RuntimeError\n    right = np"))
    repository.commit()
    assert repository.run(*RECORD).returncode == 1
    repository.script()
    repository.commit()
    assert repository.run(*RECORD).stderr.startswith("recording 1")
    assert history(repository) == [(1, False)]


def test_a_rule_for_a_claim_that_no_card_has_is_not_recorded(repository: Repository) -> None:
    repository.card("less")
    repository.commit()
    done = repository.run(*RECORD)
    assert done.returncode == 5
    assert "claim `fake/more-helps`: the card `papers/fake.yaml` has no such claim" in done.stderr


def test_the_history_completes_an_older_result_from_the_result_itself(committed: Repository) -> None:
    committed.run(*RECORD)
    first = recorded(committed)
    path = committed.root / "repro/fake/results/mini.json"
    plain = json.loads(path.read_text())
    for name in ("device", "hashes"):  # as results were written before these were kept
        del plain["history"][0][name]
    path.write_text(json.dumps(plain))
    committed.commit()
    committed.run(*RECORD)
    assert recorded(committed).history[0] == first.history[0]
