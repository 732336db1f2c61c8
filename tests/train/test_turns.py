"""Training over several turns: the policy learns from its own tokens alone, and the environment's are context."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from tests.models.tiny import tiny_policy
from tests.train.oracle import Draw, Oracle, Record, Rollouts, distance
from tests.train.talk import Talk
from tests.train.test_loss import SETTINGS
from tooling.models import Policy, fingerprint
from tooling.tasks import Completion, Item
from tooling.train import GRPO, Trained, correctness, grpo
from tooling.train.trl_adapter import train_grpo

TURNS = replace(SETTINGS, turns=3)
VARIANTS = {
    "GRPO": {},
    "Dr. GRPO": {"loss": "dr_grpo", "scale": "none"},
    "DAPO": {"loss": "dapo"},
    "RLOO": {"loss": "rloo", "baseline": "leave_one_out", "scale": "none"},
    "GSPO": {"ratio": "sequence", "clip_low": 0.03, "clip_high": 0.04},
    "CISPO": {"loss": "cispo", "clip_low": None},
    "VESPO": {"loss": "vespo", "clip_low": None, "clip_high": None},
    "KL": {"kl": 0.5, "steps": 4},
    "truncated masked": {"truncated": "masked", "tokens": 16, "loss": "dapo"},
    "off-policy masked": {"off_policy_kl": 0.05},
    "tokens of high entropy": {"entropy_share": 0.3},
    "entropy bonus": {"entropy_bonus": 0.1},
    "micro-batches": {"micro_batch": 2, "loss": "dapo", "kl": 0.5},
    "on-policy": {"updates": 1, "steps": 3},
}


def masks(policy: Policy, task: Talk, draw: Draw) -> list[list[int]]:
    """Whose each token is, found again from the tokens alone: after an end token the task's reply follows."""
    return [mask(policy, task, item, completion) for item, completion in draw]


def mask(policy: Policy, task: Talk, item: Item, completion: Completion) -> list[int]:
    """The mask of one completion."""
    end, tokens, turns, found = policy.tokenizer.eos_token_id, list(completion.tokens), [], []
    while tokens:
        length = tokens.index(end) + 1 if end in tokens else len(tokens)
        turns.append(policy.tokenizer.decode(tokens[:length], skip_special_tokens=True))
        found, tokens = found + [1] * length, tokens[length:]
        if tokens:
            turns.append(task.reply(item, turns))
            length = len(policy.tokenizer(turns[-1], add_special_tokens=False)["input_ids"])
            found, tokens = found + [0] * length, tokens[length:]
    return found


def trained(settings: GRPO, policy: Policy) -> tuple[Record, Talk, Trained]:
    """The record of a training of `policy` in place, its rollouts, and what it left."""
    passes = (
        settings.prompts * settings.completions // (settings.micro_batch or settings.prompts * settings.completions)
    )
    record, task = Record(policy.model, passes=passes), Talk()
    return record, task, train_grpo(policy, task, settings=settings, seed=6, reward=correctness)


def errors(settings: GRPO, *, spoil=lambda mask: mask) -> list[float]:
    """How far the gradient of each step is from the oracle's, whose masks are spoilt."""
    policy = tiny_policy()
    oracle = Oracle(policy, settings)
    record, task, _ = trained(settings, policy)
    found = []
    for step in range(settings.steps):
        draw = task.draws(settings)[step // settings.updates]
        old = record.weights(step // settings.updates * settings.updates)
        spoilt = [spoil(mask) for mask in masks(oracle.policy, task, draw)]
        expected = oracle.gradients(draw, now=record.weights(step), old=old, masks=spoilt)
        found.append(distance(record.gradients(step), expected))
    return found


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_gradient_is_the_paper_s_over_the_policy_s_own_tokens(variant: str) -> None:
    assert max(errors(replace(TURNS, **VARIANTS[variant]))) < 1e-5


def everything(mask: Sequence[int]) -> list[int]:
    """The environment's tokens counted as the policy's."""
    return [1] * len(mask)


def late(mask: Sequence[int]) -> list[int]:
    """Whose each token is, one place too late."""
    return [1, *mask[:-1]]


@pytest.mark.parametrize("spoil", [everything, late])
def test_a_wrong_mask_is_told_apart_by_far_more_than_the_tolerance(spoil) -> None:
    assert min(errors(TURNS, spoil=spoil)) > 1e-3


def test_the_transcripts_of_these_tests_exercise_what_they_compare() -> None:
    policy = tiny_policy()
    _, task, _ = trained(replace(TURNS, steps=4), tiny_policy())
    every = [each for draw in task.draws(TURNS) for each in masks(policy, task, draw)]
    assert {0, 1} <= {value for mask in every for value in mask}
    assert len({len(mask) for mask in every}) > 2
    assert {completion.finished for _, completion in task.graded} == {True, False}


@pytest.mark.parametrize(("updates", "clip"), [(1, 0.0), (2, 1e-5)])
def test_the_first_update_on_a_draw_is_on_policy(updates: int, clip: float) -> None:
    settings = replace(TURNS, steps=2, updates=updates)
    clipped, free = (
        trained(replace(settings, clip_low=side, clip_high=side), tiny_policy())[0].gradients(0)
        for side in (clip, None)
    )
    assert distance(clipped, free) < 1e-6, "any ratio but 1 would have been clipped"


def test_tokens_and_lengths_count_the_policy_s_own() -> None:
    policy = tiny_policy()
    settings = replace(TURNS, steps=3, updates=1)
    _, task, done = trained(settings, tiny_policy())
    own = [[sum(each) for each in masks(policy, task, draw)] for draw in task.draws(settings)]
    assert done.tokens == sum(map(sum, own))
    assert done.curves["tokens"] == pytest.approx([sum(each) / len(each) for each in own])


def test_the_completion_that_is_graded_is_the_whole_transcript() -> None:
    policy = tiny_policy()
    _, task, _ = trained(replace(TURNS, steps=3, updates=1), tiny_policy())
    for _, completion in task.graded:
        assert completion.text == policy.tokenizer.decode(completion.tokens, skip_special_tokens=True)
        assert completion.finished == (completion.tokens[-1] == policy.tokenizer.eos_token_id)


def test_the_same_seed_ends_with_the_same_weights_and_another_one_does_not() -> None:
    settings = replace(TURNS, steps=2, updates=1)
    first = fingerprint(grpo(tiny_policy(), Talk(), settings, seed=1).policy.model)
    torch.manual_seed(77)
    assert fingerprint(grpo(tiny_policy(), Talk(), settings, seed=1).policy.model) == first
    assert fingerprint(grpo(tiny_policy(), Talk(), settings, seed=2).policy.model) != first


def test_each_draw_samples_anew_with_the_weights_of_its_step() -> None:
    class Same(Talk):
        """The same item again and again."""

        def stream(self, split, seed):
            """One item without end."""
            item = next(super().stream(split, seed))
            while True:
                yield item

    still = replace(TURNS, steps=4, updates=1, learning_rate=1e-30)
    task = Same()
    grpo(tiny_policy(), task, still, seed=2)
    assert len({tuple(done for _, done in draw) for draw in task.draws(still)}) == 4, "randomness goes on"
    moved = Same()
    grpo(tiny_policy(), moved, replace(still, learning_rate=0.3), seed=2)
    assert moved.draws(still)[0] == task.draws(still)[0]
    assert moved.draws(still)[1] != task.draws(still)[1], "the second draw comes from the weights after a step"


def test_turns_need_a_task_that_replies() -> None:
    with pytest.raises(ValueError, match="Rollouts has no `reply`; training with `turns=3` needs one"):
        grpo(tiny_policy(), Rollouts(), TURNS, seed=2)
