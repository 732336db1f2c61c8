"""Pretraining of small bases on demonstrations."""

import math
import random
from collections.abc import Callable, Iterator
from itertools import islice

import torch
from transformers import PreTrainedModel, Qwen2Config, Qwen2ForCausalLM

from tooling.models.recipe import Mixture, Recipe
from tooling.models.tokenizer import BEGIN, END, encoded, number_tokenizer, token_ids
from tooling.progress import Report
from tooling.tasks import Split

POOL = 16  # batches drawn at once and sorted by length


def new_model(recipe: Recipe) -> PreTrainedModel:
    """An untrained model of the recipe's shape, its weights drawn by `trunk_seed`."""
    tokenizer = number_tokenizer()
    torch.manual_seed(recipe.trunk_seed)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=recipe.width,
        intermediate_size=4 * recipe.width,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        max_position_embeddings=recipe.context,
        tie_word_embeddings=True,
        initializer_range=0.8 * recipe.width**-0.5,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Qwen2ForCausalLM(config)


def pretrain(model: PreTrainedModel, recipe: Recipe, *, report: Report) -> None:
    """Train `model` in place for the recipe's trunk: AdamW, warm-up, cosine to a tenth of the peak."""

    def rate(step: int) -> float:
        warm = min(1.0, (step + 1) / max(1, recipe.steps // 20))
        return recipe.learning_rate * warm * (0.55 + 0.45 * math.cos(math.pi * step / recipe.steps))

    batches = demonstrations(recipe.mixture, recipe.batch, seed=recipe.trunk_seed)
    _train(model, batches, recipe.steps, rate=rate, report=report)


def continue_pretraining(model: PreTrainedModel, recipe: Recipe, *, seed: int, report: Report) -> None:
    """Train `model` in place for the recipe's fork: a constant small rate, data drawn by `seed`."""
    batches = demonstrations(recipe.fork_mixture or recipe.mixture, recipe.batch, seed=1_000_003 + seed)
    _train(model, batches, recipe.fork_steps, rate=lambda _: recipe.fork_learning_rate, report=report)


def demonstrations(mixture: Mixture, batch: int, *, seed: int) -> Iterator[dict[str, torch.Tensor]]:
    """Batches without end of `input_ids` and `labels`, each (batch, tokens); the loss is on completions only.

    Items are of the split `pretrain`. Rows of like length share a batch, which spares padding; the order of the
    batches is drawn. Padding is on the right and masked.
    """
    source = random.Random(f"demonstrations {seed}")
    rows = _rows(mixture, source, seed)
    while True:
        pool = sorted(islice(rows, POOL * batch), key=lambda row: len(row[0]))
        starts = list(range(0, len(pool), batch))
        source.shuffle(starts)
        for start in starts:
            yield _padded(pool[start : start + batch])


def _rows(mixture: Mixture, source: random.Random, seed: int) -> Iterator[tuple[list[int], int]]:
    streams = [task.stream(Split.PRETRAIN, seed) for task, _, _ in mixture.parts]
    weights = [weight for _, _, weight in mixture.parts]
    while True:
        place = source.choices(range(len(streams)), weights)[0]
        task, style, _ = mixture.parts[place]
        shown = task.demonstration(next(streams[place]), style, source=source)
        yield _row(shown.prompt, shown.completion)


def _row(prompt: str, completion: str) -> tuple[list[int], int]:
    """Token ids of begin, prompt, completion and end, and the length of the part without loss."""
    head = [token_ids()[BEGIN], *encoded(prompt)]
    return [*head, *encoded(completion), token_ids()[END]], len(head)


def _padded(rows: list[tuple[list[int], int]]) -> dict[str, torch.Tensor]:
    longest = max(len(ids) for ids, _ in rows)
    pad = number_tokenizer().pad_token_id
    ids = torch.tensor([ids + [pad] * (longest - len(ids)) for ids, _ in rows])
    labels = torch.tensor([[-100] * head + ids[head:] + [-100] * (longest - len(ids)) for ids, head in rows])
    return {"input_ids": ids, "labels": labels, "attention_mask": (ids != pad).long()}


def _train(
    model: PreTrainedModel,
    batches: Iterator[dict[str, torch.Tensor]],
    steps: int,
    *,
    rate: Callable[[int], float],
    report: Report,
) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate(0), betas=(0.9, 0.99), weight_decay=0.01)
    device = model.device
    model.train()
    for step, batch in zip(range(steps), batches, strict=False):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        loss = model(**{name: tensor.to(device) for name, tensor in batch.items()}).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        report(step + 1, steps, f"loss {float(loss.detach()):.3f}")
