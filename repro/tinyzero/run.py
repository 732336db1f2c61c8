"""Does RL on Countdown teach search to every base model, or only above a threshold?

Paper: TinyZero, by Jiayi Pan and others (github.com/Jiayi-Pan/TinyZero, January 2025), repeats R1-Zero on two puzzles,
Countdown and multiplication, with Qwen2.5 bases of 0.5B to 7B, PPO or GRPO, and a reward for the right answer alone.

Idea: a completion that tries, sees that it missed, and tries again beats a single guess, but only for a model that
can do the sums and see a miss. Where the base can, RL should find search; below that it should guess and stop.

Miniature: bases from scratch learn 3-number Countdown from demonstrations, a part of which try again after a miss
(`2+9=11 11+8=19;2+9=11 11-8=3`). Then GRPO with a 0/1 reward on the last attempt. Every seed has its own fork.

Supports: after RL the large base retries after a miss and gains, the small one does neither, and a large base stopped
early, so that it starts with the small one's pass@16, still retries more. An instruct start is ahead early on and ends
level.

Contradicts: RL makes neither base retry more than the other, or the lead of the large base is gone once both start
from the same pass@16. The instruct start is not ahead early on, or the end differs by more than the margin.

Not tested: PPO and PRIME against GRPO (the trainer has no PPO), bases above 1M parameters, chains of thought in words.

Differs: models of 0.02M to 0.2M parameters instead of 0.5B to 7B; numbers to 10 instead of 99; search is planted in the
demonstrations instead of coming from the web; "instruct" is fine-tuning on rule-abiding answers without a target.
"""

from dataclasses import dataclass, field, replace
from math import hypot

from tooling.evals import SampleSettings, Table, evaluate, transformers_sampler
from tooling.models import Mixture, Policy, Recipe, fingerprint, load
from tooling.runs import Above, All, Claim, Fit, Measured, Within, main
from tooling.tasks import Countdown, Split
from tooling.train import GRPO, grpo
from tooling.verify import Why, countdown_attempts


@dataclass(frozen=True)
class Config:
    """One arm: a base, its RL and its test."""

    task: Countdown = Countdown(count=3, largest=10)  # TinyZero: 3 and 4 numbers, to 99, with division
    width: int = 64  # TinyZero's bases: 0.5B, 1.5B, 3B and 7B; here 0.2M against 0.03M
    layers: int = 3
    small_width: int = 32
    small_layers: int = 2
    steps: int = 2000  # of pretraining, shared by all seeds
    early_steps: int = 1200  # where the large base starts with the small one's pass@8; chosen on seeds below 1000
    fork_steps: int = 100  # of each seed's own pretraining
    instruct_share: float = 0.0  # of the fork's demonstrations that show the form of an answer, without a target
    training: GRPO = GRPO(steps=70, prompts=8, completions=8, tokens=56, learning_rate=3e-4)
    items: int = 150  # of the test split, drawn anew by each seed
    samples: int = 8

    @property
    def recipe(self) -> Recipe:
        """The base: half of its demonstrations try again after a miss, a quarter break a rule."""
        styles = {"guess": 0.10, "solve": 0.15, "search": 0.50, "loose": 0.25}
        kept = {style: share * (1 - self.instruct_share) for style, share in styles.items()}
        return Recipe(
            Mixture.of(self.task, **styles),
            width=self.width,
            layers=self.layers,
            heads=2,
            steps=self.steps,
            fork_steps=self.fork_steps,
            fork_mixture=Mixture.of(self.task, format=self.instruct_share, **kept),
        )


TINY = Countdown(count=2, largest=30, operators="+-")  # one sum or difference: learnt within seconds
SMOKE = Config(
    task=TINY, width=32, layers=1, small_width=16, small_layers=1, steps=300, early_steps=200, fork_steps=5,
    training=GRPO(steps=4, prompts=4, completions=8, tokens=32, learning_rate=3e-4), items=20, samples=4,
)
MINI = Config()
SIZES = {
    "smoke": SMOKE,
    "quick": replace(MINI, width=48, small_width=24, steps=800, early_steps=500),
    "mini": MINI,
    "gpu": replace(MINI, task=Countdown(count=4, largest=20), width=256, layers=6, small_width=64, small_layers=3,
                   training=GRPO(steps=200, prompts=32, completions=16, tokens=96, learning_rate=1e-4), items=400),
}
SEEDS = {"smoke": 1, "quick": 3, "mini": 8, "gpu": 5}


def gain(arm: str, name: str):
    """What RL adds to a measure of an arm: after minus before."""
    return lambda m: m[arm][name] - m[arm][f"base {name}"]
