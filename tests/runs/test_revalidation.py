"""A stale result is settled by two recorded seeds on today's code: end to end, on an edited copy of the package."""

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.runs.conftest import ROOT, Repository
from tests.runs.test_result import result
from tooling.runs import Above, AcrossSeeds, All, Claim
from tooling.runs.decision import Evidence, decide
from tooling.runs.result import Result, load_result, load_results
from tooling.runs.revalidation import (
    Comparison,
    compare,
    first_seeds,
    only_judging_changed,
    prediction_half_width,
    pseudo_value,
    same_device,
)
from tooling.runs.staleness import failed_revalidation

LOSS = '''"""A loss."""


def loss(x: float) -> float:
    """The square."""
    return x * x
'''
USES_LOSS = (
    ("from tooling.runs import Above", "from tooling.verify.loss import loss\nfrom tooling.runs import Above"),
    ('measures={"pass@1": right.mean()', 'measures={"pass@1": loss(right.mean() ** 0.5)'),
)


class Edited:
    """A repository with a package of its own, which the command runs and a test edits."""

    def __init__(self, repository: Repository) -> None:
        """Copy the package, add a shared module to it, and record the script that uses it."""
        self.root = repository.root
        self.repository = repository
        shutil.copytree(ROOT / "tooling", self.root / "tooling", ignore=shutil.ignore_patterns("__pycache__"))
        self.loss = self.root / "tooling/verify/loss.py"
        self.loss.write_text(LOSS)
        repository.script(*USES_LOSS)
        repository.commit()
        recorded = self.run("--record")
        assert recorded.returncode == 0, recorded.stderr
        repository.commit()

    def run(self, *arguments: str, slug: str | None = "fake") -> "subprocess.CompletedProcess[str]":
        """The command of the edited package."""
        words = self.repository.command("--scale", "mini", *arguments, slug=slug)
        env = {**os.environ, "PYTHONPATH": str(self.root)}
        return subprocess.run(words, env=env, cwd=self.root, capture_output=True, text=True, check=False, timeout=200)

    def edit(self, old: str, new: str) -> None:
        """Replace text in the shared module, and commit."""
        text = self.loss.read_text()
        assert old in text
        self.loss.write_text(text.replace(old, new))
        self.repository.commit()

    def stale(self) -> tuple[str, ...]:
        """Why the recorded result is stale."""
        return load_results(self.root)["fake"]["mini"].stale

    @property
    def path(self) -> Path:
        """The file of the recorded result."""
        return self.root / "repro/fake/results/mini.json"


def without_revalidations(path: Path) -> dict[str, Any]:
    plain = json.loads(path.read_text())
    plain.pop("revalidations", None)
    return plain


def test_a_change_of_shared_code_is_settled_by_two_recorded_seeds(repository: Repository) -> None:
    edited = Edited(repository)
    recorded = without_revalidations(edited.path)
    edited.edit("The square.", "The square, in other words.")
    assert edited.stale() == ()

    edited.edit("x * x", "x**2")
    changed = "the shared module `tooling.verify.loss` has changed since"
    assert edited.stale() == (changed,)
    done = edited.run("--revalidate")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(
        "revalidation of recording 1 of fake, seeds 1000, 1001\nfake at mini: 1 claim, 2 arms, 4 cells"
    )
    assert "the result is current again" in done.stdout
    assert edited.stale() == ()
    assert without_revalidations(edited.path) == recorded
    again = load_result(edited.path).revalidated
    assert again is not None
    assert (again["seeds"], again["rule"][:16], len(again["commit"])) == ([1000, 1001], "same kind of CPU", 40)
    assert {"versions", "device", "date", "hashes"} <= again.keys()
    compared = again["claims"]["fake/more-helps"]
    assert compared["again"] == compared["recorded"] == recorded["claims"]["fake/more-helps"]["contrast_per_seed"][:2]

    repository.commit()
    edited.edit("x**2", "2 * x**2")
    assert edited.stale() == (changed,)
    failed = edited.run("--revalidate")
    assert failed.returncode == 0, failed.stderr
    assert "the result stays stale" in failed.stdout
    reasons = edited.stale()
    assert reasons[0] == changed
    assert reasons[1].startswith("revalidation failed at ")
    assert "`fake/more-helps`: the contrast moved by" in reasons[1]
    assert without_revalidations(edited.path) == recorded
    assert [each["agrees"] for each in load_result(edited.path).revalidations] == [True, False]
    # the code of the revalidation that agreed, and that of the recording, are both known to be good
    repository.commit()
    edited.edit("2 * x**2", "x**2")
    assert edited.stale() == ()
    edited.edit("x**2", "x * x")
    assert edited.stale() == ()


def test_where_only_what_judges_has_changed_the_stored_measures_are_judged_again(repository: Repository) -> None:
    edited = Edited(repository)
    recorded = without_revalidations(edited.path)
    judging = edited.root / "tooling/runs/statistic.py"
    sound = judging.read_text()
    half = "half = t_quantile(0.5 + level / 2, self.freedom) * self.error"
    assert half in sound
    judging.write_text(sound.replace(half, "half = self.error * t_quantile(0.5 + level / 2, self.freedom)"))
    repository.commit()
    assert edited.stale() == ("the shared module `tooling.runs.statistic` has changed since",)
    planned = edited.run("--stale", "--revalidate", "--dry-run", slug=None)
    assert planned.returncode == 0, planned.stderr
    assert "1 of 1 scripts at mini, 1 side by side, about 0 s" in planned.stdout
    done = edited.run("--revalidate")
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "revalidation of recording 1 of fake, its measures judged again: nothing that measures has changed\n"
        "fake at mini: no cell has to run; cost: nothing\n"
    )
    assert "Compared by the rules on the stored measures" in done.stdout
    assert edited.stale() == ()
    assert without_revalidations(edited.path) == recorded
    assert load_result(edited.path).revalidated is None
    (again,) = load_result(edited.path).revalidations
    assert (again["seeds"], again["claims"], again["agrees"]) == ([], {}, True)
    assert not again.keys() & {"seconds", "device", "versions"}  # nothing has run
    assert list(again["hashes"]) == ["deciding"]
    repository.commit()

    # a judge who finds other numbers is not believed
    judging.write_text(sound.replace(half, half + " * 1.01"))
    repository.commit()
    done = edited.run("--revalidate")
    assert done.returncode == 5
    assert "the deciding code has changed, and `low` of the stored measures is" in done.stderr
    assert edited.stale() != ()

    # judged once more, the result keeps the last time alone
    judging.write_text(sound.replace(half, half + " - 0"))
    repository.commit()
    assert edited.run("--revalidate").returncode == 0
    assert [each["seeds"] for each in load_result(edited.path).revalidations] == [[]]
    assert edited.stale() == ()
    repository.commit()

    # where what measures has changed as well, its seeds are run
    judging.write_text(sound.replace(half, half + " + 0"))
    edited.edit("x * x", "x**2")
    done = edited.run("--stale", "--revalidate", slug=None)
    assert done.returncode == 0, done.stderr
    assert "revalidation of recording 1 of fake, seeds 1000, 1001" in done.stderr
    assert edited.stale() == ()


def test_a_changed_rule_is_not_revalidated_and_nothing_recorded_is_not_found(repository: Repository) -> None:
    repository.commit()
    done = repository.run("--scale", "mini", "--revalidate")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "`fake` has no recorded result at `mini` to revalidate" in done.stderr
    repository.run("--scale", "mini", "--record")
    dirty = repository.run("--scale", "mini", "--revalidate")
    assert dirty.returncode == 5
    assert "the tree differs from its commit" in dirty.stderr
    repository.script(("margin=0.05", "margin=0.04"))
    repository.commit()
    done = repository.run("--scale", "mini", "--revalidate")
    assert done.returncode == 5
    assert "the rule of `fake/more-helps` has changed since the recording" in done.stderr


def failed(found: Result, *, numpy: str, hashes: dict[str, Any]) -> dict[str, Any]:
    claims = {"work/it-rises": {"agrees": False, "why": "the contrast moved by +1, tolerated are 0.1"}}
    return {
        "agrees": False,
        "commit": "f" * 40,
        "seeds": [1000, 1001],
        "hashes": hashes,
        "versions": {**found.versions, "numpy": numpy},
        "claims": claims,
    }


MEASURED = {"script": "s", "size": "z", "modules": {"m": "1"}, "deciding": {"d": "1"}}


def test_library_versions_count_when_a_revalidation_fails() -> None:
    found = result(versions={"python": "3.11", "numpy": "2.1"})
    entry = failed(found, numpy="2.2", hashes=MEASURED)
    reasons = failed_revalidation(replace(found, revalidations=(entry,)), MEASURED)
    assert reasons == [
        "revalidation failed at fffffffffffff (`work/it-rises`: the contrast moved by +1, tolerated are 0.1)",
        "numpy was 2.1 and is 2.2 there",
    ]
    # a failure on code that is not that of today says nothing about today's
    assert failed_revalidation(replace(found, revalidations=(entry,)), {**MEASURED, "script": "t"}) == []


def test_a_run_that_failed_counts_whatever_judges_and_whatever_came_in_between() -> None:
    found = result()
    moved, judged = {**MEASURED, "modules": {"m": "2"}}, {**MEASURED, "deciding": {"d": "2"}}
    wrong = failed(found, numpy="2.1", hashes=MEASURED)
    again = {**wrong, "agrees": True, "seeds": [], "hashes": judged, "claims": {}}
    elsewhere = {**failed(found, numpy="2.1", hashes=moved), "agrees": True}
    right = {**wrong, "agrees": True, "claims": {}}
    for entries, stays in (
        ((wrong,), True),
        ((wrong, again), True),
        ((again, {**wrong, "hashes": judged}), True),
        ((wrong, elsewhere), True),
        ((wrong, right), False),
        ((elsewhere, right), False),
        ((again,), False),
    ):
        reasons = failed_revalidation(replace(found, revalidations=entries), MEASURED)
        assert bool(reasons) == stays


def test_a_run_that_failed_is_not_forgotten_when_the_judging_changes() -> None:
    old = MEASURED
    judged = {**old, "deciding": {"d": "2"}}
    found = result(hashes=old)
    assert only_judging_changed(found, judged)
    assert not only_judging_changed(found, old)
    assert not only_judging_changed(found, {**judged, "modules": {"m": "2"}})

    def after(*entries: tuple[dict[str, Any], bool, list[int]]) -> Result:
        kept = [{"hashes": hashes, "agrees": agrees, "seeds": seeds} for hashes, agrees, seeds in entries]
        return replace(found, revalidations=tuple(kept))

    again = (judged, True, [])
    assert not only_judging_changed(after(again), judged)
    assert only_judging_changed(after(again), {**old, "deciding": {"d": "3"}})
    failed, passed = (old, False, [1000, 1001]), (old, True, [1000, 1001])
    assert not only_judging_changed(after(failed), judged)
    assert not only_judging_changed(after(failed, again), {**old, "deciding": {"d": "3"}})
    assert only_judging_changed(after(failed, passed), judged)
    # what was measured by other code and agreed is as good as the recording
    moved = {**old, "modules": {"m": "2"}}
    assert only_judging_changed(after((moved, True, [1000, 1001])), {**moved, "deciding": {"d": "2"}})
    assert not only_judging_changed(after((moved, False, [1000, 1001])), {**moved, "deciding": {"d": "2"}})


GAIN = Claim(arms=("a", "b"), contrast=lambda m: m["b"]["x"] - m["a"]["x"], region=Above(), margin=0.05, unit="pass@1")
SHARE = AcrossSeeds(
    arms=("b",),
    statistic=lambda seeds: statistics.fmean(each["b"]["x"] for each in seeds) - 0.5,
    region=Above(),
    margin=0.1,
    unit="share",
)


def recording(rule: Any, gains: Sequence[float], *, base: float = 0.3) -> Result:
    """A result with these gains of the arm `b`, judged by the rule."""
    from tooling.runs.result import ArmResult

    seeds = range(1000, 1000 + len(gains))
    measures = {
        "a": {seed: {"x": base} for seed in seeds},
        "b": {seed: {"x": base + gain} for seed, gain in zip(seeds, gains, strict=True)},
    }
    arms = {name: ArmResult(note="", settings={}, measures=own, curves={}) for name, own in measures.items()}
    return result(claims={"work/c": decide(rule, Evidence(measures), seeds=list(seeds))}, arms=arms)


def compared(rule: Any, found: Result, *, gains: Sequence[float], tight: bool) -> dict[str, Comparison]:
    again = {
        "a": {seed: {"x": 0.3} for seed in first_seeds(found)},
        "b": {seed: {"x": 0.3 + gain} for seed, gain in zip(first_seeds(found), gains, strict=True)},
    }
    return compare({"work/c": rule}, found, again=Evidence(again), tight=tight)


GAINS = (0.10, 0.14, 0.12, 0.09, 0.13, 0.11, 0.15, 0.12)


def test_on_the_same_kind_of_cpu_a_hundredth_of_the_margin_is_tolerated() -> None:
    found = recording(GAIN, GAINS)
    assert compared(GAIN, found, gains=(0.1004, 0.1396), tight=True)["work/c"].agrees
    moved = compared(GAIN, found, gains=(0.1004, 0.1390), tight=True)["work/c"]
    assert moved.why == "the contrast moved by +0.001, tolerated are 0.0005"


def test_on_another_kind_the_spread_between_seeds_is_tolerated_and_the_verdict_has_to_stay() -> None:
    found = recording(GAIN, GAINS)
    width = prediction_half_width(GAINS, 2)
    assert width == pytest.approx(2.3646 * statistics.stdev(GAINS) * (1 / 2 + 1 / 8) ** 0.5, rel=1e-4)
    center = statistics.fmean(GAINS)
    assert compared(GAIN, found, gains=(center + 0.9 * width,) * 2, tight=False)["work/c"].agrees
    assert not compared(GAIN, found, gains=(center + 1.1 * width,) * 2, tight=False)["work/c"].agrees
    # wide spread: within the interval, but the verdict would be another one
    wide = recording(GAIN, (0.02, 0.2, 0.05, 0.02, 0.19, 0.01, 0.2, 0.02))
    assert wide.claims["work/c"].verdict == "supported"
    flipped = compared(GAIN, wide, gains=(-0.05, -0.05), tight=False)["work/c"]
    assert flipped.why == "with the new contrasts in place of the recorded ones the claim is inconclusive"


def test_fresh_draws_of_the_same_truth_pass_in_nineteen_cases_of_twenty_and_a_large_shift_fails() -> None:
    generator = np.random.default_rng(0)

    def rate(shift: float) -> float:
        passed = 0
        for _ in range(4000):
            recorded, fresh = generator.normal(0.3, 0.05, 8), generator.normal(0.3 + shift, 0.05, 2)
            passed += abs(fresh.mean() - recorded.mean()) <= prediction_half_width(recorded.tolist(), 2)
        return passed / 4000

    assert 0.94 <= rate(0.0) <= 0.96
    assert rate(0.2) <= 0.05


def test_every_part_of_a_claim_is_compared() -> None:
    both = All(it_rises=GAIN, it_rises_twice=replace(GAIN, contrast=lambda m: 2 * (m["b"]["x"] - m["a"]["x"])))
    found = compared(both, recording(both, GAINS), gains=(0.1003, 0.14), tight=True)
    assert {name: each.agrees for name, each in found.items()} == {
        "work/c: it rises": True,
        "work/c: it rises twice": False,
    }


def test_a_seed_that_diverged_in_one_run_only_agrees_with_nothing() -> None:
    found = recording(GAIN, GAINS)
    again = {arm: {seed: found.arms[arm].measures[seed] for seed in (1000, 1001)} for arm in "ab"}
    gone = compare({"work/c": GAIN}, found, again=Evidence(again, frozenset({("b", 1001)})), tight=True)
    assert gone["work/c"].why == "a seed diverged in one run and not in the other"
    same = compare({"work/c": GAIN}, found, again=Evidence(again), tight=True)
    assert same["work/c"].agrees


def test_a_statistic_over_seeds_is_compared_by_its_pseudo_values() -> None:
    gains = [0.3 + 0.01 * (seed % 5) for seed in range(30)]
    found = recording(SHARE, gains)
    same = compared(SHARE, found, gains=gains[:2], tight=True)["work/c"]
    assert same.agrees
    assert same.recorded == pytest.approx([0.1, 0.11])
    moved = compared(SHARE, found, gains=(0.5, 0.31), tight=True)["work/c"]
    assert moved.again == pytest.approx([0.3, 0.11])
    assert not moved.agrees
    assert pseudo_value(lambda seeds: 1 / 0, [{}, {}], place=0) is None


def test_the_number_of_cores_is_no_kind_of_device() -> None:
    assert same_device("AMD EPYC 7763, 2 cores", "AMD EPYC 7763, 1 core")
    assert not same_device("AMD EPYC 7763, 2 cores", "AMD EPYC 9654, 2 cores")
    assert not same_device("AMD EPYC 7763, 2 cores", "AMD EPYC 7763, 2 cores; NVIDIA H200")
