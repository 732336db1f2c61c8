"""A training is what its settings and its seed say: nothing is ignored, and nothing leaks in or out."""

import math
import random
import re
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.models.tiny import opinionated_policy, tiny_policy
from tests.train.oracle import SEEDS, Rollouts
from tests.train.talk import Talk
from tooling.evals import SampleSettings, transformers_sampler
from tooling.models import Policy, fingerprint
from tooling.tasks import Completion, Countdown, Item, Split, Task
from tooling.train import GRPO, Rollout, Trained, correctness, grpo, trl_adapter
from tooling.train.trl_adapter import grpo_config, train_grpo
from tooling.verify import Grade, Why

SETTINGS = GRPO(steps=2, prompts=2, completions=3, tokens=8, learning_rate=0.03, warmup=0)
# far enough off-policy that clipping matters
BUSY = replace(SETTINGS, steps=4, updates=2)
CHANGES = {
    "steps": 6,
    "prompts": 3,
    "completions": 4,
    "tokens": 5,
    "learning_rate": 0.01,
    "warmup": 4,
    "temperature": 0.7,
    "loss": "dr_grpo",
    "scale": "none",
    "clip_low": 0.01,
    "clip_high": 0.01,
    "updates": 1,
    "max_grad_norm": 0.05,
    "weight_decay": 0.3,
    "baseline": "leave_one_out",
    "ratio": "sequence",
    "ratio_cap": 1.3,
    "kl": 0.3,
    "kl_estimator": "unbiased",
    "entropy_bonus": 0.2,
    "entropy_share": 0.5,
    "turns": 2,
    "truncated": "masked",
    "off_policy_kl": 0.001,
    "micro_batch": 2,
    "precision": "bfloat16",
}
# what a change is made beside, where it has no effect alone
BESIDE = {"baseline": {"scale": "none"}, "kl_estimator": {"kl": 0.2}}
# gradients summed in another order: the same but for rounding; see test_loss.py
SAME_BUT_FOR_ROUNDING = {"micro_batch"}
ON_A_GPU_ONLY = {"precision"}


def trained(
    settings: GRPO = SETTINGS, *, policy: Policy | None = None, task: Task | None = None, seed: int = 2
) -> Trained:
    """A short training of the tiny policy."""
    return grpo(policy or tiny_policy(), task or Rollouts(), settings, seed=seed)


def weights(settings: GRPO, policy: Policy | None = None, *, seed: int = 2) -> str:
    """The fingerprint that a training ends with."""
    return fingerprint(trained(settings, policy=policy, seed=seed).policy.model)


def end(name: str, *, beside: dict[str, Any], seed: int) -> str:
    """The fingerprint after a busy training with a setting changed, and what it is changed beside."""
    change = {name: CHANGES[name]} if name else {}
    task = Talk() if name == "turns" else Rollouts()
    return fingerprint(trained(replace(BUSY, **beside, **change), task=task, seed=seed).policy.model)


def test_every_setting_is_known_to_this_file() -> None:
    assert set(CHANGES) == {field.name for field in fields(GRPO)}


def test_each_setting_changes_the_outcome() -> None:
    left = CHANGES.keys() - SAME_BUT_FOR_ROUNDING - ON_A_GPU_ONLY
    for seed in SEEDS[:4]:  # not every draw has what each setting is about, say a bad completion beyond a cap
        plain = {name: end("", beside=beside, seed=seed) for name, beside in {"": {}, **BESIDE}.items()}
        ends = {name: end(name, beside=BESIDE.get(name, {}), seed=seed) for name in sorted(left)}
        changed = {name: reached for name, reached in ends.items() if reached != plain.get(name, plain[""])}
        assert len(set(changed.values())) == len(changed), "two settings that do the same"
        left = left - changed.keys()
        if not left:
            break
    assert left == set(), "settings that are ignored"


def test_each_setting_changes_the_configuration_of_the_trainer(tmp_path: Path) -> None:
    for name in CHANGES.keys() - ON_A_GPU_ONLY - {"baseline"}:  # the baseline is a factor of the rewards
        beside = replace(BUSY, **BESIDE.get(name, {}))
        before = grpo_config(beside, seed=1, folder=str(tmp_path)).to_dict()
        after = grpo_config(replace(beside, **{name: CHANGES[name]}), seed=1, folder=str(tmp_path)).to_dict()
        assert after != before, name


@pytest.mark.parametrize(
    ("cuda", "precision", "halved"), [(True, "bfloat16", True), (True, "float32", False), (False, "bfloat16", False)]
)
def test_half_precision_is_for_the_forward_pass_on_a_gpu(
    cuda: bool, precision: str, halved: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, bool] = {}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(trl_adapter, "GRPOConfig", lambda **fields: asked.update(fields))
    grpo_config(replace(SETTINGS, precision=precision), seed=1, folder=str(tmp_path))
    assert (asked["bf16"], asked["use_cpu"]) == (halved, not cuda)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"loss": "ppo"}, "`loss` is `ppo`"),
        ({"scale": "sequence"}, "`scale` is `sequence`"),
        ({"loss": "cispo"}, "`cispo` has no lower bound"),
        ({"loss": "sapo"}, "`sapo` does not clip"),
        ({"loss": "luspo"}, "`luspo` is of sequences"),
        ({"loss": "vespo", "clip_low": None, "clip_high": None, "ratio": "sequence"}, "makes its own ratio"),
        ({"loss": "cispo", "clip_low": None, "ratio_cap": 2.0}, "no second clip"),
        ({"baseline": "leave_one_out"}, "undone by a scale"),
        ({"kl_estimator": "unbiased"}, "no effect with `kl=0`"),
        ({"micro_batch": 4}, "must divide the 6 rollouts"),
        ({"micro_batch": -1}, "must divide the 6 rollouts"),
        ({"micro_batch": 2, "loss": "bnpo"}, '`loss="bnpo"` would be taken over each micro-batch alone'),
        ({"micro_batch": 2, "entropy_bonus": 0.1}, "`entropy_bonus` would be taken over each micro-batch alone"),
        ({"micro_batch": 2, "entropy_share": 0.5}, "`entropy_share` would be taken over each micro-batch alone"),
        ({"completions": 1}, "`completions` is 1"),
    ],
)
def test_settings_that_contradict_or_would_be_ignored_are_refused(change: dict, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        replace(SETTINGS, **change)


def test_all_problems_of_settings_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"`scale`.*; .*`kl_estimator`"):
        replace(SETTINGS, scale="x", kl_estimator="unbiased")


def test_no_setting_of_the_trainer_that_the_papers_fix_is_left_to_its_default(tmp_path: Path) -> None:
    config = grpo_config(SETTINGS, seed=1, folder=str(tmp_path))
    assert (config.loss_type, config.beta, config.scale_rewards) == ("grpo", 0.0, "group")
    assert (config.bf16, config.fp16, config.gradient_checkpointing) == (False, False, False)
    assert (config.top_p, config.repetition_penalty) == (1.0, 1.0)
    assert config.learning_rate == SETTINGS.learning_rate
    assert config.delta is None, "no second clip"
    assert not config.use_bias_correction_kl
    assert not config.mask_truncated_completions
    assert (config.importance_sampling_level, config.off_policy_mask_threshold) == ("token", None)
    assert (config.entropy_coef, config.use_adaptive_entropy, config.top_entropy_quantile) == (0.0, False, 1.0)
    assert (config.gradient_accumulation_steps, config.steps_per_generation) == (1, 1)
    assert config.save_strategy == "no"


def test_the_same_seed_ends_with_the_same_weights_and_another_one_does_not() -> None:
    first = weights(SETTINGS, seed=1)
    torch.manual_seed(77)
    assert weights(SETTINGS, seed=1) == first
    assert weights(SETTINGS, seed=2) != first


def test_what_theory_makes_equal_is_equal() -> None:
    assert weights(SETTINGS) == weights(replace(SETTINGS, clip_low=0.01, clip_high=0.01)), "no clip on-policy"
    assert weights(replace(SETTINGS, loss="bnpo")) == weights(replace(SETTINGS, loss="dapo")), "one batch a step"


def test_the_policy_that_goes_in_is_left_as_it_was() -> None:
    policy = tiny_policy()
    prompts, settings = ["1 2>3:", "2 8 9>3:"], SampleSettings(tokens=8)
    before, sampled = fingerprint(policy.model), transformers_sampler(policy)(prompts, settings)
    done = trained(policy=policy)
    assert fingerprint(policy.model) == before != fingerprint(done.policy.model)
    assert transformers_sampler(policy)(prompts, settings) == sampled
    assert all(parameter.grad is None for parameter in policy.model.parameters())
    assert done.policy.tokenizer.padding_side == "left"


def test_a_copy_of_a_trained_policy_samples_with_its_own_weights() -> None:
    copy = trained().policy.copy()
    fresh = tiny_policy()
    with torch.no_grad():
        for parameter in copy.model.parameters():
            parameter.neg_()
    fresh.model.load_state_dict(copy.model.state_dict())
    greedy = SampleSettings(tokens=8, temperature=0)
    assert transformers_sampler(copy)(["1 2>3:"], greedy) == transformers_sampler(fresh)(["1 2>3:"], greedy)


def test_a_second_stage_starts_where_the_first_ended_and_samples_from_itself() -> None:
    first = trained().policy
    clean = tiny_policy()
    clean.model.load_state_dict(first.model.state_dict())
    settings = replace(SETTINGS, steps=3)
    assert weights(settings, first, seed=5) == weights(settings, clean, seed=5)


class Spy(Countdown):
    """Countdown that keeps what it grades and what each grade was worth."""

    def __init__(self) -> None:
        super().__init__()
        object.__setattr__(self, "seen", [])

    def grade(self, completion: Completion, item: Item) -> Grade:
        """Countdown's grade."""
        grade = super().grade(completion, item)
        self.seen.append((item, completion, grade))
        return grade


def test_each_completion_is_graded_and_rewarded_with_its_own_item() -> None:
    groups: list[Sequence[Rollout]] = []

    def reward(group: Sequence[Rollout], source: random.Random) -> list[float]:
        groups.append(group)
        return [float(place % 2) for place, _ in enumerate(group)]

    task, settings = Spy(), replace(SETTINGS, steps=3)
    grpo(tiny_policy(), task, settings, seed=4, reward=reward)
    stream = task.stream(Split.TRAIN, 4)
    expected = [item for item in (next(stream) for _ in range(6)) for _ in range(settings.completions)]
    assert [item for item, _, _ in task.seen] == expected
    assert [len(group) for group in groups] == [settings.completions] * 6
    assert [tuple(rollout) for group in groups for rollout in group] == task.seen


def test_a_completion_is_finished_if_it_ends_by_itself() -> None:
    task = Rollouts()
    done = trained(replace(SETTINGS, steps=3), task=task)
    end = done.policy.tokenizer.eos_token_id
    assert {completion.finished for _, completion in task.graded} == {True, False}
    for _, completion in task.graded:
        assert completion.finished == (completion.tokens[-1] == end)
        assert completion.finished or len(completion.tokens) == SETTINGS.tokens
        assert completion.text == done.policy.tokenizer.decode(completion.tokens, skip_special_tokens=True)


def test_truncated_completions_earn_nothing() -> None:
    task = Spy()
    done = trained(replace(SETTINGS, tokens=1), task=task)
    assert {grade.score for _, _, grade in task.seen} == {0.0}
    cut = [grade for _, completion, grade in task.seen if not completion.finished]
    assert cut
    assert {grade.why for grade in cut} == {Why.TRUNCATED}
    assert done.curves["reward"] == [0.0, 0.0]
    assert done.spread == 0.0


def test_without_spread_in_rewards_nothing_is_learnt() -> None:
    policy = tiny_policy()
    done = grpo(policy, Rollouts(), SETTINGS, seed=2, reward=lambda group, source: [1.0] * len(group))
    assert fingerprint(done.policy.model) == fingerprint(policy.model)
    assert done.spread == 0.0


def curves_by_hand(task: Rollouts, settings: GRPO) -> dict[str, list[float]]:
    """Reward, spread, tokens and truncated share of each draw, from what was graded."""
    found: dict[str, list[float]] = {"reward": [], "spread": [], "tokens": [], "truncated": []}
    for draw in task.draws(settings):
        rewards = [sum(done.tokens) % 5 / 4 for _, done in draw]
        groups = [
            rewards[start : start + settings.completions] for start in range(0, len(rewards), settings.completions)
        ]
        found["reward"].append(sum(rewards) / len(rewards))
        found["spread"].append(sum(len(set(group)) > 1 for group in groups) / len(groups))
        found["tokens"].append(sum(len(done.tokens) for _, done in draw) / len(draw))
        found["truncated"].append(sum(not done.finished for _, done in draw) / len(draw))
    return found


@pytest.mark.parametrize("scale", ["group", "batch", "none"])
def test_curves_are_what_one_counts_by_hand(scale: str) -> None:
    task = Rollouts()
    # short completions of few rewards, so that some groups have no spread
    settings = replace(SETTINGS, steps=8, prompts=4, completions=2, tokens=2, learning_rate=1e-4, scale=scale)
    done = trained(settings, task=task)
    expected = curves_by_hand(task, settings)
    assert 0 < sum(expected["spread"]) < 8
    for name, values in expected.items():
        assert done.curves[name] == pytest.approx(values, abs=1e-6), name
    assert all(0 < value < math.log(200) for value in done.curves["entropy"])
    assert done.spread == pytest.approx(sum(expected["spread"]) / 8)


def test_a_curve_of_rewards_is_in_the_reward_s_own_unit_whatever_the_baseline() -> None:
    plain, others = (replace(SETTINGS, steps=1, scale="none", baseline=name) for name in ("group", "leave_one_out"))
    assert trained(plain).curves["reward"] == pytest.approx(trained(others).curves["reward"])


def test_the_divergence_from_the_start_is_a_curve_where_it_is_in_the_loss() -> None:
    values = trained(replace(SETTINGS, steps=4, kl=0.1)).curves["kl"]
    assert values[0] == pytest.approx(0, abs=1e-6), "the first step begins at the start"
    assert all(value > 1e-4 for value in values[1:])


@pytest.mark.parametrize("updates", [1, 3])
def test_curves_have_one_value_for_each_step(updates: int) -> None:
    done = trained(replace(SETTINGS, steps=4, updates=updates))
    assert set(done.curves) == {"step", "reward", "spread", "tokens", "truncated", "entropy"}
    assert list(done.curves["step"]) == [1, 2, 3, 4]
    assert {name: len(values) for name, values in done.curves.items()} == dict.fromkeys(done.curves, 4)


def test_the_mean_of_a_curve_is_over_the_stretch_asked_for() -> None:
    values = [0.0, 1.0, 2.0, 3.0]
    done = Trained(tiny_policy(), {"reward": values, "spread": []}, tokens=0, diverged=False)
    assert done.mean("reward") == 1.5
    assert done.mean("reward", start=0.5) == 2.5
    assert done.mean("reward", end=0.25) == 0.0
    assert math.isnan(done.mean("spread"))
    assert done.spread == 0.0, "without steps nothing was learnt"


@pytest.mark.parametrize("updates", [1, 2])
def test_tokens_are_those_that_were_sampled(updates: int) -> None:
    task = Rollouts()
    done = trained(replace(SETTINGS, steps=4, updates=updates), task=task)
    assert len(task.graded) == 4 // updates * 6
    assert done.tokens == sum(len(completion.tokens) for _, completion in task.graded)


def test_a_sound_training_has_not_diverged() -> None:
    assert not trained().diverged


def test_a_training_whose_weights_turn_to_nan_stops_and_is_flagged() -> None:
    policy, calls = tiny_policy(), []

    def poison(group: Sequence[Rollout], source: random.Random) -> list[float]:
        calls.append(group)
        if len(calls) == 4:  # the last group of the second step
            with torch.no_grad():
                policy.model.model.norm.weight.fill_(math.nan)
        return correctness(group, source)

    done = train_grpo(policy, Rollouts(), settings=replace(SETTINGS, steps=6), seed=2, reward=poison)
    assert done.diverged
    assert len(calls) == 4, "no step after it"
    assert len(done.curves["reward"]) == 2


@pytest.mark.parametrize("rate", [1e30, 1e35])
def test_a_learning_rate_that_overflows_is_recorded_as_diverged(rate: float) -> None:
    done = trained(replace(SETTINGS, steps=4, learning_rate=rate))
    assert done.diverged
    assert len(done.curves["reward"]) < 4


def test_generation_settings_of_the_model_do_not_leak_into_rollouts(tmp_path: Path) -> None:
    plain, swayed = Rollouts(), Rollouts()
    trained(task=plain)
    trained(policy=opinionated_policy(tmp_path), task=swayed)
    assert plain.graded == swayed.graded


def test_settings_are_frozen_and_name_every_choice() -> None:
    with pytest.raises(AttributeError):
        SETTINGS.steps = 1
    assert len(asdict(SETTINGS)) == len(CHANGES)
