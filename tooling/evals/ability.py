"""What a base can do before anything is trained on it: the card of a base, one row per task that it has seen."""

import json
from dataclasses import MISSING, fields
from statistics import fmean
from typing import Any, NamedTuple

from tooling.closure import code_hash
from tooling.content import cache_folder, digest
from tooling.evals.evaluation import evaluate
from tooling.evals.sampler import SampleSettings, transformers_sampler
from tooling.models import Policy, Recipe, load
from tooling.models.policy import fingerprint
from tooling.tasks import Split, Task

ITEMS = 30  # with 8 samples each, the standard error of pass@1 is at most 0.05
SAMPLES = 8


class Ability(NamedTuple):
    """What a policy does on the test items of a task at temperature 1; shares are of samples, lengths in tokens."""

    task: str
    pass_at_1: float
    pass_at_8: float
    tokens: float
    truncated: float


def abilities(recipe: Recipe, *, tokens: int, seed: int = 0) -> list[Ability]:
    """One row for each task of the recipe's mixtures, measured once and kept in the cache with the base.

    `tokens` is the longest completion, `seed` the fork's. 30 items with 8 samples each.
    """
    mixtures = [mixture for mixture in (recipe.mixture, recipe.fork_mixture) if mixture]
    tasks = list(dict.fromkeys(task for mixture in mixtures for task, _, _ in mixture.parts))
    policy = load(recipe, seed=seed)
    return [_kept(policy, task, tokens=tokens) for task in tasks]


def _kept(policy: Policy, task: Task, *, tokens: int) -> Ability:
    """The row in the cache, measured first where it is not there or cannot be read."""
    code = code_hash("tooling.evals.ability", type(task).__module__)
    path = cache_folder() / "abilities" / f"{digest(fingerprint(policy.model), task, tokens, code)}.json"
    try:
        return Ability(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        found = ability(policy, task, tokens=tokens)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found._asdict()), encoding="utf-8")
        return found


def ability(policy: Policy, task: Task, *, tokens: int) -> Ability:
    """What the policy does on 30 test items of the task, 8 samples each."""
    items = task.items(Split.TEST, ITEMS, 0)
    table = evaluate(transformers_sampler(policy), task, items=items, samples=SAMPLES, settings=SampleSettings(tokens))
    ends = [completion.finished for row in table.completions for completion in row]
    lengths = [len(completion.tokens) for row in table.completions for completion in row]
    return Ability(task_words(task), table.pass_at(1), table.pass_at(SAMPLES), fmean(lengths), 1 - fmean(ends))


def task_words(task: Any) -> str:
    """A task by its name and what is not as usual in it: `Countdown(largest=10)`."""
    unusual = [
        f"{each.name}={getattr(task, each.name)!r}"
        for each in fields(task)
        if each.default is MISSING or getattr(task, each.name) != each.default
    ]
    return f"{type(task).__name__}({', '.join(unusual)})"
