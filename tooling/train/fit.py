"""An ordinary training loop for what is neither GRPO, SFT nor DPO: masked diffusion, probes on hidden states."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import torch

from tooling.progress import stage_report
from tooling.train.probing import undisturbed

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class Loop:
    """Every choice of an ordinary training: AdamW (betas 0.9 and 0.99), warm-up, then constant or a cosine."""

    steps: int  # optimizer steps, one batch each
    learning_rate: float = 1e-3  # peak; a rate for networks of up to 3M parameters
    warmup: int = 0  # steps, linear; the first step has 1/warmup of the peak
    floor: float = 1.0  # end of a cosine as a share of the peak; 1 is constant
    max_grad_norm: float = 1.0
    weight_decay: float = 0.0

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        warm = min(1.0, (step + 1) / max(1, self.warmup))
        share = min(1.0, max(0, step - self.warmup) / max(1, self.steps - self.warmup))
        return self.learning_rate * warm * (self.floor + (1 - self.floor) * (1 + math.cos(math.pi * share)) / 2)


class Fitted(NamedTuple):
    """The curves of a training, one value per step: `step`, `loss`, `grad_norm` (before clipping); and how it ended."""

    curves: dict[str, list[float]]
    diverged: bool


def fit(
    model: torch.nn.Module,
    batches: Iterable[Batch],
    loss: Callable[[torch.nn.Module, Batch], torch.Tensor],
    *,
    settings: Loop,
    seed: int,
) -> Fitted:
    """What training `model` in place on `loss(model, batch)` looked like.

    `seed` is for what is random inside the loss (noise, masks, dropout); the process's own randomness does not move.
    `batches` are on the model's device and last for `settings.steps`. A loss or gradient that is not finite ends the
    training before it reaches the weights, with `diverged`. Raises `ValueError` where the batches end early.
    """
    curves: dict[str, list[float]] = {"step": [], "loss": [], "grad_norm": []}
    decay = settings.weight_decay
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.rate(0), betas=(0.9, 0.99), weight_decay=decay)
    report, rest = stage_report(f"fit, seed {seed}"), iter(batches)
    training = model.training
    model.train()
    try:
        with undisturbed():
            torch.manual_seed(seed)
            for step in range(settings.steps):
                value, norm = _moved(model, optimizer, loss(model, _next(rest, step, settings)), settings, step)
                for name, each in (("step", step + 1), ("loss", value), ("grad_norm", norm)):
                    curves[name].append(each)
                if not (math.isfinite(value) and math.isfinite(norm)):
                    return Fitted(curves, diverged=True)
                report(step + 1, settings.steps, f"loss {value:.3f}")
    finally:
        model.train(training)
    return Fitted(curves, diverged=False)


def _next(batches: Iterable[Batch], step: int, settings: Loop) -> Batch:
    for batch in batches:
        return batch
    raise ValueError(f"the batches end after {step} steps; {settings.steps} are to be made")


def _moved(
    model: torch.nn.Module, optimizer: torch.optim.Optimizer, value: torch.Tensor, settings: Loop, step: int
) -> tuple[float, float]:
    """The loss and the norm of its gradient, by which the weights are moved unless one of them is not finite."""
    optimizer.zero_grad()
    value.backward()
    norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), settings.max_grad_norm))
    for group in optimizer.param_groups:
        group["lr"] = settings.rate(step)
    reached = float(value.detach())
    if math.isfinite(norm) and math.isfinite(reached):
        optimizer.step()
    return reached, norm
