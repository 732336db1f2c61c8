"""Does RL improve a model because it already tries, sees a miss and tries again, whatever its answers are worth?

Paper: Cognitive Behaviors (Gandhi and others, arXiv:2503.01307): Countdown, Qwen2.5-3B against Llama-3.2-3B, and Llama
primed with traces in which behaviours and right answers are told apart; then PPO. Its sections were not found.

Idea: RL can raise only what is sampled. A model that verifies and backtracks, even to no avail, has more to raise.

Miniature: 3-number Countdown. The base makes one attempt and stops. Examples prime it with one or two misses that end
right (`2+9=11 11+8=19;2+9=11 11-8=3`), the same ending wrong, the right attempt behind as many empty tries, or alone.
Then the same GRPO. Wrong ends and empty tries start about as low as no priming does; right ends start above right
attempts alone, and have less room to gain.

Supports: from either start who tries again gains more; wrong ends prime as well as right ones, and both end above empty
tries and right attempts alone.

Contradicts: who makes one attempt gains as much; right ends prime better, or wrong ones end where empty tries do.

Not tested: subgoals and backward chaining; enriched pretraining on another task, which needs a trunk of its own.

Differs: 0.2M parameters, not 3B; GRPO, not PPO; a solver writes the traces, not a larger model, and its wrong ends are
never right by luck; the poor base has seen tries before a fork that leaves them out, so RL may bring them back.

Recordings 1 and 2 primed on 500 examples with up to three misses, and trained 160 and 200 steps at 3e-4. Half of the
wrong ends did not try again at the start, empty tries started far below the base and stayed single attempts, and wrong
ends were still catching up. Where priming takes, as here, RL turns part of the empty tries into tries.
"""

from dataclasses import dataclass, replace

from tooling.evals import SampleSettings, Table, evaluate, transformers_sampler
from tooling.models import Mixture, Policy, Recipe, fingerprint, load
from tooling.runs import Above, All, Claim, Fit, Measured, Within, main
from tooling.tasks import Countdown, Split
from tooling.tasks.primed import Primed, tries
from tooling.train import GRPO, SFT, grpo, sft

GAIN = "gain in pass@1"


@dataclass(frozen=True)
class Config:
    """One arm: the base, what it is primed with, its RL, and the test."""

    task: Primed = Primed(largest=10, attempts=3)
    known: Countdown = Countdown(largest=10)  # what the trunk has learnt
    shape: tuple[int, int] = (64, 3)  # width and layers: 0.2M parameters; the paper's have 3B
    pretraining_steps: int = 2000
    fork_steps: int = 300
    primed: str = ""  # the kind of the examples; none: no priming
    examples: int = 1000
    priming: SFT = SFT(epochs=5, batch=64)  # epochs and batch: scripts/sft.sh of the authors
    training: GRPO = GRPO(steps=300, tokens=40, learning_rate=5e-4)  # groups of 8, as 8 prompts; no KL
    items: int = 200  # for the test, drawn anew by each seed
    samples: int = 8
    scope = "3-number countdown, a base of 0.2M parameters that makes single attempts, a fork per seed"

    @property
    def recipe(self) -> Recipe:
        """The base: a trunk that knows all styles, and a fork on single attempts, right or not."""
        styles = {"guess": 0.15, "solve": 0.2, "search": 0.5, "loose": 0.15}
        rest = {"fork_mixture": Mixture.of(self.task, once=1), "fork_steps": self.fork_steps}
        shape = {"heads": 2, "steps": self.pretraining_steps, "fork_learning_rate": 2e-3}
        return Recipe(Mixture.of(self.known, **styles), *self.shape, **shape, **rest)


SIZES = {
    "smoke": Config(Primed(2, 20, operators="+-"), Countdown(2, 20, operators="+"), (32, 1), pretraining_steps=400,
                    fork_steps=60, examples=64, training=GRPO(4, tokens=32), items=10, samples=4),
    "mini": Config(),
    "gpu": Config(shape=(256, 6), items=300, training=GRPO(300, prompts=32, tokens=40, learning_rate=1e-4)),
}
SEEDS = {"smoke": 1, "mini": 8, "gpu": 5}
SECONDS = {"smoke": 2, "mini": 60}


def arms(config: Config) -> dict[str, Config]:
    """The arms by name; each differs from `none` in one thing."""
    return {
        "none": config,
        "right": replace(config, primed="right"),
        "wrong": replace(config, primed="wrong"),
        "empty": replace(config, primed="empty"),
        "straight": replace(config, primed="straight"),
    }


def measure(arm: str, config: Config, seed: int) -> Measured:
    """Prime the seed's base, test it, train it with GRPO, and test it again on the same items."""
    start = load(config.recipe, seed=seed)
    if config.primed:
        examples = config.task.examples(config.primed, config.examples, seed=seed)
        start = sft(start, examples, config.priming, seed=seed).policy
    before = test(start, config, seed=seed)
    trained = grpo(start, config.task, config.training, seed=seed)
    after = test(trained.policy, config, seed=seed)
    first, last = figures(before), figures(after)
    earlier, late = (trained.mean("reward", start=a, end=a + 1 / 4) for a in (1 / 2, 3 / 4))
    return Measured(
        measures={f"base {name}": value for name, value in first.items()} | last | {
            GAIN: last["pass@1"] - first["pass@1"], "late rise": late - earlier},
        curves=trained.curves, outcomes={"base": before.outcomes, "trained": after.outcomes},
        tokens=before.tokens + trained.tokens + after.tokens, spread=trained.spread, diverged=trained.diverged,
        fingerprint=fingerprint(trained.policy.model))


def test(policy: Policy, config: Config, *, seed: int) -> Table:
    """The policy's completions for the seed's own items of the test split."""
    items = config.task.items(Split.TEST, config.items, seed)
    settings = SampleSettings(config.training.tokens, seed=seed)
    return evaluate(transformers_sampler(policy), config.task, items=items, samples=config.samples, settings=settings)


def figures(table: Table) -> dict[str, float]:
    """pass@1, the share of completions with more than one attempt, and their mean length."""
    return {"pass@1": table.pass_at(1), "again": table.share(lambda text: tries(text) > 1), "tokens": table.mean_tokens}


def ahead(one: str, other: str, *, name: str = "pass@1", **rule: object) -> Claim:
    """That a measure of the arm `one` is above that of `other` by a margin, or as `rule` says."""
    usual = {"region": Above(), "margin": 0.05, "unit": name, "fit": FIT}
    usual["arms"] = tuple(dict.fromkeys([one, other, "right", "straight"]))
    return Claim(contrast=lambda m: m[one][name] - m[other][name], **usual | rule)


FIT = (
    Fit("right attempts alone solve 10 to 60%", lambda m: m["straight"]["base pass@1"], 0.10, 0.60),
    Fit("and hardly try again", lambda m: m["straight"]["base again"], -0.01, 0.05),
    Fit("GRPO learns", lambda m: m["right"][GAIN], 0.03, 1.0),
)
LOW = Fit("near starts", lambda m: m["wrong"]["base pass@1"] - m["none"]["base pass@1"], -0.08, 0.08)
TAKEN = Fit("priming takes", lambda m: min(m[arm]["base again"] for arm in ("wrong", "right")), 0.7, 1.0)
FULL = Fit("empty tries start no lower", lambda m: m["empty"]["base pass@1"] - m["wrong"]["base pass@1"], -0.03, 0.15)
ONCE = Fit("the unprimed hardly try again", lambda m: m["none"]["base again"], -0.01, 0.05)
HIGH = Fit("starts no lower", lambda m: m["right"]["base pass@1"] - m["straight"]["base pass@1"], -0.03, 0.15)
LEVEL = Fit("the gap has settled", lambda m: m["wrong"]["late rise"] - m["right"]["late rise"], -0.025, 0.025)
LONG = Fit("empty tries are as long", lambda m: m["empty"]["base tokens"] / m["right"]["base tokens"], 0.6, 1.4)
CLAIMS = {
    "behaviours-decide-self-improvement": All(
        from_a_low_start=ahead("wrong", "none", name=GAIN, fit=(*FIT, TAKEN, LOW, ONCE)),
        from_a_high_start=ahead("right", "straight", name=GAIN, fit=(*FIT, HIGH))),
    "wrong-answers-prime-as-well": All(
        as_well=ahead("wrong", "right", region=Within(), seeds=12, fit=(*FIT, TAKEN, LEVEL)),
        above_empty_tries=ahead("wrong", "empty", fit=(*FIT, FULL, LONG)),
        above_right_attempts_alone=ahead("wrong", "straight"),
        right_above_empty_tries=ahead("right", "empty", fit=(*FIT, LONG))),
}

main(__file__)
