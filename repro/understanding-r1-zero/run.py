"""Do two divisions in GRPO's loss make wrong answers longer, and hard questions heavier, for nothing?

Paper: Liu and others, arXiv:2503.20783: bases before RL (templates, self-reflection), and GRPO's loss, of which
Dr. GRPO leaves out two divisions (figure 1). Settings: scripts in the authors' repository, sail-sg/understand-r1-zero.

Idea: GRPO divides a completion's loss by its length, so a wrong one is punished less per token the longer it is, and
advantages by the deviation of the group's rewards, which is small where nearly all are right or nearly all wrong. And
looking again, often taken for a fruit of RL, is there before it: in the base it says nothing of the answer.

Miniature: 3-number Countdown, a base whose demonstrations half the time look again behind a `;` (the same attempt once
more, or misses before it) and are no more often right for it. Each seed forks it anew; length is free to grow.

Supports: GRPO's wrong answers end longer than they began, than without the length division, than by shuffled rewards,
at equal pass@1; the deviation moves gradient to prompts that are solved nearly never or nearly always; samples of the
base that look again are right as often as its others of the same prompt (and after RL, their looks pay more).

Contradicts: no gap in length, or one that pays; no shift of the gradient; looks that come with right answers.

Not tested: that growth stops (looking again can pay, so Dr. GRPO's answers grow too); templates (behind one, RL had
not levelled off in 60 steps, so its end says nothing); question sets; looks that nobody planted.

Differs: 0.2M parameters, not 1.5B to 7B; 8 prompts a step, not 128; learning rate 3e-4, not 1e-6; each step's gradient
is cut to one norm, which it exceeds in all arms, so that a loss changes its direction and never its size.
"""

from dataclasses import dataclass, replace

import numpy as np

from tooling.evals import SampleSettings, Table, evaluate, transformers_sampler
from tooling.evals.gradient import group_pulls
from tooling.evals.looking import looks
from tooling.models import Mixture, Policy, Recipe, fingerprint, load
from tooling.runs import Above, All, Claim, Fit, Measured, Within, main
from tooling.tasks import Countdown, Split
from tooling.tasks.echo import Echo
from tooling.train import GRPO, Reward, correctness, grpo, shuffled
from tooling.verify import countdown_attempts

CUT = GRPO(60, tokens=80, learning_rate=3e-4, loss="dr_grpo", scale="none", max_grad_norm=1e-3)  # groups of 8, no KL


@dataclass(frozen=True)
class Config:
    """One arm: the base, its RL, and the test."""

    task: Countdown = Countdown(largest=10)
    shape: tuple[int, int] = (64, 3)  # width and layers: 0.2M parameters
    pretraining_steps: int = 2000
    fork_steps: int = 100
    fork_rate: float = 2e-3  # by 5e-4 it kept more of the trunk, where looks end right: 3 points more often right
    again: float = 0.5  # share of the fork's demonstrations that look again: half of them echo, half retry
    training: GRPO = CUT
    reward: Reward = correctness
    items: int = 100  # for the test, drawn anew by each seed
    samples: int = 24
    scope = "3-number countdown, a base that was shown looks without use, a fork per seed"

    @property
    def recipe(self) -> Recipe:
        """The base: a trunk that knows all styles, and a fork in which a look back says nothing of the answer."""
        styles, echo = {"guess": 0.15, "solve": 0.2, "search": 0.5, "loose": 0.15}, Echo(**vars(self.task))
        fork = Mixture.of(echo, once=1 - self.again, echo=self.again / 2, retry=self.again / 2)
        shape = {"width": self.shape[0], "layers": self.shape[1], "heads": 2, "steps": self.pretraining_steps}
        rate = {"fork_steps": self.fork_steps, "fork_learning_rate": self.fork_rate}
        return Recipe(Mixture.of(self.task, **styles), **shape, fork_mixture=fork, **rate)


SIZES = {
    "smoke": Config(Countdown(count=2, largest=20, operators="+"), (32, 1), pretraining_steps=400, fork_steps=100,
                    again=0.8, training=replace(CUT, steps=3, tokens=32), items=12, samples=12),
    "mini": Config(),
    "gpu": Config(shape=(256, 6), items=300,
                  training=replace(CUT, steps=150, prompts=32, completions=16, learning_rate=1e-4)),
}
SEEDS = {"smoke": 1, "mini": 8, "gpu": 5}
SECONDS = {"smoke": 2, "mini": 40}


def arms(config: Config) -> dict[str, Config]:
    """The arms by name; each differs from a neighbour in one thing."""
    no_length = replace(config, training=replace(config.training, scale="group"))
    both = replace(no_length, training=replace(no_length.training, loss="grpo"))
    return {"dr grpo": config, "no length": no_length, "grpo": both, "shuffled": replace(both, reward=shuffled)}


def measure(arm: str, config: Config, seed: int) -> Measured:
    """Test the seed's base, train it, and test it again on the same items."""
    base = load(config.recipe, seed=seed)
    before = test(base, config, seed=seed)
    trained = grpo(base, config.task, config.training, seed=seed, reward=config.reward)
    after = test(trained.policy, config, seed=seed)
    pulls = group_pulls(trained.policy, after, size=config.training.completions)  # its other samples say how easy it is
    middle = np.abs(before.pass_at_per_item(1) - 0.5) < 0.3
    edge = np.abs(np.array(after.outcomes)[:, config.training.completions :].mean(1) - 0.5) > 0.4
    return Measured(measures={f"base {name}": value for name, value in figures(before).items()} | figures(after) | {
            "gain": after.pass_at(1) - before.pass_at(1), "edges": edge.mean(),
            "gain in the middle": (after.pass_at_per_item(1) - before.pass_at_per_item(1))[middle].mean(),
            "edge share": pulls.plain[edge].sum() / pulls.plain.sum(),
            "edge share divided": pulls.divided[edge].sum() / pulls.divided.sum()},
        curves=trained.curves, outcomes={"base": before.outcomes, "trained": after.outcomes},
        tokens=before.tokens + trained.tokens + after.tokens, spread=trained.spread, diverged=trained.diverged,
        fingerprint=fingerprint(trained.policy.model))


def test(policy: Policy, config: Config, *, seed: int) -> Table:
    """The policy's completions for the seed's own items of the test split."""
    items = config.task.items(Split.TEST, config.items, seed)
    settings = SampleSettings(config.training.tokens, seed=seed)
    return evaluate(transformers_sampler(policy), config.task, items=items, samples=config.samples, settings=settings)


def figures(table: Table) -> dict[str, float]:
    """pass@1, the mean lengths of wrong and of right answers, and how samples that look again fare."""
    right, tokens = np.array(table.outcomes), np.array([[len(c.tokens) for c in row] for row in table.completions])
    again, wrong = looks(table, Countdown(), attempts=countdown_attempts), tokens[~right].mean()
    return {"pass@1": right.mean(), "truncated": table.truncated, "wrong tokens": wrong, "log wrong": np.log(wrong),
            "right tokens": tokens[right].mean(), "looks": again.share, "gap": again.gap, "pays": again.pays}


def ahead(one: tuple[str, str], other: tuple[str, str], **rule: object) -> Claim:
    """That the measure `one`, an arm and a name, lies ahead of `other` by a margin, or as `rule` says."""
    named, usual = tuple(dict.fromkeys((one[0], other[0], "dr grpo"))), {"region": Above(), "fit": (SOLVES, LEARNS)}
    return Claim(arms=named, contrast=lambda m: m[one[0]][one[1]] - m[other[0]][other[1]], **usual | rule)


SOLVES = Fit("the base solves 10 to 60%", lambda m: m["dr grpo"]["base pass@1"], 0.10, 0.60)
LEARNS = Fit("Dr. GRPO learns", lambda m: m["dr grpo"]["gain"], 0.05, 1.0)
LOOKS = Fit("the base looks again in some samples", lambda m: m["dr grpo"]["base looks"], 0.10, 0.90)
LONGER = {"margin": 0.1, "unit": "log of the ratio of mean tokens"}
PAYS = {"margin": 0.05, "unit": "share right, above that of first attempts", "fit": (LOOKS, LEARNS)}
CLAIMS = {
    "wrong-answers-grow": All(
        from_the_start=ahead(("grpo", "log wrong"), ("grpo", "base log wrong"), **LONGER),
        beyond_dr_grpo=ahead(("grpo", "log wrong"), ("dr grpo", "log wrong"), **LONGER),
        by_the_length_division=ahead(("grpo", "log wrong"), ("no length", "log wrong"), **LONGER),
        by_the_signal=ahead(("grpo", "log wrong"), ("shuffled", "log wrong"), **LONGER),
        at_equal_accuracy=ahead(("grpo", "pass@1"), ("dr grpo", "pass@1"), region=Within(), margin=0.05,
                                unit="pass@1", seeds=12)),
    "std-division-overweights-extremes": ahead(
        ("dr grpo", "edge share divided"), ("dr grpo", "edge share"), margin=0.05, unit="share of the gradient"),
    "reflection-predates-rl": Claim(
        arms=("dr grpo",), region=Within(), margin=0.02, unit="share right", seeds=12, fit=(SOLVES, LOOKS),
        contrast=lambda m: m["dr grpo"]["base gap"]),
    "oat-zero/rl-makes-reflection-effective": All(
        by_rl=ahead(("grpo", "pays"), ("grpo", "base pays"), **PAYS),
        by_its_reward=ahead(("grpo", "pays"), ("shuffled", "pays"), **PAYS)),
}

main(__file__)
