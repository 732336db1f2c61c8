"""`tooling repro --all` and its kin: order, budget, and what is left when the process or the disk gives up."""

import random
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.runs.conftest import Repository, environment
from tooling.runs.duration import Budget
from tooling.runs.result import load_result

SLOW = ("PAUSE = 0.0", "PAUSE = 0.1")
ENDLESS = ("time.sleep(PAUSE)", "time.sleep(600 if seed > 2 else 0)")
ALL = ("--all", "--scale", "mini")


def timed(seconds: float) -> tuple[str, str]:
    """The change that gives the script its own figure of the seconds of a cell at `mini`."""
    return "SECONDS = {}", f'SECONDS = {{"mini": {seconds}}}'


@pytest.fixture
def pair(repository: Repository) -> Repository:
    """A repository with two scripts, `fake` and `other`, that tell how long their cells take."""
    return two_scripts(repository)


def two_scripts(repository: Repository, *changes: tuple[str, str]) -> Repository:
    repository.script(timed(0.2), *changes)
    repository.script(timed(0.1), ("0.3 + config.gain", "0.25 + config.gain"), *changes, slug="other")
    repository.card("more-helps", slug="other")
    return repository


def exploration(repository: Repository, slug: str) -> Path:
    return repository.root / f".build/runs/{slug}/mini.json"


def measured(repository: Repository) -> dict[str, Any]:
    """What was measured in each script, by arm and seed, with the verdicts."""
    found = {slug: load_result(exploration(repository, slug)) for slug in ("fake", "other")}
    return {
        slug: ({name: (arm.measures, arm.curves) for name, arm in each.arms.items()}, each.claims)
        for slug, each in found.items()
    }


def table(text: str) -> list[list[str]]:
    """The rows of the plan by their words."""
    return [line.split() for line in text.splitlines() if line.startswith("  ") and "left out" not in line][1:]


def test_all_scripts_run_side_by_side_and_each_leaves_its_result(pair: Repository) -> None:
    done = pair.run(*ALL, "--jobs", "2", slug=None)
    assert done.returncode == 0, done.stderr
    said = done.stderr.splitlines()
    assert said[0] == "2 of 2 scripts at mini, 2 side by side, about 2 s"
    assert [row[:2] for row in table(done.stderr)[:2]] == [["other", "no"], ["fake", "no"]]
    assert any("32 of 32 cells" in line for line in said)
    assert {line.split(": ")[1] for line in said if line.startswith("  finished")} == {"other", "fake"}
    assert done.stdout.count("Verdicts in miniature") == 2
    assert exploration(pair, "fake").is_file()
    assert exploration(pair, "other").is_file()
    # a worker serves cells of both scripts
    assert len(list((pair.root / "pids").iterdir())) <= 2


def test_a_dry_run_says_the_plan_and_does_nothing(pair: Repository) -> None:
    done = pair.run(*ALL, "--dry-run", slug=None)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 of 2 scripts at mini, 1 side by side, about 5 s")
    assert not (pair.root / ".build").exists()
    pair.commit()
    recording = pair.run(*ALL, "--record", "--dry-run", slug=None)
    assert (recording.returncode, recording.stdout.splitlines()[0]) == (0, done.stdout.splitlines()[0])
    assert not (pair.root / ".build").exists()
    alone = pair.run("--scale", "mini", "--dry-run")
    assert alone.stderr.splitlines()[0] == "fake at mini: 1 claim, 2 arms, 16 cells (arm and seed)"
    assert not (pair.root / ".build").exists()


def test_wanted_comes_before_cheap_and_direct_before_analogue(pair: Repository) -> None:
    # `third` is dearest but direct; `other` is cheap, but an analogue
    pair.script(timed(5), slug="third")
    pair.card("more-helps", slug="third")
    analogue = pair.card("more-helps", slug="other")
    analogue.write_text(analogue.read_text().replace("kind: direct", "kind: analogue"))
    done = pair.run(*ALL, "--dry-run", slug=None)
    assert [row[0] for row in table(done.stdout)] == ["fake", "third", "other"]
    # a script with a current verdict comes last, one with a stale verdict between
    pair.commit()
    assert pair.run("--scale", "mini", "--record").returncode == 0
    assert [row[0] for row in table(pair.run(*ALL, "--dry-run", slug=None).stdout)] == ["third", "other", "fake"]


def test_what_fits_into_the_budget_is_run_and_the_rest_is_named(pair: Repository) -> None:
    pair.script(timed(500), slug="long")
    pair.script(timed(600), slug="longer")
    done = pair.run(*ALL, "--budget", "1h", "--dry-run", slug=None)
    assert done.stdout.startswith("3 of 4 scripts at mini, 1 side by side, about 2 h 13 min of 1h")
    rows = table(done.stdout)
    assert [row[0] for row in rows] == ["other", "fake", "long"]
    assert "may not end" in done.stdout.splitlines()[4]
    assert done.stdout.splitlines()[-1] == "  left out: longer: its 2 h 40 min do not fit"
    pair.commit()
    recording = pair.run(*ALL, "--budget", "1h", "--record", "--dry-run", slug=None)
    assert [row[0] for row in table(recording.stdout)] == ["other", "fake"]
    # their rules are on no card, which a recording refuses before any cell
    assert recording.returncode == 5


def test_a_budget_that_ends_in_the_middle_leaves_whole_results_and_the_cells(
    pair: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the time is over when three cells of the second script have ended
    monkeypatch.setattr(Budget, "left", property(lambda self: 0.0 if len(pair.cells()) >= 19 else 1e6))
    # from the third seed on, the cells of `fake` take longer than any test
    pair.script(timed(0.2), ENDLESS)
    first = pair.run(*ALL, "--budget", "20m", slug=None)
    assert first.returncode == 0
    assert load_result(exploration(pair, "other")).claims
    assert not exploration(pair, "fake").exists()
    kept = len(list((pair.root / ".build/cells/fake").glob("*.json")))
    assert 0 < kept < 16
    assert f"no result: fake: {kept} of 16 cells are kept" in first.stderr
    assert (
        f"the budget is over: {16 + kept} of 32 cells are kept; the same command goes on with the other" in first.stderr
    )
    assert pair.no_worker_is_left()
    alone = pair.run("--scale", "mini", "--budget", "20m")
    assert (alone.returncode, alone.stdout) == (0, "")
    assert "the budget is over" in alone.stderr


def test_a_cell_that_would_not_end_in_time_is_not_begun(repository: Repository) -> None:
    repository.script(timed(50))
    started = time.monotonic()
    done = repository.run("--scale", "mini", "--budget", "30s")
    assert time.monotonic() - started < 25
    assert repository.cells() == []
    assert done.stderr.splitlines()[-1].startswith("the budget is over: 0 of 16 cells are kept")


def test_killed_at_any_moment_it_goes_on_to_the_results_of_an_unbroken_run(
    repository: Repository, other_repository: Repository
) -> None:
    two_scripts(repository, SLOW)
    two_scripts(other_repository, SLOW)
    assert other_repository.run(*ALL, "--jobs", "2", slug=None).returncode == 0
    unbroken = measured(other_repository)
    moments = random.Random(7)
    for _ in range(3):
        process = repository.start(*ALL, "--jobs", "2", slug=None)
        # within the run, not only within the start of Python
        until = len(repository.cells()) + moments.randrange(1, 9)
        while len(repository.cells()) < until and process.poll() is None:
            time.sleep(0.01)
        time.sleep(moments.random() * 0.1)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)
        assert repository.no_worker_is_left()
        for slug in ("fake", "other"):
            if exploration(repository, slug).is_file():
                load_result(exploration(repository, slug))
    done = repository.run(*ALL, "--jobs", "2", slug=None)
    assert done.returncode == 0
    assert measured(repository) == unbroken
    assert not [path for path in (repository.root / ".build").rglob(".*") if path.is_file()]


def test_a_full_disk_costs_what_is_not_written_and_nothing_else(pair: Repository) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    command = pair.command(*ALL, slug=None)
    # Python would leave the halves of bytecode that it could write, beside the modules of this tree
    apart = environment() | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, env=apart, capture_output=True, text=True, check=False, timeout=100, preexec_fn=small_files
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    failed = [line for line in done.stderr.splitlines() if "cannot be written (File too large)" in line]
    assert len(failed) == 2
    assert len(pair.cells()) == 32
    assert not [path for path in (pair.root / ".build/runs").rglob("*.json*")]
    assert pair.run(*ALL, slug=None).returncode == 0
    assert exploration(pair, "fake").is_file()


def test_a_failing_script_costs_itself_alone(pair: Repository) -> None:
    pair.script(("    right = np", "    raise RuntimeError('broken on purpose')\n    right = np"))
    broken = pair.script(slug="broken")
    broken.write_text("import nothing_of_that_name\n")
    done = pair.run(*ALL, slug=None)
    assert done.returncode == 1
    assert "broken on purpose" in done.stderr
    assert "repro/broken/run.py cannot be loaded (ModuleNotFoundError" in done.stderr
    assert exploration(pair, "other").is_file()
    assert not exploration(pair, "fake").exists()


def test_missing_and_stale_choose_by_the_recorded_results(pair: Repository) -> None:
    pair.commit()
    pair.run("--scale", "mini", "--record")
    missing = pair.run("--missing", "--scale", "mini", "--dry-run", slug=None)
    assert [row[0] for row in table(missing.stdout)] == ["other"]
    assert "left out: fake: every claim has a verdict" in missing.stdout
    stale = pair.run("--stale", "--scale", "mini", "--dry-run", slug=None)
    assert table(stale.stdout) == []
    assert "left out: other: it has no recorded result" in stale.stdout
    pair.script(timed(0.2), ("0.3 + config.gain", "0.35 + config.gain"))
    stale = pair.run("--stale", "--scale", "mini", "--dry-run", slug=None)
    assert [row[:2] for row in table(stale.stdout)] == [["fake", "stale"]]


def test_recordings_of_all_scripts_have_their_own_seeds_and_go_on_after_a_kill(pair: Repository) -> None:
    pair.script(timed(0.2), SLOW)
    pair.commit()
    process = pair.start("--missing", "--scale", "mini", "--record", slug=None)
    other = pair.root / "repro/other/results/mini.json"
    while not other.is_file() and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    _, said = process.communicate(timeout=20)
    assert other.is_file(), said
    assert load_result(other).claims["other/more-helps"].seeds[0] == 1000
    assert not (pair.root / "repro/fake/results").exists()
    # the result that was written and is not committed does not stand in the way of the other script's recording
    done = pair.run("--missing", "--scale", "mini", "--record", slug=None)
    assert done.returncode == 0, done.stderr
    fake = load_result(pair.root / "repro/fake/results/mini.json")
    assert (fake.recording, fake.claims["fake/more-helps"].seeds[0]) == (1, 1000)
    assert fake.beside == "mini-1-outcomes.npz"
    again = pair.run("--all", "--scale", "mini", "--record", slug=None)
    assert "left out: fake: its result differs from the commit; commit it first" in again.stderr
    assert load_result(other).recording == 1


def test_smoke_of_all_scripts_names_those_that_fail(pair: Repository) -> None:
    done = pair.run("--all", slug=None)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("differ where they should") == 2
    pair.script(("gain=0.3", "gain=0.0"), ("fingerprint=arm + ", "fingerprint="), slug="other")
    done = pair.run("--all", slug=None)
    assert done.returncode == 5
    assert "tooling: 1 script of 2 failed smoke (see above): other" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "slug", "message"),
    [
        ((), None, "none is given; give exactly one of `SLUG`, `--all`, `--missing`, `--stale`"),
        (("--all",), "fake", "`SLUG` and `--all` are given"),
        (("--all", "--stale"), None, "`--all` and `--stale` are given"),
        (("--all", "--claim", "more-helps"), None, "`--claim` and `--all` do not go together"),
        (("--missing",), None, "`smoke` records nothing, so `--missing` chooses nothing"),
        (("--all", "--scale", "mini", "--budget", "soon"), None, "`--budget soon` is no duration"),
        (("--scale", "mini", "--record", "--revalidate"), "fake", "`--record` and `--revalidate` do not go together"),
        (("--scale", "mini", "--revalidate", "--seeds", "0:2"), "fake", "`--revalidate` and `--seeds` do not go"),
        (("--revalidate",), "fake", "`smoke` decides nothing and is not recorded"),
    ],
)
def test_words_that_make_no_sense_together_are_one_line(
    pair: Repository, arguments: tuple[str, ...], slug: str | None, message: str
) -> None:
    done = pair.run(*arguments, slug=slug)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_repository_without_scripts_has_none_to_run(pair: Repository) -> None:
    shutil.rmtree(pair.root / "repro")
    done = pair.run(*ALL, slug=None)
    assert (done.returncode, done.stderr.splitlines()) == (
        3,
        ["tooling: no script `repro/*/run.py`; `tooling new-repro SLUG` starts one"],
    )
