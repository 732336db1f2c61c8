"""Training: GRPO, SFT, DPO and distillation with every choice explicit, through two adapters on TRL."""

from tooling.train.distillation import Collected, Distillation, distill, rejection_sampled
from tooling.train.dpo import DPO, Preference, dpo
from tooling.train.fit import Fitted, Loop, fit
from tooling.train.grpo import GRPO, grpo
from tooling.train.reward import (
    EfficientReasoning,
    ExactLength,
    Format,
    MaximumLength,
    OverlongPunishment,
    RandomReward,
    Reward,
    Rollout,
    Sum,
    answered,
    correctness,
    majority,
    relative_length,
    shuffled,
    wrong_label,
)
from tooling.train.sft import SFT, sft
from tooling.train.stage import spared_seconds, uncached
from tooling.train.trained import Probe, Trained

__all__ = [
    "DPO",
    "GRPO",
    "SFT",
    "Collected",
    "Distillation",
    "EfficientReasoning",
    "ExactLength",
    "Fitted",
    "Format",
    "Loop",
    "MaximumLength",
    "OverlongPunishment",
    "Preference",
    "Probe",
    "RandomReward",
    "Reward",
    "Rollout",
    "Sum",
    "Trained",
    "answered",
    "correctness",
    "distill",
    "dpo",
    "fit",
    "grpo",
    "majority",
    "rejection_sampled",
    "relative_length",
    "sft",
    "shuffled",
    "spared_seconds",
    "uncached",
    "wrong_label",
]
