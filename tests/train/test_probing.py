"""Probes see the policy as it is at their step, and leave no trace in the training."""

import random
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch

from tests.models.tiny import tiny_policy
from tests.train.oracle import Record, Rollouts
from tests.train.test_grpo import SETTINGS
from tooling.evals import SampleSettings, transformers_sampler
from tooling.models import Policy, fingerprint
from tooling.train import correctness, grpo
from tooling.train.probing import Probing
from tooling.train.trl_adapter import train_grpo

LONGER = replace(SETTINGS, steps=5)


def meddling(policy: Policy, step: int) -> Mapping[str, float]:
    """A probe that samples, draws from every source of randomness, and changes the mode of the model."""
    completions = transformers_sampler(policy)(["1 2>3:"] * 4, SampleSettings(tokens=8, seed=step))
    torch.manual_seed(step)
    drawn = torch.rand(1).item() + random.random() + float(np.random.rand())
    random.seed(step)
    np.random.seed(step)
    policy.model.train(step % 2 == 0)
    return {"tokens": float(sum(len(each.tokens) for each in completions)), "drawn": drawn}


def test_a_probe_is_called_at_the_start_along_the_way_and_at_the_end() -> None:
    def steps(every: int) -> list[float]:
        done = grpo(tiny_policy(), Rollouts(), LONGER, seed=2, probe=lambda policy, step: {"x": 1.0}, every=every)
        return [each["step"] for each in done.probes]

    assert steps(0) == [0, 5]
    assert steps(2) == [0, 2, 4, 5]
    assert steps(5) == [0, 5], "once, where both fall together"


def test_a_training_is_the_same_with_a_probe_as_without() -> None:
    plain = grpo(tiny_policy(), Rollouts(), LONGER, seed=2)
    probed = grpo(tiny_policy(), Rollouts(), LONGER, seed=2, probe=meddling, every=1)
    assert fingerprint(probed.policy.model) == fingerprint(plain.policy.model)
    assert probed.curves == plain.curves
    assert plain.probes == ()
    assert [each["step"] for each in probed.probes] == [0, 1, 2, 3, 4, 5]
    assert not probed.policy.model.training


def test_a_probe_leaves_the_caller_s_randomness_as_it_was() -> None:
    policy = tiny_policy()

    def drawn() -> tuple[float, float, float]:
        return torch.rand(1).item(), random.random(), float(np.random.rand())

    def seed() -> None:
        torch.manual_seed(5)
        random.seed(5)
        np.random.seed(5)

    seed()
    expected = drawn()
    seed()
    Probing(policy, meddling, every=0).take(0)
    assert drawn() == expected


def test_a_probe_sees_the_weights_of_its_step() -> None:
    policy, seen = tiny_policy(), {}
    record = Record(policy.model)

    def look(policy: Policy, step: int) -> Mapping[str, float]:
        seen[step] = {name: tensor.clone() for name, tensor in policy.model.named_parameters()}
        return {}

    train_grpo(policy, Rollouts(), settings=LONGER, seed=2, reward=correctness, probing=Probing(policy, look, every=1))
    for step in range(5):
        assert all(torch.equal(seen[step][name], tensor) for name, tensor in record.weights(step).items()), step
    assert all(torch.equal(seen[5][name], tensor) for name, tensor in policy.model.named_parameters())
    assert not all(torch.equal(seen[5][name], seen[4][name]) for name in seen[5])


def test_weights_that_are_not_finite_are_not_probed() -> None:
    done = grpo(
        tiny_policy(),
        Rollouts(),
        replace(LONGER, learning_rate=1e35),
        seed=2,
        probe=lambda policy, step: {"finite": float(all(p.isfinite().all() for p in policy.model.parameters()))},
        every=1,
    )
    assert done.diverged
    assert done.probes[0] == {"step": 0, "finite": 1.0}
    assert all(each["finite"] for each in done.probes)
    assert len(done.probes) < 6
