"""Training over several turns: the policy learns from its own tokens alone, and the environment's are context."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from tests.models.tiny import tiny_policy
from tests.train.oracle import Oracle, Record, Rollouts, Run, distance, first_run
from tests.train.talk import Talk
from tests.train.test_loss import SETTINGS
from tooling.models import fingerprint
from tooling.models.tokenizer import number_tokenizer
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


def mask(item: Item, completion: Completion) -> list[int]:
    """Whose each token is, found again from the tokens alone: after an end token the task's reply follows."""
    task, tokenizer = Talk(), number_tokenizer()
    end, tokens, turns, found = tokenizer.eos_token_id, list(completion.tokens), [], []
    while tokens:
        length = tokens.index(end) + 1 if end in tokens else len(tokens)
        turns.append(tokenizer.decode(tokens[:length], skip_special_tokens=True))
        found, tokens = found + [1] * length, tokens[length:]
        if tokens:
            turns.append(task.reply(item, turns))
            length = len(tokenizer(turns[-1], add_special_tokens=False)["input_ids"])
            found, tokens = found + [0] * length, tokens[length:]
    return found


def trained(settings: GRPO, *, seed: int = 6) -> tuple[Run, Talk, Trained]:
    """A training of the tiny policy that was recorded, the task with its rollouts, and what it left."""
    policy, task, batch = tiny_policy(), Talk(), settings.prompts * settings.completions
    oracle, record = Oracle(policy, settings), Record(policy.model, passes=batch // (settings.micro_batch or batch))
    done = train_grpo(policy, task, settings=settings, seed=seed, reward=correctness)
    return Run(oracle, record, task, masking=mask), task, done


def teaching(settings: GRPO, fits: Callable[[Run], bool] = lambda run: True) -> Run:
    """The first training with something to learn in every step and tokens of the environment."""

    def heard(run: Run) -> bool:
        return any(0 in mask(*each) for draw in run.draws for each in draw)

    return first_run(lambda seed: trained(settings, seed=seed)[0], lambda run: heard(run) and run.teaches and fits(run))


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_gradient_is_the_paper_s_over_the_policy_s_own_tokens(variant: str) -> None:
    assert max(teaching(replace(TURNS, **VARIANTS[variant])).errors) < 1e-5


def everything(item: Item, completion: Completion) -> list[int]:
    """The environment's tokens counted as the policy's."""
    return [1] * len(completion.tokens)


def late(item: Item, completion: Completion) -> list[int]:
    """Whose each token is, one place too late."""
    return [1, *mask(item, completion)[:-1]]


def test_a_wrong_mask_is_told_apart_by_far_more_than_the_tolerance() -> None:
    run = teaching(TURNS, lambda run: run.mixed)
    for step in run.steps:
        assert run.errors[step] < 1e-5
        for wrong in (everything, late):
            assert distance(run.record.gradients(step), run.gradients(step, masking=wrong)) > 1e-3, wrong


@pytest.mark.parametrize(("updates", "clip"), [(1, 0.0), (2, 1e-5)])
def test_the_first_update_on_a_draw_is_on_policy(updates: int, clip: float) -> None:
    settings = replace(TURNS, steps=2, updates=updates)
    clipped, free = (
        teaching(replace(settings, clip_low=side, clip_high=side)).record.gradients(0) for side in (clip, None)
    )
    assert distance(clipped, free) < 1e-6, "any ratio but 1 would have been clipped"


def test_tokens_and_lengths_count_the_policy_s_own() -> None:
    run, _, done = trained(replace(TURNS, steps=3, updates=1))
    own = [[sum(mask(*each)) for each in draw] for draw in run.draws]
    assert done.tokens == sum(map(sum, own))
    assert done.curves["tokens"] == pytest.approx([sum(each) / len(each) for each in own])


def test_the_completion_that_is_graded_is_the_whole_transcript() -> None:
    tokenizer = number_tokenizer()
    _, task, _ = trained(replace(TURNS, steps=3, updates=1))
    for _, completion in task.graded:
        assert completion.text == tokenizer.decode(completion.tokens, skip_special_tokens=True)
        assert completion.finished == (completion.tokens[-1] == tokenizer.eos_token_id)


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
