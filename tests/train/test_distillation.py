"""Distillation trains the student on the teacher's correct completions and on nothing else."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.models.tiny import tiny_policy
from tooling.evals import Prefix, SampleSettings, transformers_sampler
from tooling.models import fingerprint
from tooling.tasks import Completion, Countdown, Split
from tooling.train import SFT, Distillation, distill, rejection_sampled, sft

TASK = Countdown(count=2)
TRAIN = TASK.items(Split.TRAIN, 20, seed=1)
SETTINGS = Distillation(SFT(steps=2, batch=4, learning_rate=0.02, warmup=0), items=6, samples=4, keep=2, tokens=12)


def scripted(prompts: Sequence[Prefix], settings: SampleSettings) -> list[Completion]:
    """A teacher that solves an item in both orders of its numbers, then again, then not; every third item never."""
    solutions = {item.prompt: TASK.solutions(item) for item in TASK.items(Split.TRAIN, SETTINGS.items, seed=5)}
    texts, turns = [], dict.fromkeys(solutions, 0)
    for prompt in prompts:
        known = solutions[prompt]
        turn = turns[prompt]
        turns[prompt] += 1
        never = list(solutions).index(prompt) % 3 == 2
        texts.append("1+1=2 2+2=4" if never or turn == 3 else known[(0, -1, 0)[turn]])
    return [Completion(text, (1,) * (len(text) + 1), finished=True) for text in texts]


def test_each_correct_text_is_kept_once_and_wrong_ones_never() -> None:
    collected = rejection_sampled(scripted, TASK, settings=SETTINGS, seed=5)
    items = TASK.items(Split.TRAIN, SETTINGS.items, seed=5)
    expected = [
        (item.prompt, text)
        for place, item in enumerate(items)
        if place % 3 != 2
        for text in dict.fromkeys((TASK.solutions(item)[0], TASK.solutions(item)[-1]))
    ]
    assert [tuple(each) for each in collected.examples] == expected
    assert collected.coverage == pytest.approx(4 / 6)


def test_no_more_than_so_many_completions_of_an_item_are_kept() -> None:
    collected = rejection_sampled(scripted, TASK, settings=replace(SETTINGS, keep=1), seed=5)
    assert len(collected.examples) == 4
    assert len({each.prompt for each in collected.examples}) == 4


def test_the_student_is_fine_tuned_on_the_kept_completions_and_the_sampled_tokens_are_counted() -> None:
    done = distill(tiny_policy(), scripted, TASK, SETTINGS, seed=5)
    collected = rejection_sampled(scripted, TASK, settings=SETTINGS, seed=5)
    alone = sft(tiny_policy(), collected.examples, SETTINGS.training, seed=5)
    assert fingerprint(done.policy.model) == fingerprint(alone.policy.model)
    assert done.curves == alone.curves
    assert done.tokens == collected.tokens > 24 * 5


def test_a_teacher_that_solves_nothing_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="solves none of 6 items with 4 samples each; give it easier items"):
        distill(tiny_policy(), tiny_policy(), Countdown(), replace(SETTINGS, tokens=1), seed=5)


def test_a_student_can_teach_itself() -> None:
    shown = [TASK.demonstration(item, "solve", source=random.Random(0)) for item in TRAIN]
    student = sft(tiny_policy(), shown, SFT(steps=40, batch=8, learning_rate=0.02), seed=1).policy
    before = fingerprint(student.model)
    settings = replace(SETTINGS, items=20, samples=2, training=SFT(epochs=4, batch=4, learning_rate=0.005))
    assert 0 < rejection_sampled(student, TASK, settings=settings, seed=1).coverage < 1
    done = distill(student, student, TASK, settings, seed=1)
    again = distill(student, transformers_sampler(student), TASK, settings, seed=1)
    assert fingerprint(done.policy.model) == fingerprint(again.policy.model) != before == fingerprint(student.model)
    assert done.curves["loss"][-1] < done.curves["loss"][0]
