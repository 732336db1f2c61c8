"""Sampling and evaluation: completions from a policy, grades per item, pass@k, votes, and looks inside the model."""

from tooling.evals.budget import Flips, Forcing, Rung, Thinker, cut_short, flips, forced
from tooling.evals.confidence import (
    auroc_within,
    bottom_confidence,
    group_confidences,
    lowest_confidence,
    mean_confidence,
    tail_confidence,
)
from tooling.evals.continuation import continue_from
from tooling.evals.evaluation import Table, evaluate
from tooling.evals.exact import (
    Exact,
    completion_logprobs,
    coverage,
    exact_chances,
    majority_at,
    pass_at,
    solve_probability,
)
from tooling.evals.passk import pass_at_k
from tooling.evals.rollout import Transcript, Turns, rollout
from tooling.evals.sampler import Prefix, Sampler, SampleSettings, engine_of, stopped_at, transformers_sampler
from tooling.evals.scoring import Scored, kl, score
from tooling.evals.steering import steer
from tooling.evals.stopping import Stopping, confidences, stopped
from tooling.evals.vllm_engine import vllm_sampler
from tooling.evals.vote import best_of_k, majority_at_k, standard_error, weighted_at_k

__all__ = [
    "Exact",
    "Flips",
    "Forcing",
    "Prefix",
    "Rung",
    "SampleSettings",
    "Sampler",
    "Scored",
    "Stopping",
    "Table",
    "Thinker",
    "Transcript",
    "Turns",
    "auroc_within",
    "best_of_k",
    "bottom_confidence",
    "completion_logprobs",
    "confidences",
    "continue_from",
    "coverage",
    "cut_short",
    "engine_of",
    "evaluate",
    "exact_chances",
    "flips",
    "forced",
    "group_confidences",
    "kl",
    "lowest_confidence",
    "majority_at",
    "majority_at_k",
    "mean_confidence",
    "pass_at",
    "pass_at_k",
    "rollout",
    "score",
    "solve_probability",
    "standard_error",
    "steer",
    "stopped",
    "stopped_at",
    "tail_confidence",
    "transformers_sampler",
    "vllm_sampler",
    "weighted_at_k",
]
