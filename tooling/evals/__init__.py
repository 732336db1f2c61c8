"""Sampling and evaluation: completions from a policy, grades per item, pass@k."""

from tooling.evals.evaluation import Table, evaluate
from tooling.evals.passk import pass_at_k
from tooling.evals.sampler import Prefix, Sampler, SampleSettings, transformers_sampler

__all__ = ["Prefix", "SampleSettings", "Sampler", "Table", "evaluate", "pass_at_k", "transformers_sampler"]
