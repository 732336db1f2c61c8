"""Distillation: a student is fine-tuned on the teacher's correct completions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tooling.evals import Sampler, SampleSettings, Table, evaluate, transformers_sampler
from tooling.models import Policy
from tooling.tasks import Split, Task
from tooling.tasks.item import Demonstration
from tooling.train.sft import SFT, sft
from tooling.train.stage import stage, uncached
from tooling.train.trained import Probe, Trained


@dataclass(frozen=True)
class Distillation:
    """Every choice of a distillation by rejection sampling.

    DeepSeek-R1 (arXiv:2501.12948, section 2.3.3) keeps the correct ones of several samples per prompt; its section 2.4
    fine-tunes smaller models on them without RL.
    """

    training: SFT  # of the student
    items: int = 256  # different train items
    samples: int = 8  # of the teacher for each item
    keep: int = 4  # different correct completions of an item, at most; the first ones
    tokens: int = 48  # of a completion at most, the end token included
    temperature: float = 1.0
    batch: int = 256  # sequences sampled side by side


class Collected(NamedTuple):
    """What rejection sampling leaves: examples, sampled tokens, and the share of items with an example."""

    examples: Sequence[Demonstration]
    tokens: int
    coverage: float


def rejection_sampled(teacher: Policy | Sampler, task: Task, *, settings: Distillation, seed: int) -> Collected:
    """The teacher's correct completions for train items; `seed` draws items and samples.

    Each text is kept once per item, in the order of sampling, `settings.keep` at most; an item without a correct
    completion is left out.
    """
    sampler = transformers_sampler(teacher) if isinstance(teacher, Policy) else teacher
    items = task.items(Split.TRAIN, settings.items, seed)
    how = SampleSettings(settings.tokens, temperature=settings.temperature, batch=settings.batch, seed=seed)
    table = evaluate(sampler, task, items=items, samples=settings.samples, settings=how)
    kept = [_kept(table, place, most=settings.keep) for place in range(len(items))]
    examples = [Demonstration(item.prompt, text) for item, texts in zip(items, kept, strict=True) for text in texts]
    return Collected(examples, table.tokens, sum(map(bool, kept)) / len(items))


def _kept(table: Table, place: int, *, most: int) -> list[str]:
    row = zip(table.completions[place], table.grades[place], strict=True)
    return list(dict.fromkeys(completion.text for completion, grade in row if grade.correct))[:most]


def distill(
    student: Policy,
    teacher: Policy | Sampler,
    task: Task,
    settings: Distillation,
    *,
    seed: int,
    probe: Probe | None = None,
    every: int = 0,
) -> Trained:
    """A copy of `student` fine-tuned on the teacher's correct completions for train items.

    This is what DeepSeek-R1 (arXiv:2501.12948) and the comparison of arXiv:2504.13837 call distillation. With the
    student as its own teacher it is rejection fine-tuning. Curves are those of `sft`; `tokens` is what the teacher
    sampled. Raises `ValueError` where the teacher solves none of the items.
    """

    def make() -> Trained:
        collected = rejection_sampled(teacher, task, settings=settings, seed=seed)
        if not collected.examples:
            tried = f"{settings.items} items with {settings.samples} samples each"
            raise ValueError(f"the teacher solves none of {tried}; give it easier items, more samples or more tokens")
        # one stage, not two: its weights are kept once
        with uncached():
            trained = sft(student, collected.examples, settings.training, seed=seed, probe=probe, every=every)
        return trained._replace(tokens=collected.tokens)

    code = ("tooling.train.trl_supervised", "tooling.train.distillation")
    inputs = {"teacher": teacher, "task": task, "settings": settings, "seed": seed, "probe": (probe, every)}
    return stage("distill", student, code=code, inputs=inputs, make=make)
