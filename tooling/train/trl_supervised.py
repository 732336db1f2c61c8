"""SFT and DPO by TRL: our settings in TRL's names, every field that matters written out.

This file and `trl_adapter` are the two that know TRL.
"""

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from datasets import Dataset, are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from tooling.models import Policy
from tooling.progress import Report, stage_report
from tooling.tasks.item import Demonstration
from tooling.train.dpo import DPO, Preference
from tooling.train.example import encoded, in_drawn_order
from tooling.train.optimization import Optimization
from tooling.train.probing import Probing, ended_by_overflow
from tooling.train.sft import SFT
from tooling.train.trained import Trained

_SCHEDULES = {"constant": "constant_with_warmup", "linear": "linear", "cosine": "cosine_with_min_lr"}
# TRL's name of a logged value -> ours
_SFT_CURVES = {"loss": "loss"}
_DPO_CURVES = {"loss": "loss", "rewards/accuracies": "accuracy", "rewards/margins": "margin"}


def train_sft(
    policy: Policy, examples: Sequence[Demonstration], *, settings: SFT, seed: int, probing: Probing
) -> Trained:
    """`policy` trained in place by TRL's SFT trainer."""
    steps = settings.steps_over(len(examples))
    drawn = in_drawn_order(examples, steps * settings.batch, seed=seed)
    rows = [encoded(policy, shown.prompt, completion=shown.completion) for shown in drawn]
    lengths = [len(row.completion) for row in rows]
    watch = _Watch(
        stage_report(f"sft, seed {seed}"), names=_SFT_CURVES, tokens=_sums(lengths, settings), probing=probing
    )
    with tempfile.TemporaryDirectory() as scratch:
        trainer = SFTTrainer(
            model=policy.model,
            args=sft_config(settings, steps=steps, seed=seed, folder=scratch),
            train_dataset=Dataset.from_dict(
                {
                    "input_ids": [row.prompt + row.completion for row in rows],
                    "labels": [[-100] * len(row.prompt) + row.completion for row in rows],
                }
            ),
            processing_class=policy.tokenizer,
            callbacks=[watch],
        )
        return _trained(trainer, policy, watch)


def train_dpo(policy: Policy, pairs: Sequence[Preference], *, settings: DPO, seed: int, probing: Probing) -> Trained:
    """`policy` trained in place by TRL's DPO trainer, with a copy of it as the reference."""
    steps = settings.steps_over(len(pairs))
    drawn = in_drawn_order(pairs, steps * settings.batch, seed=seed)
    rows = _preferences(policy, drawn)
    both = zip(rows["chosen_ids"], rows["rejected_ids"], strict=True)
    lengths = [len(chosen) + len(rejected) for chosen, rejected in both]
    watch = _Watch(
        stage_report(f"dpo, seed {seed}"), names=_DPO_CURVES, tokens=_sums(lengths, settings), probing=probing
    )
    with tempfile.TemporaryDirectory() as scratch, _without_bars():
        trainer = DPOTrainer(
            model=policy.model,
            # else TRL loads it from the folder or hub name in the model's config, which for a fork is another model
            ref_model=policy.copy().model,
            args=dpo_config(settings, steps=steps, seed=seed, folder=scratch),
            train_dataset=Dataset.from_list([drawn[0]._asdict()]),
            processing_class=policy.tokenizer,
            callbacks=[watch],
        )
        # TRL would tokenize prompt and completion as one text; its tokens may differ from those that are sampled
        trainer.train_dataset = Dataset.from_dict(rows)
        return _trained(trainer, policy, watch)


def sft_config(settings: SFT, *, steps: int, seed: int, folder: str) -> SFTConfig:
    """TRL's configuration of an SFT run; the rows come with token ids and labels, and are taken as they are."""
    return SFTConfig(
        **_arguments(settings, steps=steps, seed=seed, folder=folder),
        dataset_kwargs={"skip_prepare_dataset": True},
        max_length=None,
        packing=False,
        padding_free=False,
        pad_to_multiple_of=None,
        completion_only_loss=True,
        assistant_only_loss=False,
        loss_type="nll",
        label_smoothing_factor=0.0,
        activation_offloading=False,
        shuffle_dataset=False,
        chat_template_path=None,
        eos_token=None,
    )


def dpo_config(settings: DPO, *, steps: int, seed: int, folder: str) -> DPOConfig:
    """TRL's configuration of a DPO run: equation 7 and nothing besides."""
    return DPOConfig(
        **_arguments(settings, steps=steps, seed=seed, folder=folder),
        beta=settings.beta,
        loss_type=["sigmoid"],
        loss_weights=None,
        label_smoothing=0.0,
        f_divergence_type="reverse_kl",
        ld_alpha=None,
        use_weighting=False,
        precompute_ref_log_probs=False,
        sync_ref_model=False,
        disable_dropout=True,
        max_length=None,
        padding_free=False,
        pad_to_multiple_of=None,
        activation_offloading=False,
    )


def _arguments(settings: Optimization, *, steps: int, seed: int, folder: str) -> dict[str, Any]:
    """What both configurations share."""
    cosine = settings.schedule == "cosine"
    return {
        "output_dir": folder,
        "seed": seed,
        "data_seed": seed,
        "use_cpu": not torch.cuda.is_available(),
        "bf16": False,
        "fp16": False,
        "gradient_checkpointing": False,
        "max_steps": steps,
        "per_device_train_batch_size": settings.side_by_side,
        "gradient_accumulation_steps": settings.batch // settings.side_by_side,
        "train_sampling_strategy": "sequential",  # the rows are in their drawn order
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": _SCHEDULES[settings.schedule],
        "lr_scheduler_kwargs": {"min_lr_rate": settings.floor} if cosine else None,
        "warmup_steps": settings.warmup,
        "optim": "adamw_torch",
        "adam_beta1": 0.9,
        "adam_beta2": 0.99,
        "adam_epsilon": 1e-8,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.max_grad_norm,
        "neftune_noise_alpha": None,
        "average_tokens_across_devices": True,
        "save_strategy": "no",
        "eval_strategy": "no",
        "report_to": "none",
        "logging_strategy": "steps",
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # else a loss that is not finite would be logged as the one before
        "disable_tqdm": True,
        "dataloader_num_workers": 0,
        "dataloader_drop_last": False,
    }


def _preferences(policy: Policy, pairs: Sequence[Preference]) -> dict[str, list[list[int]]]:
    chosen = [encoded(policy, pair.prompt, completion=pair.chosen) for pair in pairs]
    rejected = [encoded(policy, pair.prompt, completion=pair.rejected) for pair in pairs]
    return {
        "prompt_ids": [each.prompt for each in chosen],
        "chosen_ids": [each.completion for each in chosen],
        "rejected_ids": [each.completion for each in rejected],
    }


@contextmanager
def _without_bars() -> Iterator[None]:
    """Keep the progress bars of `datasets` off stderr, where the harness writes lines."""
    before = are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if not before:
            enable_progress_bars()


def _sums(lengths: Sequence[int], settings: Optimization) -> list[int]:
    """The tokens of each batch."""
    return [sum(lengths[start : start + settings.batch]) for start in range(0, len(lengths), settings.batch)]


def _trained(trainer: Trainer, policy: Policy, watch: "_Watch") -> Trained:
    trainer.remove_callback(PrinterCallback)
    watch.probing.take(0)
    with ended_by_overflow(watch):
        trainer.train()
    policy.model.eval()
    watch.diverged |= not all(bool(torch.isfinite(p).all()) for p in policy.model.parameters())
    if not watch.diverged:
        with ended_by_overflow(watch):
            watch.probing.take(trainer.state.global_step)
    return Trained(policy, watch.curves, 0, watch.diverged, tuple(watch.probing.results))


class _Watch(TrainerCallback):
    """Collects the curves, probes, tells of the progress, and stops a training whose loss is not finite."""

    def __init__(self, report: Report, *, names: Mapping[str, str], tokens: Sequence[int], probing: Probing) -> None:
        self.curves: dict[str, list[float]] = {name: [] for name in ("step", "tokens", *names.values())}
        self.diverged = False
        self.report = report
        self.names = names
        self.tokens = tokens
        self.probing = probing

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: dict[str, Any], **_: Any
    ) -> None:
        """Take one step's values from TRL's log."""
        if "loss" not in logs:
            return
        step = state.global_step
        self.curves["step"].append(step)
        self.curves["tokens"].append(self.tokens[step - 1])
        for theirs, ours in self.names.items():
            # TRL logs None for what is not finite
            self.curves[ours].append(math.nan if logs[theirs] is None else float(logs[theirs]))
        self.report(step, args.max_steps, f"loss {self.curves['loss'][-1]:.3f}")
        if not all(_is_finite(logs.get(name, 0.0)) for name in ("loss", "grad_norm")):
            self.diverged = True
            control.should_training_stop = True
            return
        self.probing.take_if_due(step)


def _is_finite(value: Any) -> bool:
    return value is not None and math.isfinite(float(value))
