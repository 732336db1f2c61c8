"""Does RL forget less of what a base could do than fine-tuning on outside labels, and does its small drift say why?

Paper: Shenfeld, Pari and Agrawal, arXiv:2509.04259: GRPO without KL term, SFT, SimPO and RL on right answers alone, on
Qwen2.5-3B-Instruct. We found abstract, the authors' page and summaries; where its labels came from, and rates, not.

Idea: RL weighs samples of the base and ends near it; labels pull to where they are. Drift: KL(base || tuned) on sums.

Miniature: a base of four families learns two-digit sums: by GRPO; the same on good rollouts alone; SFT on labels with a
pause (`.`) before each column, at two rates; RFT on the base's right samples; DPO of labels over its wrong ones.

Supports: at 3/4 of GRPO's gain, GRPO keeps more of puzzles and Countdown than SFT at its better rate. KL tells
over half of what all arms keep, more than weights do, and arms add little. KL is far lower on own rollouts than labels.

Contradicts: SFT keeps as much; weights tell more, or arms much beside KL; negatives matter as much as data.

Not tested: labels with negatives at equal accuracy (DPO drifts most and never gets there), oracle labels, robotics.

Differs: 0.2M parameters; labels differ in form only; KL per token; looks along the way, not sweeps; DPO for SimPO.
"""

from dataclasses import dataclass, replace

import numpy as np

from tooling.evals import SampleSettings, evaluate, kl, solve_probability, transformers_sampler
from tooling.evals.drift import explained, weight_distance
from tooling.models import OTHER_FAMILIES, PUZZLE, Mixture, Policy, Recipe, fingerprint, four_families, load
from tooling.runs import Above, All, Claim, Fit, Measured, main
from tooling.tasks import Split
from tooling.tasks.addition import PAUSE, worked
from tooling.tasks.item import Demonstration
from tooling.train import DPO, GRPO, SFT, dpo, grpo, sft
from tooling.train.selection import over_mistakes, right_samples
from tooling.verify.scratchpad import END_OF_THINKING

NEW, PUZZLES, COUNTDOWN = OTHER_FAMILIES["sums"], replace(PUZZLE, people=3), OTHER_FAMILIES["countdown"]
LOOKS, LOOKED, OLD = 5, ("new", "kept", "KL", "distance"), ("puzzles", "countdown")  # LOOKED: for rules


@dataclass(frozen=True)
class Config:
    """One arm: the base, how it learns the new task, and the tests along the way."""

    start: Recipe = Recipe(four_families(), width=64, layers=3, context=128, steps=1600, fork_steps=100)
    data: str = "rollouts"  # or "labels" from outside, "own" right samples of the base, "pairs" of label and wrong one
    training: GRPO | SFT | DPO = GRPO(steps=80, tokens=28)  # no KL, as in the paper; groups of 8, not 64
    shown: int = 400  # different sums to learn from, where data are not drawn afresh
    items: int = 150  # of each test, drawn anew by each seed
    samples: int = 4
    scope = "two-digit sums learnt by a base of four families, 0.2M parameters, a fork per seed"

    @property
    def recipe(self) -> Recipe:
        """The base: Logic-RL's trunk, and a fork whose demonstrations are all right but for those of the new task."""
        parts = tuple(part for part in self.start.mixture.parts if part[0] == NEW or part[1] in ("steps", "solve"))
        return replace(self.start, fork_mixture=Mixture(parts))


SIZES = {
    "smoke": Config(Recipe(Mixture.of(NEW, steps=0.9, mistake=0.1), 32, layers=2, steps=800, batch=32, fork_steps=20),
                    items=6, samples=1, training=GRPO(steps=5, prompts=2, tokens=20, warmup=0), shown=20),
    "mini": Config(),
    "gpu": Config(replace(Config.start, width=256, layers=6), training=GRPO(160, tokens=28, learning_rate=1e-4)),
}
SEEDS = {"smoke": 1, "mini": 10, "gpu": 5}
SECONDS = {"smoke": 2, "mini": 26}


def arms(config: Config) -> dict[str, Config]:
    """The arms; `positives` differs from `grpo` in one thing, and the last three from `sft`."""
    rl, rate = config.training, {"learning_rate": config.training.learning_rate, "warmup": config.training.warmup}
    labels = replace(config, data="labels", training=SFT(steps=rl.steps, **rate))
    slow = replace(labels.training, steps=rl.steps * 5 // 2, learning_rate=rl.learning_rate / 3)
    return {
        "grpo": config,
        "positives": replace(config, training=replace(rl, off_policy_kl=-1.0)),  # it is 0 on-policy: drops all bad ones
        "sft": labels,
        "slow sft": replace(labels, training=slow),
        "rft": replace(labels, data="own"),
        "dpo": replace(labels, data="pairs", training=DPO(steps=rl.steps, **rate)),
    }


def measure(arm: str, config: Config, seed: int) -> Measured:
    """Let the seed's base learn sums in the arm's way, and look at accuracies, KL and weights along the way."""
    base, shown = load(config.recipe, seed=seed), NEW.items(Split.TRAIN, config.shown, seed)
    sums, puzzles, countdown = (task.items(Split.TEST, config.items, seed) for task in (NEW, PUZZLES, COUNTDOWN))
    how = {"samples": config.samples, "settings": SampleSettings(28, seed=seed)}
    prompts = [item.prompt for item in sums for _ in range(config.samples)]
    drawn = {"prefixes": prompts, "completions": transformers_sampler(base)(prompts, how["settings"])}

    def look(policy: Policy, _: int) -> dict[str, float]:
        new, old = (evaluate(transformers_sampler(policy), task, items=items, **how).pass_at(1)
                    for task, items in ((NEW, sums), (PUZZLES, puzzles)))
        exact = float(solve_probability(policy, COUNTDOWN, countdown).mean())  # over all solutions: nothing is sampled
        return {"new": new, "puzzles": old, "countdown": exact,
                "KL": kl(base, policy, **drawn), "distance": weight_distance(policy, base)}

    labels = [Demonstration(item.prompt, f"{PAUSE}{PAUSE.join(map(str, worked(item.facts['terms'])))}{PAUSE}"
                            f"{END_OF_THINKING}{item.gold}") for item in shown]
    own = evaluate(transformers_sampler(base), NEW, items=shown, **how)
    data = {"rollouts": NEW, "labels": labels, "own": right_samples(own), "pairs": over_mistakes(labels, own)}
    trained = {GRPO: grpo, SFT: sft, DPO: dpo}[type(config.training)](
        base, data[config.data], config.training, seed=seed, probe=look, every=config.training.steps // LOOKS)
    first, *_, last = looks = trained.probes
    kept = [float(np.mean([each[name] / max(first[name], 1e-3) for name in OLD])) for each in looks]
    curves = {name: [each[name] for each in looks] for name in first} | {"kept": kept}
    return Measured(measures={f"base {name}": first[name] for name in ("new", *OLD)} | dict(last) | {"kept": kept[-1]}
        | {f"{name} at {place}": value for name in LOOKED for place, value in enumerate(curves[name])},
        curves=curves, tokens=own.tokens + trained.tokens, diverged=trained.diverged,
        fingerprint=fingerprint(trained.policy.model), spread=trained.spread if config.data == "rollouts" else None)


def level(measures: dict, arm: str, *, of: str) -> float:
    """What an arm has of a measure where it first has three quarters of GRPO's gain, between its looks."""
    new, values = ([measures[arm][f"{each} at {place}"] for place in range(LOOKS + 1)] for each in ("new", of))
    goal = 0.25 * measures["grpo"]["base new"] + 0.75 * measures["grpo"]["new"]
    return float(np.interp(goal, np.maximum.accumulate(new), values))


def explains(measures: dict, by: str) -> np.ndarray:
    """R squared of a quadratic in `by` for what is kept, over all looks at all arms; then with a constant per arm."""
    kept, places = ([measures[arm][f"{each} at {place}"] for arm in ALL for place in range(LOOKS + 1)]
                    for each in ("kept", by))
    return np.array([explained(kept, places), explained(kept, places, groups=[*np.repeat(ALL, LOOKS + 1)])])


ALL, RL, PAIR = tuple(arms(SIZES["mini"])), ("grpo", "positives"), ("sft", "slow sft")
SOLVES = Fit("the base solves 10 to 60%", lambda m: m["grpo"]["base new"], 0.10, 0.60)
LEARNS = Fit("GRPO learns sums", lambda m: m["grpo"]["new"] - m["grpo"]["base new"], 0.10, 1.0)
ABLE = Fit("there is something to forget", lambda m: m["grpo"]["base countdown"], 0.08, 0.60)
REACH = Fit("SFT learns as well", lambda m: min(m[arm]["new"] for arm in PAIR) - level(m, "grpo", of="new"), -0.02, 1)
KL = {"arms": ALL, "region": Above(), "margin": 0.1, "unit": "R squared", "fit": (SOLVES, LEARNS, ABLE)}
NATS = {"arms": RL + PAIR, "region": Above(), "margin": 0.1, "unit": "nats per token", "fit": (SOLVES, LEARNS, REACH)}
CLAIMS = {
    "rl-forgets-less-than-sft": Claim(
        arms=("grpo", *PAIR), region=Above(), margin=0.05, unit="share still solved", fit=(SOLVES, LEARNS, ABLE, REACH),
        contrast=lambda m: level(m, "grpo", of="kept") - max(level(m, arm, of="kept") for arm in PAIR)),
    "kl-predicts-forgetting": All(
        over_half=Claim(contrast=lambda m: explains(m, "KL")[0] - 0.5, **KL | {"unit": "R squared above 0.5"}),
        more_than_weights=Claim(contrast=lambda m: (explains(m, "KL") - explains(m, "distance"))[0], **KL),
        whatever_the_arm=Claim(contrast=lambda m: 0.15 - np.diff(explains(m, "KL"))[0],
                               **KL | {"margin": 0.05, "unit": "R squared that the arm adds, below 0.15"})),
    "on-policy-data-limits-drift": All(
        data=Claim(contrast=lambda m: level(m, "sft", of="KL") - level(m, "positives", of="KL"), **NATS),
        more_than_negatives=Claim(**NATS, contrast=lambda m: (  # less what leaving out negatives adds
            level(m, "sft", of="KL") + level(m, "grpo", of="KL") - 2 * level(m, "positives", of="KL")))),
}

main(__file__)
