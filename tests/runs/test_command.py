"""`tooling repro` as a person runs it: real processes, interrupted, killed, resumed, wrong in every way."""

import json
import os
import pty
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.runs.conftest import Repository, environment
from tooling.runs.outcome import read_outcomes
from tooling.runs.result import load_result

SLOW = ("PAUSE = 0.0", "PAUSE = 0.15")
# while the file is there, later cells take longer than any test
ENDLESS = ("time.sleep(PAUSE)", 'time.sleep(600 if seed > 2 and (pids.parent / ".build/endless").exists() else PAUSE)')


def measures(root: Path) -> dict[str, Any]:
    """What the exploration at `mini` measured, by arm and seed."""
    return {name: arm.measures for name, arm in load_result(root / ".build/runs/fake/mini.json").arms.items()}


def test_a_run_says_its_cost_first_and_ends_with_a_table_and_a_result(repository: Repository) -> None:
    done = repository.run("--scale", "mini", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    said = done.stderr.splitlines()
    assert said[0] == "fake at mini: 1 claim, 2 arms, 16 cells (arm and seed)"
    assert said[1] == "  0 kept from before, 16 to run, 2 side by side"
    assert said[2].startswith("  cost: not known, this is the first run")
    assert "16 of 16 cells" in said[-1]
    header, row = done.stdout.splitlines()[1:3]
    assert header.split() == "claim verdict estimate [95% interval] unit seeds margin smallest visible".split()
    assert row.startswith("fake/more-helps  supported")
    found = load_result(repository.root / ".build/runs/fake/mini.json")
    assert (found.recording, found.quick, found.history, found.commit) == (0, False, (), None)
    assert found.arms["large"].settings == {"gain": 0.3}
    assert found.sizes == {"steps": 4}
    assert found.tokens == 160
    assert list(found.arms["small"].measures) == list(range(8))
    claim = found.claims["fake/more-helps"]
    assert (claim.scope, claim.contrast) == ("in miniature: 40 items", "GAIN")
    outcomes = read_outcomes(repository.root / ".build/runs/fake/mini-outcomes.npz")
    assert len(outcomes) == 16
    assert outcomes["large", 3, "right"].mean() == pytest.approx(found.arms["large"].measures[3]["pass@1"])


def test_a_second_run_costs_nothing_and_gives_the_same(repository: Repository) -> None:
    first = repository.run("--scale", "mini")
    second = repository.run("--scale", "mini")
    assert "all of them are kept from before; cost: nothing more" in second.stderr
    assert first.stdout == second.stdout


def test_the_script_run_by_itself_is_the_same(repository: Repository) -> None:
    script = (str(repository.root / "repro/fake/run.py"),)
    direct = repository.run_process("--scale", "mini", "--jobs", "1", program=script)
    assert direct.returncode == 0
    assert direct.stdout == repository.run_process("--scale", "mini").stdout
    wrong = repository.run_process("--scale", "paper", program=script)
    assert (wrong.returncode, wrong.stderr) == (2, repository.run("--scale", "paper").stderr)


def test_an_interrupted_run_says_what_it_kept_and_goes_on_to_the_same_measures(
    repository: Repository, other_repository: Repository
) -> None:
    repository.script(SLOW)
    other_repository.script(SLOW)
    process = repository.start("--scale", "mini", "--jobs", "2")
    repository.wait_for_cells(3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    kept = len(repository.cells())
    assert 3 <= kept < 16
    assert said.splitlines()[-1] == (
        f"interrupted: {kept} of 16 cells are kept; the same command goes on with the other {16 - kept}"
    )
    assert repository.no_worker_is_left()
    resumed = repository.run("--scale", "mini", "--jobs", "2")
    assert f"{kept} kept from before, {16 - kept} to run" in resumed.stderr
    assert "(measured here earlier)" in resumed.stderr
    unbroken = other_repository.run("--scale", "mini")
    assert unbroken.returncode == 0
    assert measures(repository.root) == measures(other_repository.root)


def test_a_killed_run_leaves_no_worker_and_goes_on_to_the_same_measures(
    repository: Repository, other_repository: Repository
) -> None:
    repository.script(ENDLESS)
    other_repository.script(ENDLESS)
    endless = repository.root / ".build/endless"
    endless.parent.mkdir()
    endless.touch()
    process = repository.start("--scale", "mini", "--jobs", "2")
    repository.wait_for_cells(6)
    process.kill()
    process.communicate(timeout=20)
    assert repository.no_worker_is_left()
    endless.unlink()
    kept = len(repository.cells())
    assert f"{kept} kept from before" in repository.run("--scale", "mini").stderr
    other_repository.run("--scale", "mini")
    assert measures(repository.root) == measures(other_repository.root)


def test_a_worker_that_dies_costs_its_own_cell_only(repository: Repository) -> None:
    dying = 'print("about to die", flush=True)\n        os.kill(os.getpid(), 9)'
    repository.script(("    right = np", f'    if (arm, seed) == ("small", 2):\n        {dying}\n    right = np'))
    done = repository.run("--scale", "mini", "--jobs", "2")
    assert done.returncode == 1
    assert len(repository.cells()) == 15
    assert "arm `small`, seed 2" in done.stderr
    assert "about to die" in done.stderr
    assert "killed by signal 9; out of memory?" in done.stderr


def test_a_crashed_cell_shows_its_traceback_and_lets_the_others_finish(repository: Repository) -> None:
    repository.script(("    right = np", '    if seed == 5:\n        raise RuntimeError("five")\n    right = np'))
    done = repository.run("--scale", "mini")
    assert done.returncode == 1
    assert done.stderr.count("RuntimeError: five") == 2
    assert "--- fake: arm `large`, seed 5\nTraceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith(
        "tooling: 2 cells failed (see above), so no result is written; 14 of 16"
    )
    assert not (repository.root / ".build/runs/fake/mini.json").exists()
    assert done.stdout == ""


def test_a_measure_that_is_not_a_number_stops_the_run(repository: Repository) -> None:
    repository.script(('"noise": noise}', '"noise": float("nan")}'))
    done = repository.run("--scale", "mini", "--seeds", "0:1")
    assert done.returncode == 1
    assert "`noise` is nan in a cell that did not diverge" in done.stderr


def test_a_diverged_cell_is_recorded_flagged_and_shown(repository: Repository) -> None:
    repository.script(("spread=0.5)", 'spread=0.5, diverged=(arm, seed) == ("large", 3))'))
    done = repository.run("--scale", "mini")
    assert done.returncode == 0
    assert "large, seed 3: diverged" in done.stderr
    found = load_result(repository.root / ".build/runs/fake/mini.json")
    claim = found.claims["fake/more-helps"]
    assert claim.diverged == ("large/3",)
    assert claim.sensitivity is not None and claim.sensitivity in done.stdout
    assert found.arms["large"].diverged == (3,)


def second(parts: str) -> tuple[str, str]:
    """The change that gives the script a second claim, of equivalence."""
    return "}\nEQUAL", f'    "less": Claim({parts}, region=Within(), margin=1, unit="x"),\n}}\nEQUAL'


def test_seeds_and_claims_can_be_chosen(repository: Repository) -> None:
    repository.script(
        second('arms=("small", "third"), contrast=lambda m: m["small"]["noise"]'),
        ("replace(config, gain=0.3)}", 'replace(config, gain=0.3), "third": replace(config, gain=0.1)}'),
    )
    done = repository.run("--scale", "mini", "--claim", "more-helps", "--seeds", "20:23")
    assert done.stderr.startswith("fake at mini: 1 claim, 2 arms, 6 cells")
    found = load_result(repository.root / ".build/runs/fake/mini.json")
    assert list(found.claims) == ["fake/more-helps"]
    assert found.claims["fake/more-helps"].seeds == (20, 21, 22)
    both = repository.run("--scale", "mini", "--claim", "fake/less", "--claim", "more-helps")
    assert both.stderr.startswith("fake at mini: 2 claims, 3 arms, 24 cells")


def test_a_claim_with_more_seeds_reads_its_own_and_the_others_read_theirs(repository: Repository) -> None:
    repository.script(second('arms=("small", "large"), contrast=GAIN, seeds=12'))
    done = repository.run("--scale", "mini")
    assert done.stderr.startswith("fake at mini: 2 claims, 2 arms, 24 cells")
    claims = load_result(repository.root / ".build/runs/fake/mini.json").claims
    assert {key: len(claim.seeds) for key, claim in claims.items()} == {"fake/less": 12, "fake/more-helps": 8}
    assert repository.run("--scale", "quick").stderr.startswith("fake at quick: 2 claims, 2 arms, 6 cells")


def test_a_quick_look_is_marked_as_one(repository: Repository) -> None:
    done = repository.run("--scale", "quick")
    assert "This is a quick look at few seeds: it decides nothing." in done.stdout
    found = load_result(repository.root / ".build/quick/fake/quick.json")
    assert (found.quick, found.recording, found.claims["fake/more-helps"].scope) == (
        True,
        0,
        "in a quick look: 40 items",
    )


def test_a_result_can_be_written_elsewhere(repository: Repository, tmp_path: Path) -> None:
    done = repository.run("--scale", "mini", "--out", str(tmp_path / "there"))
    assert done.returncode == 0
    written = sorted(path.name for path in (tmp_path / "there/fake").iterdir())
    assert written == ["mini-outcomes.npz", "mini.json"]
    assert not (repository.root / ".build/runs/fake/mini.json").exists()
    assert not (repository.root / "repro/fake/results").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--scale", "paper"), 2, "`repro/fake/run.py` has no size `paper`; it has `smoke`, `quick`, `mini`"),
        (("--scale", "mini", "--seeds", "5"), 2, "`--seeds 5` is no range"),
        (("--scale", "mini", "--seeds", "7:3"), 2, "`--seeds 7:3` is no range"),
        (("--scale", "mini", "--claim", "other"), 3, "no rule for the claim `fake/other`; it has `fake/more-helps`"),
        (("--scale", "mini", "--record", "--seeds", "0:8"), 2, "`--record` and `--seeds` do not go together"),
        (("--scale", "quick", "--record"), 2, "`quick` decides nothing and is not recorded"),
        (("--scale", "mini", "--record", "--out", "x"), 2, "`--record` and `--out` do not go together"),
    ],
)
def test_a_wrong_call_is_one_line_with_its_code(
    repository: Repository, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = repository.run(*arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.parametrize("slug", ["missing", "../missing", "."])
def test_a_work_without_a_script_is_not_found(repository: Repository, slug: str) -> None:
    done = repository.run("--scale", "mini", slug=slug)
    assert done.returncode == 3
    said = f"no script `repro/{slug}/run.py`; scripts: `fake`; nor has `papers/` a card of that name"
    assert done.stderr == f"tooling: {said}\n"


def test_a_work_with_a_card_and_no_script_is_told_how_to_start_one(repository: Repository) -> None:
    repository.card("more-helps", slug="other")
    done = repository.run("--scale", "mini", slug="other")
    assert done.returncode == 3
    assert done.stderr.endswith("scripts: `fake`; `tooling new-repro other` starts one\n")


@pytest.mark.parametrize("slug", ["fakee", "../fake"])
def test_a_mistyped_name_of_a_script_is_told_the_right_one(repository: Repository, slug: str) -> None:
    done = repository.run("--scale", "mini", slug=slug)
    assert done.returncode == 3
    assert done.stderr == f"tooling: no script `repro/{slug}/run.py`; did you mean `fake`?\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("def measure(", "def measured(", "`measure` is missing"),
        ('arms=("small", "large")', 'arms=("small", "larger")', "`fake/more-helps` names the arm `larger`"),
        ("EQUAL = ()", 'EQUAL = (("small", "twin"),)', "`EQUAL` names the arm `twin`"),
        ("margin=0.05", "margin=0", "`margin` is 0"),
        ("CLAIMS = {", "CLAIMS = {}\n_ = {", "`CLAIMS` is empty"),
        ('"mini": Config()', '"mini": Config(), "large": 3', "`SIZES` has `large`"),
    ],
)
def test_a_script_that_lacks_something_is_told_what(repository: Repository, old: str, new: str, message: str) -> None:
    repository.script((old, new))
    done = repository.run("--scale", "mini")
    assert done.returncode == 5
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_sees_a_bar_with_the_time_left(repository: Repository) -> None:
    repository.script(SLOW, ("SECONDS = {}", 'SECONDS = {"mini": 3600}'))
    parent, child = pty.openpty()
    with subprocess.Popen(
        repository.command("--scale", "mini", "--seeds", "0:3"), env=environment(), stdout=subprocess.PIPE, stderr=child
    ) as process:
        os.close(child)
        shown = b""
        try:
            while piece := os.read(parent, 4096):
                shown += piece
        except OSError:  # the terminal is closed when the command has ended
            pass
        os.close(parent)
    text = shown.decode()
    assert process.returncode == 0
    assert "cost: about 6 h 00 min (by the script's own figure) and 0.24 USD" in text
    assert "0 of 6 cells" in text
    assert "left" in text


def test_every_cell_has_one_thread_and_the_same_start(repository: Repository) -> None:
    repository.script(("noise = float(np.random.standard_normal())", 'noise = float(os.environ["OMP_NUM_THREADS"])'))
    repository.run("--scale", "mini", "--seeds", "0:1")
    assert measures(repository.root)["large"][0]["noise"] == 1.0


def test_what_a_script_prints_is_no_answer_of_a_worker(repository: Repository) -> None:
    repository.script(
        (
            "    right = np",
            "    print('{\"seconds\": 1}', flush=True)\n    os.system('echo nothing-of-it')\n    right = np",
        )
    )
    done = repository.run("--scale", "mini", "--seeds", "0:2")
    assert done.returncode == 0
    assert "nothing-of-it" not in done.stdout


def test_cells_of_another_script_size_or_seed_are_not_taken_for_these(repository: Repository) -> None:
    repository.run("--scale", "mini", "--seeds", "0:2")
    repository.script(("0.3 + config.gain", "0.2 + config.gain"))
    changed = repository.run("--scale", "mini", "--seeds", "0:2")
    assert "0 kept from before, 4 to run" in changed.stderr
    # a rule is no part of what is measured
    repository.script(("0.3 + config.gain", "0.2 + config.gain"), ("margin=0.05", "margin=0.07"))
    ruled = repository.run("--scale", "mini", "--seeds", "0:2")
    assert "all of them are kept" in ruled.stderr
    assert (
        json.loads((repository.root / ".build/runs/fake/mini.json").read_text())["claims"]["fake/more-helps"]["margin"]
        == 0.07
    )
    shutil.rmtree(repository.root / ".build")
