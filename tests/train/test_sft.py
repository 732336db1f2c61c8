"""SFT moves the weights by the mean loss of the completions' tokens, and every setting counts."""

import math
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from torch.optim.optimizer import Optimizer, register_optimizer_step_pre_hook

from tests.models.tiny import opinionated_policy, tiny_policy
from tests.train.supervised import SHOWN, Followed, in_place, logprobs
from tooling.evals import SampleSettings, transformers_sampler
from tooling.models import Policy, fingerprint
from tooling.tasks.item import Demonstration
from tooling.train import DPO, SFT, Trained, sft
from tooling.train.example import encoded, in_drawn_order
from tooling.train.trl_supervised import sft_config

SETTINGS = SFT(steps=3, batch=4, learning_rate=0.02, warmup=0, max_grad_norm=1e9)
CHANGES = {
    "epochs": {"epochs": 3, "steps": None},
    "steps": {"steps": 4},
    "batch": {"batch": 3},
    "learning_rate": {"learning_rate": 0.01},
    "warmup": {"warmup": 2},
    "schedule": {"schedule": "linear"},
    "floor": {"schedule": "cosine", "floor": 0.5},
    "max_grad_norm": {"max_grad_norm": 0.05},
    "weight_decay": {"weight_decay": 0.3},
}


def trained(settings: SFT = SETTINGS, *, policy: Policy | None = None, seed: int = 3) -> Trained:
    """A short training of a copy of the tiny policy."""
    return sft(policy or tiny_policy(), SHOWN, settings, seed=seed)


def weights(settings: SFT = SETTINGS, *, seed: int = 3) -> str:
    """The fingerprint that a training ends with."""
    return fingerprint(trained(settings, seed=seed).policy.model)


@pytest.mark.parametrize("micro_batch", [None, 2, 1])
def test_the_gradient_of_every_step_is_that_of_the_mean_over_completion_tokens(micro_batch: int | None) -> None:
    followed = Followed(tiny_policy(), replace(SETTINGS, micro_batch=micro_batch))
    assert followed.steps == 3
    assert max(followed.errors()) < 1e-5
    assert followed.trained.curves["loss"] == pytest.approx(followed.losses(), rel=1e-5)


def with_prompts(policy: Policy) -> Callable[..., torch.Tensor]:
    """A wrong loss: the prompts have a share in it."""

    def loss(batch: list[Demonstration], *, weights: dict[str, torch.Tensor]) -> torch.Tensor:
        shifted = [Demonstration(each.prompt[:1], each.prompt[1:] + each.completion) for each in batch]
        return -torch.cat([logprobs(policy, each.prompt, each.completion, weights=weights) for each in shifted]).mean()

    return loss


def by_completion(policy: Policy) -> Callable[..., torch.Tensor]:
    """A wrong loss: each completion has the same share, as in the mean of means of naive accumulation."""

    def loss(batch: list[Demonstration], *, weights: dict[str, torch.Tensor]) -> torch.Tensor:
        terms = [logprobs(policy, each.prompt, each.completion, weights=weights).mean() for each in batch]
        return -torch.stack(terms).mean()

    return loss


@pytest.mark.parametrize("wrong", [with_prompts, by_completion])
def test_a_wrong_loss_is_told_apart_by_far_more_than_the_tolerance(wrong: Callable) -> None:
    followed = Followed(tiny_policy(), replace(SETTINGS, micro_batch=1))
    assert min(followed.errors(wrong(followed.exact))) > 1e-2


def test_one_micro_batch_of_four_and_four_of_one_end_alike() -> None:
    ends = [trained(replace(SETTINGS, micro_batch=size)).policy.model.state_dict() for size in (4, 1)]
    for name in ends[0]:
        torch.testing.assert_close(ends[0][name], ends[1][name], rtol=1e-3, atol=1e-5)


def test_every_setting_is_known_to_this_file() -> None:
    assert {*CHANGES, "micro_batch"} == {field.name for field in fields(SFT)}


def test_each_setting_changes_the_outcome() -> None:
    ends = {"none": weights()} | {name: weights(replace(SETTINGS, **change)) for name, change in CHANGES.items()}
    assert len(set(ends.values())) == len(ends), ends


def rates(settings: SFT) -> list[float]:
    """The learning rate of each step."""
    seen: list[float] = []

    def note(optimizer: Optimizer, *_: object) -> None:
        seen.append(optimizer.param_groups[0]["lr"])

    hook = register_optimizer_step_pre_hook(note)
    try:
        in_place(tiny_policy(), settings)
    finally:
        hook.remove()
    return seen


def test_the_rate_follows_its_schedule() -> None:
    base = replace(SETTINGS, steps=6, warmup=2, learning_rate=0.01)
    assert rates(base) == pytest.approx([0, 0.005, 0.01, 0.01, 0.01, 0.01])
    assert rates(replace(base, schedule="linear")) == pytest.approx([0, 0.005, 0.01, 0.0075, 0.005, 0.0025])
    cosine = [0.01 * (0.1 + 0.9 * (1 + math.cos(math.pi * step / 4)) / 2) for step in range(4)]
    assert rates(replace(base, schedule="cosine", floor=0.1)) == pytest.approx([0, 0.005, *cosine])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 1}, "either `epochs` or `steps`"),
        ({"steps": None}, "either `epochs` or `steps`"),
        ({"micro_batch": 3}, "must divide `batch` 4"),
        ({"schedule": "wave"}, "constant, linear, cosine, not `wave`"),
        ({"floor": 0.1}, "belongs to the cosine"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SETTINGS, **change)


def test_nothing_that_matters_is_left_to_a_default_of_the_trainer(tmp_path: Path) -> None:
    config = sft_config(SETTINGS, steps=3, seed=1, folder=str(tmp_path))
    assert (config.bf16, config.fp16, config.gradient_checkpointing) == (False, False, False)
    assert (config.packing, config.max_length, config.shuffle_dataset) == (False, None, False)
    assert (config.loss_type, config.label_smoothing_factor) == ("nll", 0)
    assert config.train_sampling_strategy == "sequential"
    assert config.save_strategy == "no"


def test_each_pass_shows_every_example_once_in_an_order_drawn_by_the_seed() -> None:
    letters = "abcdefgh"
    first, second, rest = (in_drawn_order(letters, 20, seed=4)[start : start + 8] for start in (0, 8, 16))
    assert sorted(first) == sorted(second) == list(letters)
    assert first != second
    assert len(rest) == 4
    assert in_drawn_order(letters, 20, seed=4)[:8] == first
    assert in_drawn_order(letters, 8, seed=5) != first
    with pytest.raises(ValueError, match="no example"):
        in_drawn_order([], 1, seed=0)


def test_two_epochs_of_ten_in_batches_of_eight_are_three_steps() -> None:
    assert SFT(epochs=2, batch=8).steps_over(10) == 3
    assert SFT(epochs=2, batch=5).steps_over(10) == 4
    assert SFT(steps=7, batch=5).steps_over(10) == 7


def test_the_same_seed_ends_with_the_same_weights_and_another_one_does_not() -> None:
    first = weights(seed=1)
    torch.manual_seed(77)
    assert weights(seed=1) == first != weights(seed=2)


def test_the_policy_that_goes_in_is_left_as_it_was_even_with_settings_of_a_hub(tmp_path: Path) -> None:
    policy = opinionated_policy(tmp_path)
    prompts, settings = ["1 2>3:", "2 8 9>3:"], SampleSettings(tokens=8)
    before, sampled = fingerprint(policy.model), transformers_sampler(policy)(prompts, settings)
    done = trained(policy=policy)
    assert fingerprint(policy.model) == before != fingerprint(done.policy.model)
    assert transformers_sampler(policy)(prompts, settings) == sampled
    assert fingerprint(done.policy.model) == weights()


def test_completions_are_learnt_and_end() -> None:
    done = trained(replace(SETTINGS, steps=80))
    (completion,) = transformers_sampler(done.policy)(["2 8 9>3:"], SampleSettings(tokens=12, temperature=0))
    assert completion.text == "2+9=11 11-8=3"
    assert completion.finished
    assert done.curves["loss"][-1] < 0.1 < done.curves["loss"][0]


def test_prompt_and_completion_are_tokenized_apart() -> None:
    policy = tiny_policy()
    head, tail = encoded(policy, "1 2", completion="34")
    # in one piece, `2` and `34` would be `23` and `4`
    assert policy.tokenizer.convert_ids_to_tokens(head) == ["<s>", "1", " ", "2"]
    assert policy.tokenizer.convert_ids_to_tokens(tail) == ["34", "</s>"]


def test_a_prompt_without_tokens_is_refused() -> None:
    policy = tiny_policy()
    bare = Policy(policy.model, policy.tokenizer, "bare", prefix="")
    with pytest.raises(ValueError, match="the prompt `` has no token in bare"):
        sft(bare, [Demonstration("", "1")], SETTINGS, seed=0)


def test_curves_count_the_tokens_that_carry_loss() -> None:
    done = trained()
    lengths = {each: len(encoded(tiny_policy(), each.prompt, completion=each.completion).completion) for each in SHOWN}
    drawn = in_drawn_order(SHOWN, 12, seed=3)
    assert done.curves["tokens"] == [sum(lengths[each] for each in drawn[start : start + 4]) for start in (0, 4, 8)]
    assert done.curves["step"] == [1, 2, 3]
    assert done.tokens == 0


def test_a_training_that_blows_up_stops_and_says_so() -> None:
    done = trained(replace(SETTINGS, steps=40, learning_rate=1e30))
    assert done.diverged
    assert len(done.curves["step"]) < 40
    assert not trained().diverged


def test_a_dpo_setting_has_no_place_in_sft() -> None:
    assert {field.name for field in fields(DPO)} - {field.name for field in fields(SFT)} == {"beta"}
