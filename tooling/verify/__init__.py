"""Graders: total, deterministic, bounded in time; no text of a model is ever executed."""

from tooling.verify.countdown import countdown, countdown_attempts
from tooling.verify.grade import Grade, Why
from tooling.verify.product import product, product_strategy

__all__ = ["Grade", "Why", "countdown", "countdown_attempts", "product", "product_strategy"]
