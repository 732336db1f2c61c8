"""The only file that knows TRL: our settings in TRL's names, every field that matters written out."""

import math
import tempfile
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import torch
from datasets import Dataset
from transformers import (
    GenerationConfig,
    PrinterCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from trl import GRPOConfig, GRPOTrainer

from tooling.models import Policy
from tooling.progress import Report, stage_report
from tooling.tasks import Completion, Item, Split, Task
from tooling.train.grpo import GRPO, Reward, Trained

# TRL's name of a logged value -> ours
_CURVES = {
    "reward": "reward",
    "completions/mean_length": "tokens",
    "completions/clipped_ratio": "truncated",
    "entropy": "entropy",
}


def train_grpo(policy: Policy, task: Task, *, settings: GRPO, seed: int, reward: Reward) -> Trained:
    """`policy` trained in place by TRL's GRPO trainer."""
    items = list(islice(task.stream(Split.TRAIN, seed), _draws(settings) * settings.prompts))
    watch = _Watch(stage_report(f"grpo, seed {seed}"), group=settings.completions)
    policy.model.generation_config = GenerationConfig(eos_token_id=policy.model.generation_config.eos_token_id)
    with tempfile.TemporaryDirectory() as scratch:
        trainer = GRPOTrainer(
            model=policy.model,
            reward_funcs=[_reward_function(policy, task, items, reward=reward, watch=watch)],
            args=grpo_config(settings, seed=seed, folder=scratch),
            train_dataset=_dataset(policy, items),
            processing_class=policy.tokenizer,
            callbacks=[watch],
        )
        trainer.remove_callback(PrinterCallback)
        _train(trainer, watch)
    policy.model.eval()
    return Trained(policy, watch.curves, watch.tokens, watch.diverged or not _finite(policy.model))


def grpo_config(settings: GRPO, *, seed: int, folder: str) -> GRPOConfig:
    """TRL's configuration for our settings; what is not written here keeps a default that no result depends on."""
    cuda = torch.cuda.is_available()
    return GRPOConfig(
        output_dir=folder,
        seed=seed,
        data_seed=seed,
        use_cpu=not cuda,
        bf16=False,
        fp16=False,
        gradient_checkpointing=False,
        max_steps=settings.steps,
        per_device_train_batch_size=settings.prompts * settings.completions,
        gradient_accumulation_steps=1,
        steps_per_generation=1,
        num_iterations=settings.updates,
        num_generations=settings.completions,
        max_completion_length=settings.tokens,
        shuffle_dataset=False,
        temperature=settings.temperature,
        top_p=1.0,
        top_k=0,
        min_p=None,
        repetition_penalty=1.0,
        loss_type=settings.loss,
        scale_rewards=settings.scale,
        beta=0.0,  # no KL term: TRL would take its reference from the folder that the start was loaded from
        epsilon=settings.clip_low,
        epsilon_high=settings.clip_high,
        importance_sampling_level="token",
        mask_truncated_completions=False,
        disable_dropout=True,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="constant_with_warmup",
        warmup_steps=settings.warmup,
        optim="adamw_torch",
        adam_beta1=0.9,
        adam_beta2=0.99,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        remove_unused_columns=False,
        use_vllm=False,
        save_strategy="no",
        report_to="none",
        logging_strategy="steps",
        logging_steps=1,
        disable_tqdm=True,
        dataloader_num_workers=0,
    )


def _train(trainer: GRPOTrainer, watch: "_Watch") -> None:
    """Run the training; weights from which nothing can be sampled any more end it as diverged."""
    try:
        trainer.train()
    except RuntimeError as error:
        if "probability tensor" not in str(error):
            raise
        watch.diverged = True


def _draws(settings: GRPO) -> int:
    """How often rollouts are drawn: once per `updates` steps."""
    return math.ceil(settings.steps / settings.updates)


def _dataset(policy: Policy, items: Sequence[Item]) -> Dataset:
    return Dataset.from_dict(
        {"prompt": [policy.prefix + item.prompt for item in items], "place": list(range(len(items)))}
    )


def _reward_function(
    policy: Policy, task: Task, items: Sequence[Item], *, reward: Reward, watch: "_Watch"
) -> Callable[..., list[float]]:
    """TRL's kind of reward function: grades each completion by the task and turns the grade into a reward."""
    end = policy.tokenizer.eos_token_id

    def rewards(completions: list[str], completion_ids: list[list[int]], place: list[int], **_: Any) -> list[float]:
        values = []
        for text, ids, index in zip(completions, completion_ids, place, strict=True):
            finished = bool(ids) and ids[-1] == end
            grade = task.grade(Completion(text, tuple(ids), finished), items[index])
            values.append(reward(grade, items[index]))
        watch.note(values, tokens=sum(map(len, completion_ids)))
        return values

    return rewards


def _finite(model: torch.nn.Module) -> bool:
    return all(bool(torch.isfinite(p).all()) for p in model.parameters())


class _Watch(TrainerCallback):
    """Collects the curves, tells of the progress, and stops a training whose loss is not finite."""

    def __init__(self, report: Report, *, group: int) -> None:
        self.curves: dict[str, list[float]] = {name: [] for name in ("step", "spread", *_CURVES.values())}
        self.diverged = False
        self.report = report
        self.group = group
        self.spread = 0.0
        self.tokens = 0

    def note(self, rewards: Sequence[float], *, tokens: int) -> None:
        """Take the rewards of fresh rollouts, group after group, and the number of tokens in them."""
        groups = [set(rewards[start : start + self.group]) for start in range(0, len(rewards), self.group)]
        self.spread = sum(len(group) > 1 for group in groups) / len(groups)
        self.tokens += tokens

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: dict[str, Any], **_: Any
    ) -> None:
        """Take one step's values from TRL's log; a step on old rollouts repeats theirs."""
        if "loss" not in logs:
            return
        self.curves["step"].append(state.global_step)
        self.curves["spread"].append(self.spread)
        for theirs, ours in _CURVES.items():
            # TRL logs None for what is not finite
            value = logs.get(theirs, self.curves[ours][-1] if self.curves[ours] else None)
            self.curves[ours].append(math.nan if value is None else float(value))
        self.report(state.global_step, args.max_steps, f"reward {self.curves['reward'][-1]:.2f}")
        if not all(_is_finite(logs.get(name, 0.0)) for name in ("loss", "grad_norm")):
            self.diverged = True
            control.should_training_stop = True


def _is_finite(value: Any) -> bool:
    return value is not None and math.isfinite(float(value))
