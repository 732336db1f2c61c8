"""GRPO by TRL: our settings in TRL's names, every field that matters written out."""

import logging
import math
import random
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
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

from tooling.evals import SampleSettings, Transcript, Turns, rollout, transformers_sampler
from tooling.models import Policy
from tooling.progress import Report, stage_report
from tooling.tasks import Item, Split, Task
from tooling.train.grpo import GRPO
from tooling.train.probing import Probing, ended_by_overflow
from tooling.train.reward import Reward, Rollout
from tooling.train.trained import Trained

# TRL's name of a logged value -> ours
_CURVES = {
    "reward": "reward",
    "completions/mean_length": "tokens",
    "completions/clipped_ratio": "truncated",
    "entropy": "entropy",
}


# our name of a loss -> TRL's
_LOSSES = {"rloo": "luspo"}

# the papers' constants: temperatures of SAPO (arXiv:2511.20347), k and lambda of VESPO (arXiv:2602.10693)
_SOFT = {
    "sapo_temperature_pos": 1.0,
    "sapo_temperature_neg": 1.05,
    "vespo_k_pos": 2.0,
    "vespo_lambda_pos": 3.0,
    "vespo_k_neg": 3.0,
    "vespo_lambda_neg": 2.0,
}


def train_grpo(
    policy: Policy, task: Task, *, settings: GRPO, seed: int, reward: Reward, probing: Probing | None = None
) -> Trained:
    """`policy` trained in place by TRL's GRPO trainer. Raises `ValueError` for turns with a task without `reply`."""
    probing = probing or Probing(policy, None, every=0)
    items = list(islice(task.stream(Split.TRAIN, seed), _draws(settings) * settings.prompts))
    watch = _Watch(stage_report(f"grpo, seed {seed}"), settings, probing=probing)
    probing.take(0)
    policy.model.generation_config = GenerationConfig(eos_token_id=policy.model.generation_config.eos_token_id)
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(_reference(policy, settings, folder=Path(scratch) / "start"))
        stack.enter_context(_quiet())
        trainer = GRPOTrainer(
            model=policy.model,
            reward_funcs=[_reward_function(policy, task, items, reward=_Judge(reward, seed), watch=watch)],
            args=grpo_config(settings, seed=seed, folder=scratch),
            train_dataset=_dataset(policy, items),
            processing_class=policy.tokenizer,
            callbacks=[watch],
            rollout_func=_rollout_function(policy, task, items, settings=settings, seed=seed),
        )
        trainer.remove_callback(PrinterCallback)
        with ended_by_overflow(watch):
            trainer.train()
    policy.model.eval()
    if not (broken := not _finite(policy.model)):
        with ended_by_overflow(watch):
            probing.take(watch.steps)
    return Trained(policy, watch.curves, watch.tokens, watch.diverged or broken, tuple(probing.results))


def grpo_config(settings: GRPO, *, seed: int, folder: str) -> GRPOConfig:
    """TRL's configuration for our settings; what is not written here keeps a default that no result depends on."""
    cuda = torch.cuda.is_available()
    return GRPOConfig(
        output_dir=folder,
        seed=seed,
        data_seed=seed,
        use_cpu=not cuda,
        bf16=cuda and settings.precision == "bfloat16",
        fp16=False,
        gradient_checkpointing=False,
        remove_unused_columns=False,
        use_vllm=False,
        save_strategy="no",
        report_to="none",
        logging_strategy="steps",
        logging_steps=1,
        disable_tqdm=True,
        dataloader_num_workers=0,
        **_batch_fields(settings),
        **_rollout_fields(settings),
        **_loss_fields(settings),
        **_optimizer_fields(settings),
    )


def _batch_fields(settings: GRPO) -> dict[str, Any]:
    batch = settings.prompts * settings.completions
    passes = batch // (settings.micro_batch or batch)
    return {
        "max_steps": settings.steps,
        "per_device_train_batch_size": batch // passes,
        "gradient_accumulation_steps": passes,
        "steps_per_generation": passes,
        "num_iterations": settings.updates,
        "num_generations": settings.completions,
        "shuffle_dataset": False,
    }


def _rollout_fields(settings: GRPO) -> dict[str, Any]:
    return {
        "max_completion_length": settings.tokens * settings.turns,
        "temperature": settings.temperature,
        "top_p": 1.0,
        "top_k": 0,
        "min_p": None,
        "repetition_penalty": 1.0,
    }


def _loss_fields(settings: GRPO) -> dict[str, Any]:
    # TRL caps CISPO's ratio at the number itself, the paper at 1 + the number
    upper = math.inf if settings.clip_high is None else settings.clip_high + (settings.loss == "cispo")
    return {
        "loss_type": _LOSSES.get(settings.loss, settings.loss),
        "scale_rewards": settings.scale,
        "multi_objective_aggregation": "sum_then_normalize",
        "beta": settings.kl,
        "use_bias_correction_kl": settings.kl_estimator == "unbiased",
        "sync_ref_model": False,
        "epsilon": 1.0 if settings.clip_low is None else settings.clip_low,
        "epsilon_high": upper,
        "delta": settings.ratio_cap,
        "importance_sampling_level": settings.ratio,
        "off_policy_mask_threshold": settings.off_policy_kl,
        "mask_truncated_completions": settings.truncated == "masked",
        "entropy_coef": settings.entropy_bonus,
        "use_adaptive_entropy": False,
        "top_entropy_quantile": settings.entropy_share,
        "disable_dropout": True,
        **_SOFT,
    }


def _optimizer_fields(settings: GRPO) -> dict[str, Any]:
    return {
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": "constant_with_warmup",
        "warmup_steps": settings.warmup,
        "optim": "adamw_torch",
        "adam_beta1": 0.9,
        "adam_beta2": 0.99,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.max_grad_norm,
    }


@contextmanager
def _reference(policy: Policy, settings: GRPO, *, folder: Path) -> Iterator[None]:
    """Make the start policy TRL's reference for the KL term.

    TRL loads the reference from the folder that the model says it came from. That of a fork holds another model, and a
    model made here has none; so the start is saved, and named for as long as the training lasts.
    """
    if settings.kl == 0:
        yield
        return
    named = policy.model.config._name_or_path
    policy.model.save_pretrained(folder)
    policy.model.config._name_or_path = str(folder)
    try:
        yield
    finally:
        policy.model.config._name_or_path = named


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence two remarks of TRL: RLOO's sum over tokens is its `luspo` of single tokens, and `rollout_func` is new."""

    def keep(record: logging.LogRecord) -> bool:
        return "'luspo'" not in record.getMessage()

    logger = logging.getLogger("trl.trainer.grpo_trainer")
    logger.addFilter(keep)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="You are using 'rollout_func'")
            yield
    finally:
        logger.removeFilter(keep)


def _draws(settings: GRPO) -> int:
    """How often rollouts are drawn: once per `updates` steps."""
    return math.ceil(settings.steps / settings.updates)


def _dataset(policy: Policy, items: Sequence[Item]) -> Dataset:
    return Dataset.from_dict(
        {"prompt": [policy.prefix + item.prompt for item in items], "place": list(range(len(items)))}
    )


class _Judge:
    """A reward with its source of randomness, which goes on from group to group."""

    def __init__(self, reward: Reward, seed: int) -> None:
        self.reward = reward
        self.source = random.Random(f"rewards {seed}")

    def __call__(self, group: Sequence[Rollout]) -> list[float]:
        """The rewards of a group; `ValueError` unless there is a finite one for each rollout."""
        values = [float(value) for value in self.reward(group, self.source)]
        if len(values) != len(group) or not all(map(math.isfinite, values)):
            raise ValueError(
                f"{self.reward} gave {values} for {len(group)} rollouts; a reward returns one finite number for each"
            )
        return values


def _reward_function(
    policy: Policy, task: Task, items: Sequence[Item], *, reward: _Judge, watch: "_Watch"
) -> Callable[..., list[float]]:
    """TRL's kind of reward function: grades each completion by the task and rewards each group."""
    group, gain = watch.settings.completions, watch.gain

    def rewards(place: list[int], transcript: list[Transcript], **_: Any) -> list[float]:
        asked = [(items[index], talk.completion) for index, talk in zip(place, transcript, strict=True)]
        rollouts = [Rollout(item, done, task.grade(done, item)) for item, done in asked]
        values = [value for at in range(0, len(rollouts), group) for value in reward(rollouts[at : at + group])]
        watch.note(values, tokens=sum(sum(talk.mask) for talk in transcript))
        return [gain * value for value in values]

    return rewards


def _rollout_function(
    policy: Policy, task: Task, items: Sequence[Item], *, settings: GRPO, seed: int
) -> Callable[..., dict[str, Any]]:
    """What draws the rollouts: our own sampler, which is faster than TRL's way for groups of short completions.

    TRL takes token ids and a mask from the function, and recomputes the log-probabilities with the weights that it
    trains, so that the first update on a draw is on-policy.
    """
    if settings.turns > 1 and not hasattr(task, "reply"):
        raise ValueError(f"{type(task).__name__} has no `reply`; training with `turns={settings.turns}` needs one")
    source = random.Random(f"rollouts {seed}")
    sampler, turns = transformers_sampler(policy), Turns(settings.turns, policy)
    rest = iter(items)

    def draw(prompts: list[str], trainer: GRPOTrainer) -> dict[str, Any]:
        asked = [item for item in islice(rest, settings.prompts) for _ in range(settings.completions)]
        if prompts != [policy.prefix + item.prompt for item in asked]:
            raise RuntimeError("the trainer asks for other prompts than those of its data set, in order")
        sampling = SampleSettings(settings.tokens, settings.temperature, batch=len(asked), seed=source.getrandbits(31))
        talks = rollout(sampler, task, items=asked, turns=turns, settings=sampling)
        return {
            "prompt_ids": [list(talk.prompt) for talk in talks],
            "completion_ids": [list(talk.completion.tokens) for talk in talks],
            "logprobs": None,
            "env_mask": [list(talk.mask) for talk in talks],
            "transcript": talks,
        }

    return draw


def _finite(model: torch.nn.Module) -> bool:
    return all(bool(torch.isfinite(p).all()) for p in model.parameters())


class _Watch(TrainerCallback):
    """Collects the curves, tells of the progress, and stops a training whose loss is not finite."""

    def __init__(self, report: Report, settings: GRPO, *, probing: Probing) -> None:
        self.names = _CURVES | ({"kl": "kl"} if settings.kl else {})
        self.curves: dict[str, list[float]] = {name: [] for name in ("step", "spread", *self.names.values())}
        self.diverged = False
        self.report = report
        self.settings = settings
        self.probing = probing
        self.steps = 0
        self.spread = 0.0
        self.tokens = 0

    @property
    def gain(self) -> float:
        """What rewards are multiplied by for TRL, which subtracts the mean of the whole group.

        R - mean of the others = (R - mean of all) G / (G - 1): RLOO, arXiv:2402.14740.
        """
        group = self.settings.completions
        return group / (group - 1) if self.settings.baseline == "leave_one_out" else 1.0

    def note(self, rewards: Sequence[float], *, tokens: int) -> None:
        """Take the rewards of fresh rollouts, group after group, and the number of tokens in them."""
        size = self.settings.completions
        groups = [set(rewards[start : start + size]) for start in range(0, len(rewards), size)]
        self.spread = sum(len(group) > 1 for group in groups) / len(groups)
        self.tokens += tokens

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """Count the step, and let a probe look at the weights after it."""
        self.steps = state.global_step
        if _finite(self.probing.policy.model):
            self.probing.take_if_due(self.steps)

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: dict[str, Any], **_: Any
    ) -> None:
        """Take one step's values from TRL's log; a step on old rollouts repeats theirs."""
        if "loss" not in logs:
            return
        self.curves["step"].append(state.global_step)
        self.curves["spread"].append(self.spread)
        for theirs, ours in self.names.items():
            # TRL logs None for what is not finite
            value = logs.get(theirs)
            again = self.curves[ours][-1] if theirs not in logs and self.curves[ours] else math.nan
            scale = self.gain if ours == "reward" else 1.0
            self.curves[ours].append(again if value is None else float(value) / scale)
        self.report(state.global_step, args.max_steps, f"reward {self.curves['reward'][-1]:.2f}")
        if not all(_is_finite(logs.get(name, 0.0)) for name in ("loss", "grad_norm")):
            self.diverged = True
            control.should_training_stop = True


def _is_finite(value: Any) -> bool:
    return value is not None and math.isfinite(float(value))
