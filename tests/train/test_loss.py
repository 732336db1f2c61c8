"""A step of training follows the papers' formulas: gradients equal the oracle's, updates those of AdamW by hand."""

from dataclasses import replace

import pytest
import torch

from tests.models.tiny import tiny_policy
from tests.train.oracle import Oracle, Record, Rollouts, Weights, distance
from tooling.models import Policy
from tooling.train import GRPO, correctness
from tooling.train.trl_adapter import train_grpo

# two prompts with three completions each, and two steps on each draw: the second is off-policy, and far
SETTINGS = GRPO(
    steps=2, prompts=2, completions=3, tokens=8, learning_rate=0.03, warmup=0, updates=2, clip_low=0.2, clip_high=0.2
)
VARIANTS = {
    "GRPO": {},
    "Dr. GRPO": {"loss": "dr_grpo", "scale": "none"},
    "BNPO": {"loss": "bnpo"},
    "DAPO": {"loss": "dapo", "clip_high": 0.28},
    "scaled by the batch": {"scale": "batch"},
    "not scaled": {"scale": "none"},
    "clipped low": {"clip_low": 0.01, "clip_high": 9.0},
    "clipped high": {"clip_low": 0.99, "clip_high": 0.01},
    "cold": {"temperature": 0.6},
    "hot": {"temperature": 1.7, "loss": "dr_grpo"},
    "on-policy": {"updates": 1, "steps": 3},
    "three updates": {"updates": 3, "steps": 4},
}


def trained(settings: GRPO, policy: Policy, *, seed: int = 2) -> tuple[Record, Rollouts]:
    """The record of a training of `policy` in place, and its rollouts."""
    record, task = Record(policy.model), Rollouts()
    train_grpo(policy, task, settings=settings, seed=seed, reward=correctness)
    return record, task


def errors(settings: GRPO, policy: Policy) -> list[float]:
    """How far the gradient of each step is from the oracle's."""
    oracle = Oracle(policy, settings)
    record, task = trained(settings, policy)
    assert record.steps == settings.steps
    found = []
    for step in range(settings.steps):
        draw = step // settings.updates
        old = record.weights(draw * settings.updates)
        expected = oracle.gradients(task.draws(settings)[draw], now=record.weights(step), old=old)
        found.append(distance(record.gradients(step), expected))
    return found


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_gradient_of_every_step_is_the_one_of_the_paper(variant: str) -> None:
    assert max(errors(replace(SETTINGS, **VARIANTS[variant]), tiny_policy())) < 1e-5


def test_the_rollouts_of_these_tests_exercise_what_they_compare() -> None:
    settings = replace(SETTINGS, clip_low=0.01, clip_high=0.01)
    oracle = Oracle(tiny_policy(), settings)
    record, task = trained(settings, tiny_policy())
    (rollouts,) = task.draws(settings)
    assert len({len(done.tokens) for _, done in rollouts}) > 1, "lengths differ, so that masks matter"
    assert {done.finished for _, done in rollouts} == {True, False}
    advantages = oracle.advantages(rollouts)
    assert float(advantages.min()) < 0 < float(advantages.max())
    ratios = [
        (oracle.logprobs(item, done, record.weights(1)) - oracle.logprobs(item, done, record.weights(0))).exp()
        for item, done in rollouts
    ]
    assert float(torch.cat(ratios).min()) < 0.8, "far enough that each side is clipped"
    assert float(torch.cat(ratios).max()) > 1.2


def test_a_wrong_formula_is_told_apart_by_far_more_than_the_tolerance() -> None:
    right = {variant: replace(SETTINGS, **VARIANTS[variant]) for variant in ("GRPO", "Dr. GRPO", "BNPO", "cold")}
    policy = tiny_policy()
    record, task = trained(right["GRPO"], tiny_policy())
    now, old = record.weights(1), record.weights(0)
    for variant, settings in right.items():
        expected = Oracle(policy, settings).gradients(task.draws(SETTINGS)[0], now=now, old=old)
        assert (distance(record.gradients(1), expected) < 1e-5) == (variant == "GRPO"), variant


def by_hand(record: Record, settings: GRPO) -> list[Weights]:
    """The weights before each step by AdamW from the recorded gradients: warm-up, clipping, decay of matrices only."""
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in record.weights(0).items()}
    matrices = [tensor for name, tensor in leaves.items() if "norm" not in name and "bias" not in name]
    others = [tensor for name, tensor in leaves.items() if "norm" in name or "bias" in name]
    groups = [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.99), eps=1e-8)
    seen = []
    for step in range(settings.steps):
        seen.append({name: tensor.detach().clone() for name, tensor in leaves.items()})
        for name, tensor in leaves.items():
            tensor.grad = record.gradients(step)[name].clone()
        torch.nn.utils.clip_grad_norm_(list(leaves.values()), settings.max_grad_norm)
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * min(1.0, step / max(1, settings.warmup))
        if settings.warmup == 0:
            for group in optimizer.param_groups:
                group["lr"] = settings.learning_rate
        optimizer.step()
    return seen


@pytest.mark.parametrize("change", [{}, {"warmup": 3}, {"max_grad_norm": 1e-3}, {"weight_decay": 0.3}])
def test_an_update_is_adamw_with_warm_up_clipping_and_decay(change: dict[str, float]) -> None:
    settings = replace(SETTINGS, steps=5, updates=1, learning_rate=1e-2, **change)
    record, _ = trained(settings, tiny_policy())
    for step, expected in enumerate(by_hand(record, settings)):
        assert distance(record.weights(step), expected) < 1e-6, step
    assert distance(record.weights(4), record.weights(0)) > 1e-3
