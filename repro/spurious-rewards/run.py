"""Can a reward that is drawn by a coin improve a model, and is it the clip of GRPO that makes it so?

Paper: Shao and others, arXiv:2506.10947. GRPO on Qwen2.5-Math-7B adds 21.4 points on MATH-500 with random rewards, 29.1
with true ones; "code reasoning" goes from 65% of answers to over 90% (abstract; the sections were not looked up). Code:
github.com/ruixin31/Rethink_RLVR, code/scripts: 64 prompts of 16, 128 rollouts to an update, no KL, learning rate 5e-7.

Idea: a coin pushes no answer on average. The clip, though, drops pushes once a token's chance has moved by 20%, which
that of a likely token cannot do upwards: likely tokens lose pushes down, rare ones pushes up, and what the base mostly
does could win. It pays where that is the better way, as with Qwen, and costs where it is not.

Miniature: two-digit sums. The base works the columns (75% right) or answers at once (under 10%); the first token tells
which, so the share of worked sums is exact. A likely base works six in ten, an unlikely one three in ten, by its
fork, one per seed. An arm is trained by a coin and by its mirror image (tails pays), whose mean is without most luck.

Supports: a coin adds five points of accuracy, and half of what the true reward adds; worked sums gain share with the
clip, more than without it and more than on-policy; a coin adds more to the likely base than to the unlikely one.

Contradicts: no such gain, or as much without the clip; or the same on both bases.

Not tested: majority, format and wrong-label rewards, contamination of tests (arXiv:2507.10532; sums here are unseen).

Differs: 0.2M parameters; planted ways; a draw has 64 rollouts, seen by all of its 8 updates; learning rate 1e-4, at
which the clip touches few tokens (at 3e-4, on four exploratory seeds, it was worth 4 points of share, its lack ruin).
"""

from dataclasses import dataclass, replace

import numpy as np

from tooling.evals import SampleSettings, evaluate, score, transformers_sampler
from tooling.models import Mixture, Policy, Recipe, fingerprint, load
from tooling.runs import Above, All, Claim, Fit, Measured, main
from tooling.tasks import Addition, Item, Split
from tooling.train import GRPO, RandomReward, Reward, Sum, correctness, grpo
from tooling.verify.scratchpad import END_OF_THINKING

COIN = RandomReward(0.5)  # gamma: the paper's random reward
MIRROR = Sum((COIN,), (-1.0,))  # the same tosses with every advantage turned round


@dataclass(frozen=True)
class Config:
    """One arm: the base, the rewards that it is trained by, one after the other from the same start, and the test."""

    task: Addition = Addition(digits=2, fewest=1)  # of the trunk, which is s1's; forks see the most digits only
    shape: tuple[int, int] = (64, 3)  # width and layers: 0.2M parameters; the paper's models have 1.5B to 8B
    pretraining_steps: int = 2000
    fork_steps: int = 100
    worked: float = 0.8  # of the fork's demonstrations; it then works six in ten (Qwen: 65%): short rows weigh more
    right: float = 0.8  # share of the worked demonstrations without a mistake
    rewards: tuple[Reward, ...] = (COIN, MIRROR)
    training: GRPO = GRPO(steps=80, updates=8, tokens=28, learning_rate=1e-4)  # 8 groups of 8; the paper: 64 of 16
    items: int = 250  # for the test, drawn anew by each seed
    samples: int = 4
    scope = "two-digit sums, worked or answered at once, a fork per seed"

    @property
    def sums(self) -> Addition:
        """The task of forks, training and test: all terms of full length."""
        return replace(self.task, fewest=self.task.digits, pauses=0.0)

    @property
    def recipe(self) -> Recipe:
        """The base: s1's trunk, which knows both ways, and a fork that has the planted share of each."""
        trunk = Mixture.of(self.task, direct=0.05, steps=0.25, mistake=0.2, check=0.25, fix=0.25)
        right, size = self.worked * self.right, {"steps": self.pretraining_steps, "batch": 32, "context": 512}
        fork = Mixture.of(self.sums, direct=1 - self.worked, steps=right, mistake=self.worked - right)
        return Recipe(trunk, *self.shape, **size, fork_steps=self.fork_steps, fork_mixture=fork)


SIZES = {
    "smoke": Config(Addition(digits=2, fewest=1), (32, 2), pretraining_steps=600, fork_steps=60, items=8, samples=4,
                    training=GRPO(3, prompts=4, updates=3, tokens=28, warmup=0, learning_rate=3e-3)),
    "mini": Config(),
    "gpu": Config(Addition(digits=5, fewest=1), (256, 6), items=500,
                  training=GRPO(400, prompts=32, completions=16, updates=8, tokens=64, learning_rate=1e-4)),
}
SEEDS = {"smoke": 1, "mini": 12, "gpu": 5}
SECONDS = {"smoke": 2, "mini": 28}


def arms(config: Config) -> dict[str, Config]:
    """The arms by name; each differs from `random` in one thing."""
    return {
        "random": config,
        "true": replace(config, rewards=(correctness,)),
        "no clip": replace(config, training=replace(config.training, clip_low=None, clip_high=None)),
        "on-policy": replace(config, training=replace(config.training, updates=1)),
        "unlikely": replace(config, worked=0.55),
    }


def measure(arm: str, config: Config, seed: int) -> Measured:
    """Test the seed's base, train it by each of the arm's rewards, and test what becomes of it on the same items."""
    base, items = load(config.recipe, seed=seed), config.sums.items(Split.TEST, config.items, seed)
    runs = [grpo(base, config.sums, config.training, seed=seed, reward=reward) for reward in config.rewards]
    policies = (base, *(run.policy for run in runs))
    before, *after = (figures(policy, config, items=items, seed=seed) for policy in policies)
    mean = {name: float(np.mean([each[name] for each in after])) for name in before}
    return Measured(
        measures={f"base {name}": value for name, value in before.items()} | mean,
        curves=runs[0].curves, spread=float(np.mean([run.spread for run in runs])),
        fingerprint=" ".join(fingerprint(policy.model) for policy in policies[1:]),
        tokens=sum(run.tokens for run in runs), diverged=any(run.diverged for run in runs))


def figures(policy: Policy, config: Config, *, items: list[Item], seed: int) -> dict[str, float]:
    """Accuracy, that of each way, and the exact share of worked sums: 1 less the chance to end the thinking at once."""
    settings = SampleSettings(config.training.tokens, seed=seed)
    table = evaluate(transformers_sampler(policy), config.sums, items=items, samples=config.samples, settings=settings)
    told = np.array([done.text.startswith(END_OF_THINKING) for row in table.completions for done in row])
    ways = {way: np.array(table.outcomes).ravel()[which] for way, which in (("at once", told), ("worked", ~told))}
    ends = [policy.tokenizer.convert_tokens_to_ids([END_OF_THINKING])] * len(items)
    worked = 1 - float(np.exp(score(policy, [item.prompt for item in items], ends).totals).mean())
    return {"pass@1": table.pass_at(1), "worked": worked, "log-odds": float(np.log(worked / (1 - worked)))} | {
        f"pass@1 {way}": float(found.mean()) if len(found) else 0.0 for way, found in ways.items()}


def gain(measures: dict[str, float], name: str) -> float:
    """How much an arm has added to a measure of its base."""
    return measures[name] - measures[f"base {name}"]


SOLVES = Fit("the base solves 10 to 60%", lambda m: m["random"]["base pass@1"], 0.10, 0.60)
LEARNS = Fit("the true reward teaches", lambda m: gain(m["true"], "pass@1"), 0.10, 1.0)
PAYS = Fit("answers at once do not pay", lambda m: m["random"]["base pass@1 at once"], -0.01, 0.20)
LIKELY = Fit("the likely base works most sums", lambda m: m["random"]["base worked"], 0.55, 0.80)
RARE = Fit("the unlikely base works few", lambda m: m["unlikely"]["base worked"], 0.20, 0.45)
ACTS = Fit("the clip acts", lambda m: abs(m["random"]["log-odds"] - m["no clip"]["log-odds"]), 0.02, 10.0)
POINTS = {"region": Above(), "margin": 0.05, "unit": "pass@1", "fit": (SOLVES, LEARNS, PAYS)}
SHARE = {"region": Above(), "margin": 0.05, "unit": "share of worked sums", "fit": (LIKELY, LEARNS, ACTS)}
CLAIMS = {
    "random-reward-improves-some-bases": All(
        gains=Claim(arms=("random", "true"), contrast=lambda m: gain(m["random"], "pass@1"), **POINTS),
        over_half_of_the_true_gain=Claim(
            arms=("random", "true"), **POINTS,
            contrast=lambda m: gain(m["random"], "pass@1") - gain(m["true"], "pass@1") / 2)),
    "clipping-favours-likely-outputs": All(
        likely_way_gains=Claim(arms=("random", "true", "no clip"), **SHARE,
                               contrast=lambda m: gain(m["random"], "worked")),
        more_than_without_clip=Claim(arms=("random", "true", "no clip"), **SHARE,
                                     contrast=lambda m: m["random"]["worked"] - m["no clip"]["worked"]),
        more_than_on_policy=Claim(arms=("random", "true", "no clip", "on-policy"), **SHARE,
                                  contrast=lambda m: m["random"]["worked"] - m["on-policy"]["worked"])),
    "spurious-gain-depends-on-base": Claim(
        arms=("random", "true", "unlikely"), **{**POINTS, "fit": (LIKELY, RARE, LEARNS, PAYS)},
        contrast=lambda m: gain(m["random"], "pass@1") - gain(m["unlikely"], "pass@1")),
}

main(__file__)
