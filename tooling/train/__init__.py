"""Training: GRPO with every choice explicit, through one adapter on TRL."""

from tooling.train.grpo import GRPO, Reward, Trained, correctness, grpo

__all__ = ["GRPO", "Reward", "Trained", "correctness", "grpo"]
