"""Steering: a vector added to the residual stream while a model samples or is scored."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from tooling.models import Policy


@contextmanager
def steer(policy: Policy, layer: int, vector: torch.Tensor) -> Iterator[None]:
    """Within the block, `vector` is added to what `layer` writes, at every place; nothing is left of it afterwards.

    `layer` counts from 0, and `vector`, (width,), is taken as it is: scale it yourself. It works on the policy's model
    in this process, so for `transformers_sampler` and for `score`, whose `hidden[layer + 1]` shows it. Blocks within
    each other add up. Raises `ValueError` for a layer or a width that the model lacks.

    >>> with steer(policy, 1, 4.0 * direction):  # doctest: +SKIP
    ...     completions = sampler(prompts, settings)
    """
    layers = policy.model.get_decoder().layers
    width = policy.model.config.hidden_size
    if not 0 <= layer < len(layers) or vector.shape != (width,):
        has = f"layers 0 to {len(layers) - 1} and vectors of shape ({width},)"
        raise ValueError(f"steer: layer {layer} and a vector of shape {tuple(vector.shape)}; the model has {has}")

    def add(module: torch.nn.Module, given: Any, written: Any) -> Any:
        stream = written[0] if isinstance(written, tuple) else written
        moved = stream + vector.to(stream.device, stream.dtype)
        return (moved, *written[1:]) if isinstance(written, tuple) else moved

    handle = layers[layer].register_forward_hook(add)
    try:
        yield
    finally:
        handle.remove()
