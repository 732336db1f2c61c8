"""Does RL on Countdown teach search to every base model, or only above a threshold?

Paper: TinyZero (Jiayi Pan and others, github.com/Jiayi-Pan/TinyZero, January 2025): R1-Zero on Countdown with Qwen2.5.

Idea: a completion that tries, sees that it missed and tries again beats a single guess, but only for a model that can
do the sums and see a miss. Where the base can, RL should find search; below that it should go on to guess and stop.

Miniature: bases learn 3-number Countdown from demonstrations, half of which try again after a miss
(`2+9=11 11+8=19;2+9=11 11-8=3`). Then GRPO, with reward 1 for a right last attempt. Each seed forks the base anew.

Supports: RL adds more search and pass@1 to the large base than to the small one, and more search to a large base that
was stopped early, at the small one's pass@8. An instruct start is ahead early and ends level.

Contradicts: the small base gains as much; the lead is gone from an equal start; instruct is not ahead, or ends apart.

Not tested: PPO and PRIME beside GRPO (the trainer has no PPO), multiplication, bases above 1M parameters.

Differs: 0.04M and 0.2M parameters, not 0.5B to 7B; numbers to 10, not 99, and no division; search is planted by the
demonstrations; "instruct" is a fork whose demonstrations all keep the rules; 120 steps of GRPO.
"""

from dataclasses import dataclass, replace

from tooling.evals import SampleSettings, Table, evaluate, transformers_sampler
from tooling.models import Mixture, Policy, Recipe, fingerprint, load
from tooling.runs import Above, All, Claim, Fit, Measured, Within, main
from tooling.tasks import Countdown, Split
from tooling.train import GRPO, grpo
from tooling.verify import countdown_attempts


@dataclass(frozen=True)
class Config:
    """One arm: the base, its RL, and the test."""

    task: Countdown = Countdown(largest=10)  # TinyZero: 3 and 4 numbers to 99, with division
    shape: tuple[int, int] = (64, 3)  # width and layers: 0.2M parameters; TinyZero's bases have 0.5B to 7B
    small: tuple[int, int] = (32, 2)  # of the small base: 0.04M
    pretraining_steps: int = 2000
    early_steps: int = 925  # where the large base has the small one's pass@8; found on seeds below 1000
    fork_steps: int = 100
    fork: str = "base"  # of the pretraining mixture, or "instruct": where that breaks a rule, the fork solves by it
    training: GRPO = GRPO(steps=120, prompts=8, completions=8, tokens=56, learning_rate=3e-4)
    items: int = 150  # for the test, drawn anew by each seed
    samples: int = 8

    @property
    def recipe(self) -> Recipe:
        """The base: demonstrations in all styles, and the arm's fork of it."""
        styles = {"guess": 0.15, "solve": 0.2, "search": 0.5, "loose": 0.15}
        fork = Mixture.of(self.task, **{**styles, "loose": 0.0, "solve": 0.35} if self.fork == "instruct" else styles)
        shape = {"width": self.shape[0], "layers": self.shape[1], "heads": 2, "steps": self.pretraining_steps}
        return Recipe(Mixture.of(self.task, **styles), **shape, fork_steps=self.fork_steps, fork_mixture=fork)

    @property
    def scope(self) -> str:
        """Where a verdict holds."""
        return f"{self.task.count}-number countdown, bases {self.small[0]} to {self.shape[0]} wide, a fork per seed"


SIZES = {
    "smoke": Config(task=Countdown(count=2, largest=20, operators="+"), shape=(32, 1), small=(16, 1), samples=4,
                    pretraining_steps=400, early_steps=200, fork_steps=3, training=GRPO(4, prompts=8), items=10),
    "quick": Config(Countdown(largest=20, operators="+-"), pretraining_steps=700, early_steps=320, training=GRPO(24)),
    "mini": Config(),
    "gpu": Config(task=Countdown(count=4, largest=20), shape=(256, 6), small=(64, 3), items=300,
                  training=GRPO(steps=200, prompts=32, completions=16, tokens=96)),
}
SEEDS = {"smoke": 1, "quick": 3, "mini": 8, "gpu": 5}
SECONDS = {"smoke": 2, "quick": 35, "mini": 80}


def arms(config: Config) -> dict[str, Config]:
    """The arms by name; each differs from `large` in one thing."""
    return {
        "large": config,
        "small": replace(config, shape=config.small),
        "early": replace(config, pretraining_steps=config.early_steps),
        "instruct": replace(config, fork="instruct"),
    }


def measure(arm: str, config: Config, seed: int) -> Measured:
    """Test the seed's base, train it with GRPO, and test it again on the same items."""
    base = load(config.recipe, seed=seed)
    before = test(base, config, seed=seed)
    trained = grpo(base, config.task, config.training, seed=seed)
    after = test(trained.policy, config, seed=seed)
    early, before_last, last = (trained.mean("reward", start=a / 12, end=b / 12) for a, b in ((0, 2), (6, 9), (9, 12)))
    return Measured(
        measures=shares(before, "base ") | shares(after, "") | {"early reward": early, "late rise": last - before_last},
        curves=trained.curves,
        outcomes={"base": before.outcomes, "trained": after.outcomes},
        fingerprint=fingerprint(trained.policy.model),
        tokens=before.tokens + trained.tokens + after.tokens,
        spread=trained.spread, diverged=trained.diverged,
    )


def test(policy: Policy, config: Config, *, seed: int) -> Table:
    """The policy's completions for the seed's own items of the test split."""
    items = config.task.items(Split.TEST, config.items, seed)
    settings = SampleSettings(config.training.tokens, seed=seed)
    return evaluate(transformers_sampler(policy), config.task, items=items, samples=config.samples, settings=settings)


def shares(table: Table, when: str) -> dict[str, float]:
    """pass@1 and pass@k, and the share of completions that make more than one attempt."""
    one, k = (table.pass_at(samples) for samples in (1, min(8, len(table.outcomes[0]))))
    search = table.share(lambda text: len(countdown_attempts(text)) > 1)
    return {f"{when}pass@1": one, f"{when}pass@8": k, f"{when}search": search}


def lead(measures: dict, name: str, *, ahead: str, over: str) -> float:
    """How much more RL adds to a measure of the arm `ahead` than to that of the arm `over`."""
    return sum(sign * (measures[arm][name] - measures[arm][f"base {name}"]) for arm, sign in ((ahead, 1), (over, -1)))


SOLVES = Fit("the large base solves 10 to 60%", lambda m: m["large"]["base pass@1"], 0.10, 0.60)
MATCHED = Fit("same pass@8 before RL", lambda m: m["early"]["base pass@8"] - m["small"]["base pass@8"], -0.08, 0.08)
HELPED = Fit("instruct helps before RL", lambda m: m["instruct"]["base pass@1"] - m["large"]["base pass@1"], 0.02, 0.5)
LEVEL = Fit("the base start has levelled off", lambda m: m["large"]["late rise"], -0.05, 0.05)
CLAIMS = {
    "base-model-threshold": All(
        search=Claim(
            arms=("large", "small"), region=Above(), margin=0.10, unit="share of completions that retry",
            contrast=lambda m: lead(m, "search", ahead="large", over="small"), fit=(SOLVES,),
        ),
        pass_at_1=Claim(
            arms=("large", "small"), region=Above(), margin=0.05, unit="pass@1",
            contrast=lambda m: lead(m, "pass@1", ahead="large", over="small"), fit=(SOLVES,),
        ),
        search_from_the_same_start=Claim(
            arms=("early", "small"), region=Above(), margin=0.10, unit="share of completions that retry",
            contrast=lambda m: lead(m, "search", ahead="early", over="small"), fit=(MATCHED,),
        ),
    ),
    "instruct-start-same-end": All(
        ahead_early=Claim(
            arms=("instruct", "large"), region=Above(), margin=0.03, unit="mean reward of the first sixth",
            contrast=lambda m: m["instruct"]["early reward"] - m["large"]["early reward"], fit=(SOLVES, HELPED),
        ),
        level_at_the_end=Claim(
            arms=("instruct", "large"), region=Within(), margin=0.05, unit="pass@1", seeds=12,
            contrast=lambda m: m["instruct"]["pass@1"] - m["large"]["pass@1"], fit=(HELPED, LEVEL),
        ),
    ),
}

main(__file__)
