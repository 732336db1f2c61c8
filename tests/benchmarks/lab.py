"""Time a step of GRPO through our layer beside stock TRL: a table on stdout, JSON in .build/bench/lab.json.

Seconds are of the processor, with one thread; each pair of figures comes from turns that alternate in one process, so
that other work on the machine weighs on both alike. Exits 1 where a bar is missed. `lab.py cells COUNT` runs cells one
after the other and prints the memory held after each, in MB.
"""

import json
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch  # noqa: E402
from datasets import Dataset  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402
from transformers import PrinterCallback, TrainerCallback  # noqa: E402
from transformers.utils.logging import disable_progress_bar  # noqa: E402
from trl import GRPOTrainer  # noqa: E402

from tests.benchmarks.trainings import resident_mb  # noqa: E402
from tooling.evals import SampleSettings, evaluate, transformers_sampler  # noqa: E402
from tooling.models import Mixture, Policy, Recipe, load  # noqa: E402
from tooling.models.pretraining import continue_pretraining  # noqa: E402
from tooling.tasks import Countdown, Item, Split  # noqa: E402
from tooling.train import GRPO, Rollout, grpo, uncached  # noqa: E402
from tooling.train.trl_adapter import grpo_config  # noqa: E402

OUTPUT = ROOT / ".build" / "bench" / "lab.json"
TASK = Countdown()
# briefly trained, so that completions end as those of real bases do
BASE = Recipe(Mixture.of(TASK, guess=0.5, solve=0.5), width=128, layers=4, steps=120)  # 1.07M parameters
SMALL = replace(BASE, width=96)  # 0.6M
# the weights stand still: on both sides all steps sample from one policy, completions of the same lengths
STILL = GRPO(steps=9, learning_rate=1e-12, warmup=0)
TURNS = 4  # of each side
EVALUATED = (150, 8)  # items and samples
VERDICT = {"arms": 2, "seeds": 8, "steps": 150, "fork steps": 100, "cores": 2}
CELLS = 20
BARS = {"ratio": 1.03, "verdict minutes": 10.0, "peak MB": 1500.0, "growth MB": 5.0}


class Row(NamedTuple):
    """One figure with its unit, and the most that it may be where there is a bar."""

    name: str
    value: float
    unit: str
    bar: float | None = None


class Turn(NamedTuple):
    """What a training took: processor seconds of each step but the first, and tokens per step."""

    seconds: list[float]
    tokens: float


def parity(text: str) -> float:
    """A reward that costs nothing and differs within groups."""
    return float(len(text) % 2)


def ours(policy: Policy, settings: GRPO, seed: int) -> Turn:
    """A training through our layer, grading included; the probe that reads the clock counts against it."""

    def reward(group: Sequence[Rollout], _: object) -> list[float]:
        return [parity(rollout.completion.text) for rollout in group]

    def clock(*_: object) -> dict[str, float]:
        return {"cpu": time.process_time()}

    with uncached():
        done = grpo(policy, TASK, settings, seed=seed, reward=reward, probe=clock, every=1)
    marks = [probe["cpu"] for probe in done.probes]
    return Turn([after - before for before, after in pairwise(marks)][1:], done.tokens / settings.steps)


def stock(policy: Policy, settings: GRPO, seed: int) -> Turn:
    """The same training by TRL alone: the same configuration, its own rollouts by `generate`."""
    start, clock, sampled = policy.copy(), _Clock(), []

    def reward(completions: list[str], completion_ids: list[list[int]], **_: Any) -> list[float]:
        sampled.append(sum(map(len, completion_ids)))
        return [parity(text) for text in completions]

    prompts = [policy.prefix + item.prompt for item in items(settings.steps * settings.prompts, seed)]
    with tempfile.TemporaryDirectory() as folder:
        trainer = GRPOTrainer(
            model=start.model,
            reward_funcs=[reward],
            args=grpo_config(settings, seed=seed, folder=folder),
            train_dataset=Dataset.from_dict({"prompt": prompts}),
            processing_class=start.tokenizer,
            callbacks=[clock],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return Turn([after - before for before, after in pairwise(clock.marks)], sum(sampled) / settings.steps)


class _Clock(TrainerCallback):
    """The processor's time at the end of each step."""

    def __init__(self) -> None:
        self.marks: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Read the clock."""
        self.marks.append(time.process_time())


def items(count: int, seed: int) -> list[Item]:
    """Items to train on."""
    return TASK.items(Split.TRAIN, count, seed)


def step_rows(policy: Policy) -> list[Row]:
    """A step on both sides, and the least that the arithmetic of ours could take."""
    sides: dict[str, list[Turn]] = {"ours": [], "stock": []}
    for seed in range(TURNS):
        sides["ours"].append(ours(policy, STILL, seed))
        sides["stock"].append(stock(policy, STILL, seed))
    seconds = {name: median(each for turn in turns for each in turn.seconds) for name, turns in sides.items()}
    tokens = {name: median(turn.tokens for turn in turns) for name, turns in sides.items()}
    speed = flops_per_second()
    limit = flops_of_a_step(policy) / speed
    return [
        Row("a GRPO step, ours", seconds["ours"], "s"),
        Row("a GRPO step, stock TRL", seconds["stock"], "s"),
        Row("ours / stock", seconds["ours"] / seconds["stock"], "", BARS["ratio"]),
        Row("tokens sampled in a step, ours", tokens["ours"], "tokens"),
        Row("tokens sampled in a step, stock TRL", tokens["stock"], "tokens"),
        Row("a product of two large matrices", speed / 1e9, "GFLOPS"),
        Row("the arithmetic of our step at the speed of a large product", limit, "s"),
        Row("ours / arithmetic", seconds["ours"] / limit, ""),
        Row("stock TRL / arithmetic", seconds["stock"] / limit, ""),
    ]


def flops_of_a_step(policy: Policy) -> float:
    """Floating-point operations of the matrix products and attentions in a step of ours, counted as they are made."""
    settings = replace(STILL, steps=2)
    with uncached(), FlopCounterMode(display=False) as counter:
        grpo(policy, TASK, settings, seed=0)
    return counter.get_total_flops() / settings.steps


def flops_per_second(size: int = 1024) -> float:
    """What one core does in a product of two large matrices: the best of ten."""
    one, other = torch.rand(size, size), torch.rand(size, size)
    best = min(spent(lambda: one @ other) for _ in range(10))
    return 2 * size**3 / best


def spent(work: Callable[[], object]) -> float:
    """The processor seconds that a piece of work takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def sampling_rows(policy: Policy) -> list[Row]:
    """The rollouts of a step alone, by our sampler and by `generate`."""
    asked = [item.prompt for item in items(STILL.prompts, 1) for _ in range(STILL.completions)]
    sampler = transformers_sampler(policy)
    texts = [policy.prefix + prompt for prompt in asked]
    read = policy.tokenizer(texts, return_tensors="pt", padding=True, padding_side="left", add_special_tokens=False)
    plain = {"do_sample": True, "top_k": 0, "top_p": 1.0, "max_new_tokens": STILL.tokens}
    taken: dict[str, list[float]] = {"ours": [], "generate": []}
    end = {"eos_token_id": policy.tokenizer.eos_token_id, "pad_token_id": policy.tokenizer.pad_token_id}
    for seed in range(3 * TURNS):
        taken["ours"].append(spent(lambda seed=seed: sampler(asked, SampleSettings(STILL.tokens, seed=seed))))
        torch.manual_seed(seed)
        taken["generate"].append(
            spent(lambda: policy.model.generate(read.input_ids, attention_mask=read.attention_mask, **plain, **end))
        )
    mine, theirs = median(taken["ours"]), median(taken["generate"])
    return [
        Row("sampling of a step, ours", mine, "s"),
        Row("sampling of a step, generate", theirs, "s"),
        Row("ours / generate", mine / theirs, ""),
    ]


def verdict_rows(policy: Policy) -> list[Row]:
    """What a verdict takes, from a step, an evaluation and a fork of the small base."""
    step = median(ours(policy, STILL, 0).seconds)
    evaluation = spent(lambda: evaluated(policy, EVALUATED[0]))
    forking = replace(SMALL, fork_steps=10)
    fork = spent(lambda: continue_pretraining(policy.copy().model, forking, seed=0, report=lambda *_: None)) * (
        VERDICT["fork steps"] / forking.fork_steps
    )
    cells = VERDICT["arms"] * VERDICT["seeds"]
    seconds = cells * (VERDICT["steps"] * step + 2 * evaluation) + VERDICT["seeds"] * fork
    name = "a verdict of {arms} arms x {seeds} seeds x {steps} steps on {cores} cores".format(**VERDICT)
    return [
        Row("a GRPO step at 0.6M parameters", step, "s"),
        Row("an evaluation of {} items x {} samples".format(*EVALUATED), evaluation, "s"),
        Row(f"a fork of {VERDICT['fork steps']} steps", fork, "s"),
        Row(name, seconds / VERDICT["cores"] / 60, "minutes", BARS["verdict minutes"]),
    ]


def evaluated(policy: Policy, count: int) -> None:
    """Evaluate a policy on so many items."""
    asked = TASK.items(Split.TEST, count, 0)
    evaluate(
        transformers_sampler(policy), TASK, items=asked, samples=EVALUATED[1], settings=SampleSettings(STILL.tokens)
    )


def cells(count: int) -> list[float]:
    """The memory held after each of so many cells in one process, in MB: an evaluation, two steps, an evaluation."""
    held = []
    for seed in range(count):
        policy = load(SMALL)
        evaluated(policy, 40)
        with uncached():
            trained = grpo(policy, TASK, GRPO(steps=2), seed=seed)
        evaluated(trained.policy, 40)
        del policy, trained
        held.append(resident_mb())
    return held


def memory_rows() -> list[Row]:
    """The most that a process of cells holds, and its growth after the second, measured in a process of its own."""
    reading, writing = os.pipe()
    words = [sys.executable, "-W", "ignore", __file__, "cells", str(CELLS)]
    process = os.posix_spawn(
        sys.executable,
        words,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_CLOSE, reading)],
    )
    os.close(writing)
    with open(reading) as answer:
        held = json.loads(answer.read())
    _, status, usage = os.wait4(process, 0)
    if status:
        raise RuntimeError(f"the process of {CELLS} cells ended with {os.waitstatus_to_exitcode(status)}")
    return [
        Row("peak memory of a process of cells", usage.ru_maxrss / 1024, "MB", BARS["peak MB"]),
        # the allocator swings by tens of MB from cell to cell; what is never given back shows in the lowest
        Row(f"growth over {CELLS} cells after the second", min(held[CELLS // 2 :]) - held[1], "MB", BARS["growth MB"]),
    ]


def table(rows: Sequence[Row], title: str) -> Table:
    """The rows as a table for people."""
    made = Table("what", "measured", "unit", "bar", title=title)
    for row in rows:
        made.add_row(row.name, f"{row.value:.3g}", row.unit, "" if row.bar is None else f"at most {row.bar:g}")
    return made


def main() -> int:
    """1 when a figure is over its bar, else 0; writes the table and the JSON file."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    base, small = load(BASE), load(SMALL)
    rows = [*step_rows(base), *sampling_rows(base), *verdict_rows(small), *memory_rows()]
    size = sum(parameter.numel() for parameter in base.model.parameters())
    title = f"{size / 1e6:.2f}M parameters, one thread, Python {platform.python_version()}, torch {torch.__version__}"
    Console().print(table(rows, title))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps({"title": title, "rows": [row._asdict() for row in rows]}, indent=2) + "\n")
    print(f"written to {OUTPUT.relative_to(ROOT)}")
    return int(any(row.bar is not None and row.value > row.bar for row in rows))


if __name__ == "__main__":
    disable_progress_bar()
    if sys.argv[1:2] == ["cells"]:
        print(json.dumps(cells(int(sys.argv[2]))))
        sys.exit(0)
    sys.exit(main())
