"""Probes see the weights of the moment, and the training does not notice them."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.models.tiny import tiny_policy
from tests.train.supervised import PAIRS, SHOWN
from tooling.evals import SampleSettings, transformers_sampler
from tooling.models import Policy, fingerprint
from tooling.tasks import Countdown
from tooling.tasks.item import Demonstration
from tooling.train import DPO, SFT, Distillation, Probe, Trained, distill, dpo, sft

SETTINGS = SFT(steps=5, batch=4, learning_rate=0.02, warmup=0)


def loud(policy: Policy, step: int) -> dict[str, float]:
    """Measures taken in every way that could disturb a training."""
    policy.model.eval()
    transformers_sampler(policy)(["1 2>3:"] * 3, SampleSettings(tokens=6, seed=step))
    random.seed(step), np.random.seed(step), torch.manual_seed(step)
    return {"weight": next(policy.model.parameters()).double().sum().item(), "numpy": np.float32(step)}


def by_sft(probe: Probe | None, every: int) -> Trained:
    """A fine-tuning."""
    return sft(tiny_policy(), SHOWN, SETTINGS, seed=1, probe=probe, every=every)


def by_dpo(probe: Probe | None, every: int) -> Trained:
    """A training on preferences."""
    return dpo(tiny_policy(), PAIRS, DPO(steps=5, batch=2, warmup=0), seed=1, probe=probe, every=every)


def by_distillation(probe: Probe | None, every: int) -> Trained:
    """A training on a teacher's completions."""
    task = Countdown(count=2)
    shown = [Demonstration(item.prompt, item.gold) for item in task.items("train", 8, 1)]
    teacher = sft(tiny_policy(), shown, SFT(steps=60, batch=8, learning_rate=0.02), seed=1).policy
    settings = Distillation(SETTINGS, items=8, samples=4, tokens=12)
    return distill(tiny_policy(), teacher, task, settings, seed=1, probe=probe, every=every)


@pytest.mark.parametrize("train", [by_sft, by_dpo, by_distillation])
def test_a_training_ends_with_the_same_weights_with_and_without_a_probe(train) -> None:
    bare, probed = train(None, 0), train(loud, 2)
    assert fingerprint(bare.policy.model) == fingerprint(probed.policy.model)
    assert bare.curves == probed.curves
    assert bare.probes == ()
    assert [each["step"] for each in probed.probes] == [0, 2, 4, 5]
    assert all(set(each) == {"step", "weight", "numpy"} for each in probed.probes)
    assert all(type(each["numpy"]) is float for each in probed.probes)


def test_a_probe_sees_the_weights_of_its_step() -> None:
    done = by_sft(loud, 1)
    start, end = (next(policy.model.parameters()).double().sum().item() for policy in (tiny_policy(), done.policy))
    seen = [each["weight"] for each in done.probes]
    assert (seen[0], seen[-1]) == (start, end)
    assert len(set(seen)) == 6
    # a shorter training goes through the same weights where the rate is constant
    shorter = sft(tiny_policy(), SHOWN, replace(SETTINGS, steps=3), seed=1)
    assert seen[3] == next(shorter.policy.model.parameters()).double().sum().item()


def test_without_steps_between_only_start_and_end_are_probed() -> None:
    assert [each["step"] for each in by_sft(loud, 0).probes] == [0, 5]


def test_weights_that_are_no_numbers_any_more_are_not_probed() -> None:
    settings = replace(SETTINGS, steps=40, learning_rate=1e30)
    done = sft(tiny_policy(), SHOWN, settings, seed=1, probe=loud, every=1)
    assert done.diverged
    assert len(done.probes) < len(done.curves["step"]) + 1
    assert all(np.isfinite(each["weight"]) for each in done.probes)
