"""DPO follows equation 7 of its paper, with the policy that goes in as the reference."""

from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import pytest
import torch

from tests.models.tiny import opinionated_policy, tiny_policy
from tests.train.supervised import PAIRS, Followed, dpo_loss
from tooling.evals import SampleSettings, transformers_sampler
from tooling.models import Policy, fingerprint
from tooling.train import DPO, Preference, dpo
from tooling.train.trl_supervised import dpo_config

SETTINGS = DPO(steps=4, batch=2, learning_rate=0.01, warmup=0, max_grad_norm=1e9, beta=0.3)


def weights(settings: DPO = SETTINGS, *, policy: Policy | None = None, seed: int = 3) -> str:
    """The fingerprint that a training ends with."""
    return fingerprint(dpo(policy or tiny_policy(), PAIRS, settings, seed=seed).policy.model)


@pytest.mark.parametrize(
    "change", [{}, {"micro_batch": 1}, {"batch": 4, "micro_batch": 2}, {"beta": 1.0, "learning_rate": 0.003}]
)
def test_the_gradient_of_every_step_is_the_one_of_the_paper(change: dict) -> None:
    followed = Followed(tiny_policy(), replace(SETTINGS, **change))
    assert followed.steps == 4
    assert max(followed.errors()) < 1e-5
    assert followed.trained.curves["loss"] == pytest.approx(followed.losses(), rel=1e-4)


def test_a_sharp_beta_is_that_of_the_paper_on_weights_of_double_precision() -> None:
    # with single-precision weights beta = 2 leaves 1.03e-5 on one kind of processor: their own rounding, times beta
    policy = tiny_policy()
    policy.model.double()
    followed = Followed(policy, replace(SETTINGS, beta=2.0, learning_rate=0.003))
    assert max(followed.errors()) < 1e-5
    other = partial(dpo_loss, followed.exact, reference=followed.weights[0], beta=2.01)
    assert min(followed.errors(other)) > 1e-4


def test_a_wrong_reference_is_told_apart_by_far_more_than_the_tolerance() -> None:
    followed = Followed(tiny_policy(), SETTINGS)
    moved = partial(dpo_loss, followed.exact, reference=followed.weights[1], beta=SETTINGS.beta)
    assert min(followed.errors(moved)[1:]) > 1e-2


def test_a_wrong_beta_is_told_apart_too() -> None:
    followed = Followed(tiny_policy(), SETTINGS)
    other = partial(dpo_loss, followed.exact, reference=followed.weights[0], beta=0.31)
    assert min(followed.errors(other)) > 1e-2


def test_the_reference_is_the_policy_itself_and_not_the_folder_it_was_loaded_from(tmp_path: Path) -> None:
    policy = opinionated_policy(tmp_path)
    assert policy.model.config._name_or_path == str(tmp_path)
    with torch.no_grad():
        for parameter in policy.model.parameters():
            parameter.mul_(1.3)
    followed = Followed(policy, SETTINGS)
    assert followed.trained.curves["loss"][0] == pytest.approx(0.6931, abs=1e-4)
    assert max(followed.errors()) < 1e-5


def test_each_setting_changes_the_outcome() -> None:
    changes = {
        "epochs": {"epochs": 3, "steps": None},
        "steps": {"steps": 5},
        "batch": {"batch": 3},
        "learning_rate": {"learning_rate": 0.005},
        "warmup": {"warmup": 2},
        "schedule": {"schedule": "linear"},
        "floor": {"schedule": "cosine", "floor": 0.5},
        "max_grad_norm": {"max_grad_norm": 0.05},
        "weight_decay": {"weight_decay": 0.3},
        "beta": {"beta": 0.1},
    }
    assert {*changes, "micro_batch"} == {field.name for field in fields(DPO)}
    ends = {"none": weights()} | {name: weights(replace(SETTINGS, **change)) for name, change in changes.items()}
    assert len(set(ends.values())) == len(ends), ends


def test_nothing_that_matters_is_left_to_a_default_of_the_trainer(tmp_path: Path) -> None:
    config = dpo_config(SETTINGS, steps=3, seed=1, folder=str(tmp_path))
    assert (config.loss_type, config.label_smoothing, config.f_divergence_type) == (["sigmoid"], 0, "reverse_kl")
    assert (config.bf16, config.gradient_checkpointing, config.max_length) == (False, False, None)
    assert (config.use_weighting, config.sync_ref_model, config.ld_alpha) == (False, False, None)


def test_the_same_seed_ends_with_the_same_weights_and_the_start_is_left_alone() -> None:
    policy = tiny_policy()
    before = fingerprint(policy.model)
    assert weights(policy=policy, seed=1) == weights(policy=policy, seed=1) != weights(policy=policy, seed=2)
    assert fingerprint(policy.model) == before


def test_the_preferred_completion_gains_on_the_other() -> None:
    done = dpo(tiny_policy(), PAIRS, replace(SETTINGS, steps=20, batch=4), seed=3)
    assert done.curves["loss"][0] == pytest.approx(0.6931, abs=1e-4)
    assert done.curves["margin"][0] == pytest.approx(0.0, abs=1e-5)
    assert done.curves["margin"][-1] > 1.0
    assert done.curves["accuracy"][-1] == 1.0
    assert not done.diverged


def test_prompt_and_completion_are_tokenized_as_they_are_sampled() -> None:
    pairs = [Preference("1 2", "34", "5")]
    done = dpo(tiny_policy(), pairs, replace(SETTINGS, steps=20, batch=1), seed=3)
    # `2` and `34` tokenized in one piece would be `23` and `4`, which no completion begins with
    (completion,) = transformers_sampler(done.policy)(["1 2"], SampleSettings(tokens=4, temperature=0))
    assert completion.text.startswith("34")
    assert done.curves["tokens"][0] == 4


def test_no_bar_of_a_library_is_drawn(capfd: pytest.CaptureFixture[str]) -> None:
    weights(replace(SETTINGS, steps=1))
    assert capfd.readouterr() == ("", "")
