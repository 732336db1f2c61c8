"""Does RL keep the mixture of formats that pretraining has planted, or does it end as an echo of one of them?

Paper: Echo Chamber (Zhao and others, arXiv:2504.07912): models of 150M and 1B, from scratch on mixtures of TinyGSM
(code), OpenMathInstruct1 and 2; then PPO, GRPO or Expert Iteration. The sections were not looked up.

Idea: a base that can write an answer in several formats writes each with some chance. RL pays for right answers alone;
where formats differ in how often they end right, it moves chance to the best one and away from all others.

Miniature: 3-number Countdown in three formats, a fork of each base: attempts in steps until one hits (`steps`), as
whole expressions with their values (`tries`), or one expression (`(2+9)-8`). Steps are easiest, right most often.

Supports: one format has nine in ten completions after RL, which shuffled rewards do not do, and its share rises with
accuracy; the most accurate one takes over from the commonest; in a smaller base another format does, or none; pass@1
gains and pass@64 does not.

Contradicts: the mixture stays, or noise undoes it too; the commonest format wins; sizes end alike; pass@64 gains.

Not tested: PPO and Expert Iteration beside GRPO, a KL term, easy questions that improve hard ones.

Differs: 0.2M and 0.04M parameters; the formats are written by a solver; their ranks of accuracy come with the task.
"""

from dataclasses import dataclass, replace

import numpy as np

from tooling.evals import SampleSettings, Table, evaluate, transformers_sampler
from tooling.models import Mixture, Policy, Recipe, fingerprint, load
from tooling.runs import Above, All, Below, Claim, Fit, Measured, main
from tooling.tasks import Countdown, Split
from tooling.tasks.formats import FORMATS, Formats, format_of
from tooling.train import GRPO, Reward, correctness, grpo, shuffled

EVEN, RARE = (0.4, 0.3, 0.3), (0.2, 0.35, 0.45)  # of the fork's demonstrations: steps, tries, expression


@dataclass(frozen=True)
class Config:
    """One arm: the base with its mixture, its RL, and the test."""

    task: Formats = Formats(largest=10)
    known: Countdown = Countdown(largest=10)  # what the trunk has learnt: attempts in steps
    shape: tuple[int, int] = (64, 3)  # width and layers: 0.2M parameters; the paper's have 150M and 1B
    mixture: tuple[float, ...] = EVEN
    pretraining_steps: int = 2000
    fork_steps: int = 200
    fork_rate: float = 2e-3
    training: GRPO = GRPO(steps=120, tokens=56, learning_rate=3e-4)  # groups of 8, as 8 prompts; no KL
    reward: Reward = correctness
    every: int = 15  # steps between looks at the shares
    items: int = 60  # for the test, drawn anew by each seed
    samples: int = 64
    few: int = 4  # samples of an item in a look along the way
    scope = "3-number countdown in three formats, bases of 0.2M and 0.04M parameters, a fork per seed"

    @property
    def recipe(self) -> Recipe:
        """The base: a trunk that knows attempts in steps, and a fork on the mixture of formats."""
        styles = {"guess": 0.15, "solve": 0.2, "search": 0.5, "loose": 0.15}
        shape = {"width": self.shape[0], "layers": self.shape[1], "heads": 2, "steps": self.pretraining_steps}
        fork = Mixture.of(self.task, **dict(zip(FORMATS, self.mixture, strict=True)))
        rate = {"fork_steps": self.fork_steps, "fork_learning_rate": self.fork_rate}
        return Recipe(Mixture.of(self.known, **styles), **shape, fork_mixture=fork, **rate)


SIZES = {
    "smoke": Config(Formats(2, 20, operators="+"), Countdown(2, 20, operators="+"), (32, 1), pretraining_steps=400,
                    fork_steps=60, training=GRPO(3, tokens=32), every=1, items=8, samples=8, few=2),
    "mini": Config(),
    "gpu": Config(shape=(256, 6), items=200, training=GRPO(300, prompts=32, tokens=56, learning_rate=1e-4)),
}
SEEDS = {"smoke": 1, "mini": 10, "gpu": 5}
SECONDS = {"smoke": 2, "mini": 80}


def arms(config: Config) -> dict[str, Config]:
    """The arms by name; each differs from `even` in one thing."""
    return {
        "even": config,
        "rare": replace(config, mixture=RARE),
        "shuffled": replace(config, reward=shuffled),
        "small": replace(config, shape=(config.shape[0] // 2, max(1, config.shape[1] - 1))),
    }


def measure(arm: str, config: Config, seed: int) -> Measured:
    """Test the seed's base, train it with looks at the shares along the way, and test it again on the same items."""
    base, looks = load(config.recipe, seed=seed), replace(config, samples=config.few)
    before = test(base, config, seed=seed)
    trained = grpo(base, config.task, config.training, seed=seed, reward=config.reward, every=config.every,
                   probe=lambda policy, _: figures(test(policy, looks, seed=seed)))
    first, last = figures(before), figures(after := test(trained.policy, config, seed=seed))
    winner = max(FORMATS, key=last.get)
    along = {name: [look[name] for look in trained.probes] for name in ("step", "pass@1", *FORMATS)}
    rises = np.array([np.array(along[name]) - np.mean(along[name]) for name in ("pass@1", winner)])
    return Measured(
        measures={f"base {name}": value for name, value in first.items()} | last | {
            "top": last[winner], "base top": max(first[name] for name in FORMATS),
            "goes with accuracy": float((rises[0] * rises[1]).mean() / (rises.std(1).prod() + 1e-9))},
        curves=along,
        outcomes={"base": before.outcomes, "trained": after.outcomes}, fingerprint=fingerprint(trained.policy.model),
        tokens=before.tokens + trained.tokens + after.tokens, spread=trained.spread, diverged=trained.diverged)


def test(policy: Policy, config: Config, *, seed: int) -> Table:
    """The policy's completions for the seed's own items of the test split."""
    items = config.task.items(Split.TEST, config.items, seed)
    settings = SampleSettings(config.training.tokens, seed=seed)
    return evaluate(transformers_sampler(policy), config.task, items=items, samples=config.samples, settings=settings)


def figures(table: Table) -> dict[str, float]:
    """pass@1 and pass@k at all samples, and for each format its share and how often it ends right."""
    formats = np.array([[format_of(done.text) for done in row] for row in table.completions])
    right = np.array(table.outcomes)
    found = {"pass@1": right.mean(), "pass@k": right.any(1).mean()}
    for name in FORMATS:
        which = formats == name
        found |= {name: which.mean(), f"{name} right": right[which].mean() if which.any() else 0.0}
    return {name: float(value) for name, value in found.items()}


SOLVES = Fit("the base solves 10 to 60%", lambda m: m["even"]["base pass@1"], 0.10, 0.60)
LEARNS = Fit("GRPO learns", lambda m: m["even"]["pass@1"] - m["even"]["base pass@1"], 0.05, 1.0)
MIXED = Fit("the base is a mixture", lambda m: m["even"]["base top"], 0.33, 0.75)
BETTER = Fit("steps end right more often", lambda m: m["rare"]["base steps right"] - max(
    m["rare"]["base tries right"], m["rare"]["base expression right"]), 0.05, 1.0)
FEW = Fit("and are rare", lambda m: m["rare"]["base steps"] - m["rare"]["base expression"], -0.90, -0.20)
USUAL = (SOLVES, LEARNS, MIXED)
EVEN, SHARE = ("even",), {"region": Above(), "margin": 0.1, "unit": "share of completions", "fit": USUAL}
CLAIMS = {
    "rl-collapses-onto-one-format": All(
        nine_in_ten=Claim(arms=EVEN, contrast=lambda m: m["even"]["top"] - 0.8, **SHARE | {"unit": "share above 0.8"}),
        by_the_signal=Claim(arms=("even", "shuffled"), **SHARE,
                            contrast=lambda m: m["even"]["top"] - m["shuffled"]["top"]),
        with_accuracy=Claim(arms=EVEN, contrast=lambda m: m["even"]["goes with accuracy"] - 0.5, region=Above(),
                            margin=0.2, unit="correlation along the training above 0.5", fit=(LEARNS, MIXED))),
    "most-accurate-format-wins": All(
        over_the_commonest=Claim(arms=("even", "rare"), **SHARE | {"fit": (LEARNS, BETTER, FEW)},
                                 contrast=lambda m: m["rare"]["steps"] - m["rare"]["expression"]),
        by_scale=Claim(arms=("even", "small"), contrast=lambda m: m["even"]["steps"] - m["small"]["steps"],
                       **SHARE | {"fit": (LEARNS, MIXED)})),
    "one-sample-gains-many-stall": All(
        one_gains=Claim(arms=EVEN, contrast=lambda m: m["even"]["pass@1"] - m["even"]["base pass@1"],
                        region=Above(), margin=0.05, unit="pass@1", fit=(SOLVES,)),
        many_stall=Claim(arms=EVEN, contrast=lambda m: m["even"]["pass@k"] - m["even"]["base pass@k"] - 0.03,
                         region=Below(), margin=0.03, unit="pass@64 above 0.03", fit=(SOLVES, LEARNS))),
}

main(__file__)
