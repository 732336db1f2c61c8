"""A smoke run proves that a script runs and that its arms differ, and says what is wrong where they do not."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest

from tests.runs.conftest import Repository
from tooling.runs.plan import Request, make_plan
from tooling.runs.script import load_script
from tooling.runs.smoke import Smoke, keep_quiet, smoke

THREE = ('"large": replace(config, gain=0.3)}', '"large": replace(config, gain=0.3), "twin": config}')


def run(repository: Repository, *changes: tuple[str, str]) -> Smoke:
    """The smoke run of the script with some of its text replaced."""
    repository.script(*changes)
    return smoke(make_plan(load_script(repository.root, "fake"), Request(scale="smoke")))


def test_a_sound_script_passes_without_a_verdict(repository: Repository) -> None:
    done = repository.run("--scale", "smoke")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("smoke of fake: 2 arms run, and differ where they should")
    assert "supported" not in done.stdout
    assert not (repository.root / ".build").exists()


def test_transformers_is_kept_quiet_where_a_script_has_imported_it_already(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bars, transformers = [], ModuleType("transformers.utils.logging")
    transformers.disable_progress_bar = lambda: bars.append("off")
    monkeypatch.setitem(sys.modules, "transformers.utils.logging", transformers)
    keep_quiet()
    logger = logging.getLogger("transformers.trainer_utils")
    logger.warning("The tokenizer has new PAD/BOS/EOS tokens that differ from the model config.")
    logger.warning("The loss is not finite.")
    assert bars == ["off"]
    assert caplog.messages == ["The loss is not finite."]


def test_two_arms_that_are_made_equal_are_caught(repository: Repository) -> None:
    repository.script(("fingerprint=arm + str(noise)", 'fingerprint="same"'))
    done = repository.run("--scale", "smoke")
    assert done.returncode == 5
    said = "arms `small` and `large` end with the same fingerprint: they do not differ in fact"
    assert done.stderr.splitlines()[-1] == f"tooling: repro/fake/run.py: {said}"


def test_an_arm_that_is_not_the_same_twice_is_caught(repository: Repository) -> None:
    found = run(repository, ("fingerprint=arm + str(noise)", "fingerprint=arm + str(time.monotonic_ns())"))
    assert found.failures == ("arm `small` run twice ends with two fingerprints: something in it is not seeded",)


def test_arms_that_theory_makes_equal_have_to_be(repository: Repository) -> None:
    equal = ("EQUAL = ()", 'EQUAL = (("twin", "small"),)')
    assert run(repository, THREE, equal, ("fingerprint=arm +", "fingerprint=str(config.gain) +")).failures == ()
    found = run(repository, THREE, equal)
    assert found.failures == ("arms `small` and `twin` are in EQUAL but end with different fingerprints",)


def test_a_missing_fingerprint_is_caught(repository: Repository) -> None:
    found = run(repository, ("fingerprint=arm + str(noise)", 'fingerprint=""'))
    assert found.failures == ("arm `small` gives no fingerprint", "arm `large` gives no fingerprint")


def test_groups_without_spread_in_reward_are_caught(repository: Repository) -> None:
    found = run(repository, ("spread=0.5", "spread=0.0 if arm == 'large' else None"))
    assert found.failures == (
        "arm `large`: no group has spread in reward, so that nothing is learned and different losses look the same",
    )


def test_a_diverged_arm_is_caught(repository: Repository) -> None:
    assert run(repository, ("spread=0.5", "diverged=arm == 'large'")).failures == ("arm `large` diverged",)


def test_a_contrast_that_cannot_be_computed_is_caught_before_it_costs_a_run(repository: Repository) -> None:
    found = run(repository, ('GAIN = lambda m: m["large"]["pass@1"]', 'GAIN = lambda m: m["large"]["pass@8"]'))
    assert found.failures == (
        "claim `fake/more-helps`: the contrast of seed 0 cannot be computed (KeyError: 'pass@8')",
    )


def test_a_rule_for_a_claim_that_no_card_has_is_caught(repository: Repository) -> None:
    repository.card("less")
    assert run(repository).failures == ("claim `fake/more-helps`: the card `papers/fake.yaml` has no such claim",)
    repository.card("more-helps").write_text("kind: [")
    assert run(repository).failures == (
        "claim `fake/more-helps`: the card `papers/fake.yaml` is missing or cannot be read (`tooling check` says why)",
    )


def test_a_rule_for_a_claim_that_is_untestable_is_caught(repository: Repository) -> None:
    path = repository.card("more-helps")
    text = path.read_text().replace("kind: direct, why", "kind: none, why")
    path.write_text(text.replace("citation_key", "  untestable: It needs 32B.\ncitation_key"))
    (failure,) = run(repository).failures
    assert failure.startswith("claim `fake/more-helps` is untestable by its card (It needs 32B.)")


def test_a_training_is_never_read_back_from_the_cache(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    stages = ModuleType("tooling.train.stage")
    stages.entered = []

    @contextmanager
    def uncached() -> Iterator[None]:
        stages.entered.append(len(list((repository.root / "pids").glob("*"))))
        yield
        stages.entered.append(len(list((repository.root / "pids").glob("*"))))

    stages.uncached, stages.spared_seconds = uncached, lambda: 0.0
    monkeypatch.setitem(sys.modules, "tooling.train.stage", stages)
    assert run(repository).failures == ()
    assert stages.entered == [0, 1], "every arm ran inside"
