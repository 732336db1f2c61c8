"""A policy of a few thousand random weights, for tests that need a model and no knowledge in it."""

from dataclasses import replace
from pathlib import Path

import torch

from tooling.models import Mixture, Policy, Recipe, load
from tooling.models.pretraining import new_model
from tooling.models.tokenizer import BEGIN, number_tokenizer
from tooling.tasks import Countdown

WIDTH = 16
END_WEIGHT = 4.0  # ends about one completion in three within 8 tokens


def tiny_policy() -> Policy:
    """A policy with 2 layers of 16 whose next tokens are neither certain nor all alike, and whose completions end.

    The first hidden unit is the same for all tokens and no layer writes to it, so that the end token's weight on it
    acts as a bias: the architecture has none at its output.
    """
    model = new_model(Recipe(Mixture.of(Countdown(), guess=1.0), width=WIDTH, layers=2, heads=2))
    tokenizer = number_tokenizer()
    torch.manual_seed(0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 2:
                torch.nn.init.normal_(weight, std=0.4 if "embed" in name else 0.2)
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                weight[0] = 0.0
        embedding = model.lm_head.weight
        embedding[:, 0] = 1.0
        embedding[tokenizer.eos_token_id, 0] += END_WEIGHT
        # no trained base samples it; TRL takes a completion that ends with it for one that ended by itself
        embedding[tokenizer.pad_token_id, 0] = -30.0
    return Policy(model, tokenizer, "tiny", BEGIN)


def opinionated_policy(folder: Path) -> Policy:
    """The tiny policy from a folder whose generation settings are far from plain sampling, as hub models have them."""
    policy = tiny_policy()
    policy.model.generation_config.update(
        do_sample=True, top_p=0.01, top_k=1, min_p=0.9, repetition_penalty=50.0, temperature=0.1, min_new_tokens=8
    )
    policy.model.save_pretrained(folder)
    policy.tokenizer.save_pretrained(folder)
    return replace(load(folder), tokenizer=policy.tokenizer, prefix=policy.prefix)
