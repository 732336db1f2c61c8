"""Graders: total, deterministic, bounded in time; no text of a model is ever executed."""

from tooling.verify.batch import grade_many
from tooling.verify.choice import choice
from tooling.verify.countdown import countdown, countdown_attempts
from tooling.verify.farming import Constant, best_constant, constants
from tooling.verify.grade import Grade, Why
from tooling.verify.integer import integer
from tooling.verify.layout import layout
from tooling.verify.logic import knights, knights_in_words
from tooling.verify.mathematics import mathematics
from tooling.verify.product import product, product_strategy
from tooling.verify.scratchpad import scratchpad, scratchpad_passes
from tooling.verify.tracking import tracking

__all__ = [
    "Constant",
    "Grade",
    "Why",
    "best_constant",
    "choice",
    "constants",
    "countdown",
    "countdown_attempts",
    "grade_many",
    "integer",
    "knights",
    "knights_in_words",
    "layout",
    "mathematics",
    "product",
    "product_strategy",
    "scratchpad",
    "scratchpad_passes",
    "tracking",
]
