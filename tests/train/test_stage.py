"""A stage that was made once is read from the cache, and nobody can tell; what differs is made anew."""

import dataclasses
import fcntl
import json
import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.tiny import opinionated_policy, tiny_policy
from tests.train.supervised import PAIRS, SHOWN
from tooling.content import cache_folder
from tooling.errors import Invalid, ToolingError, UsageError
from tooling.evals import SampleSettings, transformers_sampler
from tooling.models import Policy, fingerprint
from tooling.tasks import Countdown
from tooling.tasks.item import Demonstration
from tooling.train import DPO, SFT, Distillation, Trained, distill, dpo, sft, uncached
from tooling.train import stage as module
from tooling.train.stage import spared_seconds, stage

ROOT = Path(__file__).parents[2]
SETTINGS = SFT(steps=2, batch=4, learning_rate=0.02, warmup=0)
SAMPLING = SampleSettings(tokens=8, seed=4)
Made = list[str]


@pytest.fixture(autouse=True)
def made_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache for each test, instead of none."""
    monkeypatch.setenv("TOOLING_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """The trainings that were really made, by their kind."""
    import tooling.train.trl_supervised as adapter

    found: Made = []
    for name in ("train_sft", "train_dpo"):
        train = getattr(adapter, name)

        def counted(*args: Any, name: str = name, train: Callable = train, **named: Any) -> Trained:
            found.append(name)
            return train(*args, **named)

        monkeypatch.setattr(adapter, name, counted)
    return found


def folders() -> list[Path]:
    """The stages in the cache."""
    return sorted(path for path in (cache_folder() / "stages").iterdir() if path.is_dir())


def measure(policy: Policy, step: int) -> dict[str, float]:
    """A measure that moves every source of randomness."""
    return {"drawn": random.random() + float(np.random.rand()) + float(torch.rand(1)), "step twice": 2 * step}


def ends_alike(one: Trained, other: Trained) -> None:
    """Fail unless two trainings agree in everything that a user can see."""
    assert fingerprint(one.policy.model) == fingerprint(other.policy.model)
    assert one[1:] == other[1:]
    assert (one.policy.name, one.policy.prefix) == (other.policy.name, other.policy.prefix)
    prompts = ["1 2>3:", "2 8 9>3:"] * 3
    samples = [transformers_sampler(each.policy)(prompts, SAMPLING) for each in (one, other)]
    samples += [transformers_sampler(each.policy.copy())(prompts, SAMPLING) for each in (one, other)]
    assert all(sample == samples[0] for sample in samples)
    assert one.policy.model.generation_config.to_dict() == other.policy.model.generation_config.to_dict()
    assert one.policy.model.config.to_dict() == other.policy.model.config.to_dict()


def test_a_policy_from_the_cache_behaves_as_the_one_just_trained(made: Made, tmp_path: Path) -> None:
    policy = opinionated_policy(tmp_path / "hub")
    first, second = (sft(policy, SHOWN, SETTINGS, seed=1, probe=measure, every=1) for _ in range(2))
    assert made == ["train_sft"]
    ends_alike(first, second)
    with uncached():
        ends_alike(sft(policy, SHOWN, SETTINGS, seed=1, probe=measure, every=1), second)
    assert made == ["train_sft"] * 2
    assert [probed["step"] for probed in second.probes] == [0, 1, 2]
    later = [dpo(each.policy, PAIRS, DPO(steps=2, batch=2, warmup=0), seed=1) for each in (first, second)]
    assert made == ["train_sft"] * 2 + ["train_dpo"], "a stage on top of it is the same stage"
    ends_alike(*later)


def test_distillation_is_a_stage_too(made: Made) -> None:
    task = Countdown(count=2)
    shown = [Demonstration(item.prompt, item.gold) for item in task.items("train", 8, 1)]
    student = sft(tiny_policy(), shown, SFT(steps=60, batch=8, learning_rate=0.02), seed=1).policy
    settings = Distillation(SETTINGS, items=8, samples=4, tokens=12)
    first = distill(student, student, task, settings, seed=1)
    ends_alike(first, distill(student, transformers_sampler(student), task, settings, seed=1))
    assert first.tokens > 0
    # a sampler and its policy are two inputs, though they sample alike
    assert made == ["train_sft"] * 3
    distill(student, student, task, settings, seed=1)
    assert made == ["train_sft"] * 3


def test_a_cached_stage_needs_no_trainer() -> None:
    sft(tiny_policy(), SHOWN, SETTINGS, seed=1)
    before = sys.modules.pop("tooling.train.trl_supervised")
    sys.modules["tooling.train.trl_supervised"] = None
    try:
        sft(tiny_policy(), SHOWN, SETTINGS, seed=1)
        with pytest.raises(ImportError):
            sft(tiny_policy(), SHOWN, SETTINGS, seed=2)
    finally:
        sys.modules["tooling.train.trl_supervised"] = before


def fake(policy: Policy, change: float = 1.0) -> Callable[[], Trained]:
    """A training that takes no time: it adds a number to every weight."""

    def make() -> Trained:
        moved = policy.copy()
        with torch.no_grad():
            for parameter in moved.model.parameters():
                parameter.add_(change)
        return Trained(moved, {"step": [1], "loss": [float("nan")]}, 3, False)

    return make


def quick(policy: Policy | None = None, *, kind: str = "quick", **inputs: Any) -> Trained:
    """A stage of a training that takes no time."""
    policy = policy or tiny_policy()
    return stage(kind, policy, code=("tooling.train.sft",), inputs=inputs, make=fake(policy))


def test_what_differs_in_anything_that_matters_is_another_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tiny_policy()
    other = policy.copy()
    with torch.no_grad():
        next(other.model.parameters()).neg_()
    quick(seed=1)
    quick(seed=1)
    quick(dataclasses.replace(policy, name="of another name"), seed=1)
    assert len(folders()) == 1
    quick(seed=2)
    quick(seed=1, reward=abs)
    quick(kind="other", seed=1)
    quick(other, seed=1)
    quick(dataclasses.replace(policy, prefix=""), seed=1)
    assert len(folders()) == 6
    with monkeypatch.context() as patched:
        patched.setattr(module, "version", lambda name: "0.0.1" if name == "trl" else "1")
        quick(seed=1)
    with monkeypatch.context() as patched:
        patched.setattr(module, "code_hash", lambda *names: f"{names} as changed")
        quick(seed=1)
    with monkeypatch.context() as patched:
        patched.setattr("torch.backends.cpu.get_cpu_capability", lambda: "another")
        quick(seed=1)
    assert len(folders()) == 9


EVERY_INPUT = {
    "examples": {"examples": SHOWN[:-1]},
    "order of examples": {"examples": SHOWN[::-1]},
    "settings": {"settings": SFT(steps=3, batch=4)},
    "seed": {"seed": 2},
    "probe": {"probe": lambda policy, step: {}},
    "every": {"every": 2},
}


def test_each_argument_of_a_training_is_part_of_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tiny_policy()
    monkeypatch.setattr("tooling.train.trl_supervised.train_sft", lambda start, *_, **__: fake(start)())
    common: dict[str, Any] = {"examples": SHOWN, "settings": SETTINGS, "seed": 1, "probe": None, "every": 0}
    for change in ({}, *EVERY_INPUT.values()):
        named = {**common, **change}
        sft(policy, named.pop("examples"), named.pop("settings"), **named)
    assert len(folders()) == 1 + len(EVERY_INPUT)


def test_no_randomness_of_the_process_moves_whether_a_stage_is_made_or_read(made: Made) -> None:
    drawn, policy = [], tiny_policy()
    for _ in range(2):
        random.seed(5), np.random.seed(5), torch.manual_seed(5)
        sft(policy, SHOWN, SETTINGS, seed=1)
        drawn.append((random.random(), np.random.rand(), float(torch.rand(1))))
    random.seed(5), np.random.seed(5), torch.manual_seed(5)
    assert drawn == [(random.random(), np.random.rand(), float(torch.rand(1)))] * 2
    assert made == ["train_sft"]


def test_an_input_without_a_stable_identity_is_refused_before_anything_is_trained(made: Made) -> None:
    source = random.Random(1)
    with pytest.raises(Invalid, match="the probe of the stage `sft`.*`source` holds a `random.Random`"):
        sft(tiny_policy(), SHOWN, SETTINGS, seed=1, probe=lambda policy, step: {"x": source.random()})
    assert made == []


def spoilt_weights(folder: Path) -> None:
    """Turn one bit of one weight."""
    data = bytearray((folder / "weights.pt").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "weights.pt").write_bytes(data)


def other_numbers(folder: Path) -> None:
    """Write other curves into the record."""
    record = json.loads((folder / "record.json").read_text())
    record["training"]["tokens"] += 1
    (folder / "record.json").write_text(json.dumps(record))


SPOILS: dict[str, Callable[[Path], object]] = {
    "a bit of a weight": spoilt_weights,
    "half of the weights": lambda folder: os.truncate(folder / "weights.pt", 1000),
    "no weights": lambda folder: (folder / "weights.pt").unlink(),
    "half of the record": lambda folder: os.truncate(folder / "record.json", 20),
    "another record": other_numbers,
    "a record of another kind": lambda folder: (folder / "record.json").write_text("[1]"),
    "an empty record": lambda folder: (folder / "record.json").write_bytes(b"\0\xff"),
    "no record": lambda folder: (folder / "record.json").unlink(),
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_stage_whose_files_are_spoilt_is_made_again(spoil: str) -> None:
    first = quick(seed=1)
    (folder,) = folders()
    whole = (folder / "weights.pt").read_bytes()
    SPOILS[spoil](folder)
    again = quick(seed=1)
    assert fingerprint(again.policy.model) == fingerprint(first.policy.model)
    assert again.tokens == 3
    assert folders() == [folder]
    assert (folder / "weights.pt").read_bytes() == whole


@contextmanager
def small_files(most: int) -> Iterator[None]:
    """Let the file system refuse what is larger, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("most", [0, 100, 20_000])
def test_a_full_disk_is_one_line_that_says_what_to_do_and_the_cache_works_on(most: int) -> None:
    kept = quick(seed=1)
    with small_files(most), pytest.raises(ToolingError) as caught:
        quick(seed=2)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{cache_folder() / 'stages'}: no space for the stage `quick` (File too large); free")
    assert len(folders()) == 1, "nothing half is left"
    ends_alike(kept, quick(seed=1))
    quick(seed=2)
    assert len(folders()) == 2


def used(folder: Path, *, ago: float) -> None:
    """Let a stage have been used some seconds ago."""
    now = folder.stat().st_mtime
    os.utime(folder, (now - ago, now - ago))


def bound(monkeypatch: pytest.MonkeyPatch, stages: float) -> None:
    """Let the cache hold so many of the stages of these tests."""
    size = sum(file.stat().st_size for file in folders()[0].iterdir())
    monkeypatch.setenv("TOOLING_CACHE_GB", str(stages * size / 1e9))


def made_in_order(count: int) -> list[Path]:
    """The folders of so many stages, the first one used longest ago."""
    found: list[Path] = []
    for seed in range(count):
        quick(seed=seed)
        (new,) = set(folders()) - set(found)
        found.append(new)
    for place, folder in enumerate(found):
        used(folder, ago=100.0 * (count - place))
    return found


def test_the_stages_used_longest_ago_give_way_to_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = made_in_order(3)
    quick(seed=0)
    bound(monkeypatch, 3.5)
    quick(seed=9)
    assert first in folders(), "it was read a moment ago"
    assert second not in folders()
    assert third in folders()
    assert len(folders()) == 3


def test_a_stage_that_is_locked_is_not_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = made_in_order(3)
    bound(monkeypatch, 3.5)
    with open(f"{first}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        quick(seed=9)
    assert first in folders()
    assert second not in folders()
    assert third in folders()


def test_the_stage_just_made_is_kept_however_small_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    made_in_order(2)
    monkeypatch.setenv("TOOLING_CACHE_GB", "0")
    quick(seed=9)
    assert len(folders()) == 1
    monkeypatch.setenv("TOOLING_CACHE_GB", "much")
    with pytest.raises(UsageError, match="TOOLING_CACHE_GB is `much`; give a number of gigabytes"):
        quick(seed=10)


def test_the_scratch_of_a_killed_process_gives_way_too(monkeypatch: pytest.MonkeyPatch) -> None:
    (kept,) = made_in_order(1)
    scratch = kept.with_name(".making-abc")
    scratch.mkdir()
    (scratch / "weights.pt").write_bytes(b"x" * 10_000_000)
    used(scratch, ago=1000.0)
    monkeypatch.setenv("TOOLING_CACHE_GB", "0.009")
    quick(seed=9)
    assert scratch not in folders()
    assert kept in folders()


def test_what_a_stage_took_is_told_when_it_is_read() -> None:
    before = spared_seconds()
    sft(tiny_policy(), SHOWN, SETTINGS, seed=1)
    assert spared_seconds() == before
    sft(tiny_policy(), SHOWN, SETTINGS, seed=1)
    assert 0.0 < spared_seconds() - before < 100.0


def test_without_the_cache_nothing_is_read_or_written(made: Made) -> None:
    with uncached():
        sft(tiny_policy(), SHOWN, SETTINGS, seed=1)
        sft(tiny_policy(), SHOWN, SETTINGS, seed=1)
    assert made == ["train_sft"] * 2
    assert not cache_folder().exists()


@pytest.mark.timeout(900)  # a process that imports the stack and some trainings, on a machine that may be busy
def test_a_killed_training_that_runs_again_ends_with_the_measures_of_an_unbroken_one() -> None:
    moments = str(random.SystemRandom().randrange(10**6))
    command = [sys.executable, "-m", "tests.train.killed", moments]
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false"}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    seen = json.loads(answer.stdout)
    assert seen["unbroken"]["status"] == 0
    for victim, again in seen["killed"]:
        assert victim["status"] in (-9, 0), moments
        assert again == seen["unbroken"], moments
    assert [victim["status"] for victim, _ in seen["killed"][:2]] == [-9, -9]
    assert seen["racers"] == [seen["unbroken"]] * 2
