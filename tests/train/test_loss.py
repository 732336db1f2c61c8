"""A step of training follows the papers' formulas: gradients equal the oracle's, updates those of AdamW by hand."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.models.tiny import tiny_policy
from tests.train.oracle import Draw, Oracle, Record, Rollouts, Run, Weights, distance, first_run
from tooling.models import Policy
from tooling.tasks import Completion
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
    "clipped low": {"clip_low": 0.01, "clip_high": 9.0, "learning_rate": 3e-3},
    "clipped high": {"clip_low": 0.99, "clip_high": 0.01, "learning_rate": 3e-3},
    "cold": {"temperature": 0.6},
    "hot": {"temperature": 1.7, "loss": "dr_grpo"},
    "on-policy": {"updates": 1, "steps": 3},
    "three updates": {"updates": 3, "steps": 4},
    "clip-higher": {"clip_low": 0.1, "clip_high": 0.5},
    "not clipped": {"clip_low": None, "clip_high": None},
    "two-sided clip": {"ratio_cap": 1.15, "clip_high": 0.1, "learning_rate": 0.06},
    "GSPO": {"ratio": "sequence", "clip_low": 0.03, "clip_high": 0.04},
    "GSPO over all tokens": {"ratio": "sequence", "loss": "dapo"},
    "CISPO": {"loss": "cispo", "clip_low": None, "clip_high": 0.1},
    "SAPO": {"loss": "sapo", "clip_low": None, "clip_high": None},
    "VESPO": {"loss": "vespo", "clip_low": None, "clip_high": None},
    "LUSPO": {"loss": "luspo", "ratio": "sequence"},
    "RLOO": {"loss": "rloo", "baseline": "leave_one_out", "scale": "none", "updates": 1, "steps": 3},
    "RLOO, two updates": {"loss": "rloo", "baseline": "leave_one_out", "scale": "none"},
    "leave-one-out": {"baseline": "leave_one_out", "scale": "none"},
    "KL": {"kl": 0.5, "steps": 4},
    "KL alone matters on-policy": {"kl": 0.5, "updates": 1, "steps": 3},
    "KL, Dr. GRPO": {"kl": 0.5, "steps": 4, "loss": "dr_grpo"},
    "KL, cold": {"kl": 0.5, "steps": 4, "temperature": 0.6},
    "KL, unbiased": {"kl": 0.5, "steps": 4, "kl_estimator": "unbiased"},
    "KL, GSPO": {"kl": 0.5, "steps": 4, "ratio": "sequence"},
    "entropy bonus": {"entropy_bonus": 0.1},
    "entropy bonus, hot": {"entropy_bonus": 0.1, "temperature": 1.7},
    "tokens of high entropy": {"entropy_share": 0.3},
    "tokens of high entropy, with their bonus": {"entropy_share": 0.3, "entropy_bonus": 0.1, "loss": "dapo"},
    "truncated masked": {"truncated": "masked", "tokens": 16},
    "truncated masked, DAPO": {"truncated": "masked", "tokens": 16, "loss": "dapo"},
    "truncated masked, Dr. GRPO": {"truncated": "masked", "tokens": 16, "loss": "dr_grpo"},
    "truncated masked, GSPO and KL": {"truncated": "masked", "tokens": 16, "ratio": "sequence", "kl": 0.5},
    "off-policy masked": {"off_policy_kl": 0.05},
}
# what else the rollouts tell a variant from, beside plain GRPO: other bounds, so that those of these matter
BOUNDS = {
    "clipped low": {"clip_low": 0.06},
    "clipped high": {"clip_high": 0.06},
    "two-sided clip": {"ratio_cap": 1.4},
    "CISPO": {"clip_high": 0.15},
    "off-policy masked": {"off_policy_kl": None},
}
# each loss and each setting with completions split into passes; see grpo.py for those that a split would change
SPLIT = [
    *((variant, 2) for variant in ("GRPO", "Dr. GRPO", "DAPO", "two-sided clip", "GSPO", "CISPO", "SAPO", "VESPO")),
    *((variant, 2) for variant in ("LUSPO", "RLOO", "KL", "KL, Dr. GRPO", "KL, unbiased", "off-policy masked")),
    *((variant, 2) for variant in ("truncated masked", "truncated masked, DAPO", "truncated masked, Dr. GRPO")),
    *((variant, 1) for variant in ("GRPO", "DAPO", "three updates", "truncated masked, GSPO and KL")),
    *((variant, 3) for variant in ("scaled by the batch", "RLOO, two updates")),
]


def trained(settings: GRPO, *, seed: int, policy: Policy | None = None) -> Run:
    """A training of the tiny policy, or of `policy` in place."""
    policy = policy or tiny_policy()
    oracle, task, batch = Oracle(policy, settings), Rollouts(), settings.prompts * settings.completions
    record = Record(policy.model, passes=batch // (settings.micro_batch or batch))
    train_grpo(policy, task, settings=settings, seed=seed, reward=correctness)
    return Run(oracle, record, task)


def teaching(settings: GRPO, fits: Callable[[Run], bool] = lambda run: True) -> Run:
    """The first training in which every step has something to learn, and which fits."""
    return first_run(lambda seed: trained(settings, seed=seed), lambda run: run.teaches and fits(run))


def far(run: Run) -> bool:
    """Whether the rollouts are mixed and the last step is far enough off-policy that each side is clipped."""
    ratios = run.ratios(run.steps[-1])
    return run.mixed and float(ratios.min()) < 0.8 and float(ratios.max()) > 1.2


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_gradient_of_every_step_is_the_one_of_the_paper(variant: str) -> None:
    settings = replace(SETTINGS, **VARIANTS[variant])
    plain = replace(SETTINGS, steps=settings.steps, updates=settings.updates)
    others = {plain, replace(settings, **BOUNDS.get(variant, {}))} - {settings}
    run = teaching(settings, lambda run: all(map(run.tells_from, others)))
    assert max(run.errors) < 1e-5


@pytest.mark.parametrize(("variant", "size"), SPLIT)
def test_micro_batches_add_up_to_the_gradient_of_the_paper(variant: str, size: int) -> None:
    assert max(teaching(replace(SETTINGS, micro_batch=size, **VARIANTS[variant])).errors) < 1e-5


def test_a_wrong_formula_is_told_apart_by_far_more_than_the_tolerance() -> None:
    run = teaching(SETTINGS, far)
    for variant in ("GRPO", "Dr. GRPO", "BNPO", "cold"):
        expected = run.gradients(1, oracle=Oracle(tiny_policy(), replace(SETTINGS, **VARIANTS[variant])))
        assert (distance(run.record.gradients(1), expected) < 1e-5) == (variant == "GRPO"), variant


def test_the_divergence_is_from_the_start_and_not_from_where_the_start_was_loaded(tmp_path: Path) -> None:
    other = tiny_policy()
    with torch.no_grad():
        for parameter in other.model.parameters():
            parameter.mul_(1.3)
    other.model.save_pretrained(tmp_path)

    def loaded(seed: int) -> Run:
        policy = tiny_policy()
        policy.model.config._name_or_path = str(tmp_path)
        return trained(replace(SETTINGS, kl=0.5, steps=6), seed=seed, policy=policy)

    run = first_run(loaded, lambda run: run.teaches)
    assert max(run.errors) < 1e-5
    assert run.oracle.policy.model.config._name_or_path == str(tmp_path)


def test_leave_one_out_is_the_gradient_of_reinforce_with_the_mean_of_the_others_as_baseline() -> None:
    """1/k sum_i (R_i - 1/(k-1) sum_{j != i} R_j) grad log pi(y_i | x): arXiv:2402.14740, over both prompts."""
    run = teaching(replace(SETTINGS, **VARIANTS["RLOO"]))
    for step, draw in enumerate(run.draws):
        leaves = {name: tensor.double().requires_grad_() for name, tensor in run.record.weights(step).items()}
        rewards = [sum(done.tokens) % 5 / 4 for _, done in draw]
        wanted = torch.zeros((), dtype=torch.float64)
        for place, (item, done) in enumerate(draw):
            first = place // 3 * 3
            others = [rewards[other] for other in range(first, first + 3) if other != place]
            wanted = wanted + (rewards[place] - sum(others) / 2) * run.oracle.logprobs(item, done, leaves).sum() / 3
        gradient = torch.autograd.grad(-wanted / 2, list(leaves.values()))
        assert distance(run.record.gradients(step), dict(zip(leaves, gradient, strict=True))) < 1e-5


@pytest.mark.parametrize("factor", [0.5, 4.0])
def test_gradients_that_accumulate_to_the_wrong_size_are_caught(factor: float) -> None:
    run = teaching(replace(SETTINGS, micro_batch=2))
    wrong = {name: factor * tensor for name, tensor in run.record.gradients(0).items()}
    assert run.errors[0] < 1e-5
    assert distance(wrong, run.expected[0]) > 0.4


class Truncating(Oracle):
    """The oracle with the mask of truncated completions ignored."""

    def counted(self, done: Completion, mask: Sequence[int]) -> torch.Tensor:
        """All tokens."""
        return torch.ones(len(mask), dtype=torch.bool)


class Unweighted(Oracle):
    """The oracle with the mean over completions in place of the one over all tokens."""

    def averaged(self, batch: list[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
        """GRPO's mean."""
        return torch.stack([loss[own].mean() for loss, own in batch]).mean()


class Centred(Oracle):
    """The oracle whose baseline counts the completion itself."""

    def advantages(self, rollouts: Draw) -> torch.Tensor:
        """Rewards less the mean of the whole group."""
        return super().advantages(rollouts) * 2 / 3


@pytest.mark.parametrize(
    ("wrong", "variant"),
    [(Truncating, "truncated masked, DAPO"), (Unweighted, "DAPO"), (Centred, "RLOO"), (Unweighted, "RLOO")],
)
def test_a_planted_bug_is_caught(wrong: type[Oracle], variant: str) -> None:
    settings = replace(SETTINGS, **{**VARIANTS[variant], "steps": 1, "updates": 1})
    run = teaching(settings, lambda run: run.mixed)
    assert run.errors[0] < 1e-5
    expected = run.gradients(0, oracle=wrong(tiny_policy(), settings))
    assert distance(run.record.gradients(0), expected) > 1e-2


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
    record = teaching(settings).record
    for step, expected in enumerate(by_hand(record, settings)):
        assert distance(record.weights(step), expected) < 1e-6, step
    assert distance(record.weights(4), record.weights(0)) > 1e-3
