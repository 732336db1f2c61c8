"""How weights are moved by examples: how often, how fast, in what batches; the settings that SFT and DPO share."""

import math
from dataclasses import dataclass

SCHEDULES = ("constant", "linear", "cosine")


@dataclass(frozen=True)
class Optimization:
    """AdamW (betas 0.9 and 0.99) over examples in an order drawn by the seed; no default of a library leaks in.

    Every pass has an order of its own. Batches are always full: the last one is filled from one more pass. Weights are
    in single precision everywhere, nothing is packed, nothing is recomputed to save memory. Weight decay leaves norms
    and biases alone. Give either `epochs` or `steps`; `ValueError` for settings that contradict each other.
    """

    epochs: int | None = None  # passes over the examples; DeepSeek-R1's distilled models had 2 to 3
    steps: int | None = None  # optimizer steps, instead of `epochs`
    batch: int = 32  # examples (for DPO pairs) per step
    micro_batch: int | None = None  # of them side by side in memory; None is all; it divides `batch`
    learning_rate: float = 3e-4  # peak; a rate for bases of 0.1M to 3M parameters, far above those of the papers
    warmup: int = 5  # steps, linear from 0: with a warm-up the first step moves nothing
    schedule: str = "constant"  # after the warm-up: constant, linear (to 0), cosine (to `floor`)
    floor: float = 0.0  # end of the cosine as a share of the peak; DeepSeek-R1's distilled models had a tenth
    max_grad_norm: float = 1.0
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Refuse settings of which one would be ignored."""
        if (self.epochs is None) == (self.steps is None):
            raise ValueError("give either `epochs` or `steps`, and not both")
        if self.batch % self.side_by_side:
            raise ValueError(f"`micro_batch` {self.micro_batch} must divide `batch` {self.batch}")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"`schedule` is one of {', '.join(SCHEDULES)}, not `{self.schedule}`")
        if self.floor and self.schedule != "cosine":
            raise ValueError(f"`floor` belongs to the cosine; the schedule is `{self.schedule}`")

    @property
    def side_by_side(self) -> int:
        """The number of examples in one forward pass."""
        return self.micro_batch or self.batch

    def steps_over(self, examples: int) -> int:
        """The number of optimizer steps over so many examples: 2 epochs of 10 in batches of 8 are 3 steps."""
        return self.steps if self.steps is not None else math.ceil(self.epochs * examples / self.batch)
