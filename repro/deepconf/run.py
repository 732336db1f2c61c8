"""Does a model's confidence in its own tokens tell which of its traces to trust, and which to stop?

Paper: Deep Think with Confidence (arXiv 2508.15260): models of 8B to 120B, 512 traces a question, groups of 2,048
tokens. From the authors' scripts: 20 tokens, warm-up 16, keep 0.1. From notes: the consensus of 0.95.

Idea: a token's confidence is the mean negative log-probability of the most probable tokens there. A trace is as good
as its weakest stretch: keep the traces whose weakest stretch is surest, and stop those that fall below.

Miniature: a model that adds two-digit numbers in columns learns three digits by halves, so that it reads wrong digits
by itself: its lessons there have no mistake. Some traces look again.

Supports: the bottom tenth of groups (fixed beforehand) tells right from wrong within a question better than the mean
and the length; the surest tenth outvotes all; stopping halves the tokens at no loss, saves more than consensus alone,
and finds more than stops by length or at random. Extension: GRPO makes the mean tell less, and wrong traces surer.

Contradicts: the mean or the length tells as much; all vote as well; consensus alone saves as much, or it does not
matter which traces stop; the mean tells as much after GRPO, or shuffled rewards blunt it as much.

Not tested: latency; the card's entropy bonus. The tail is measured and not judged: here it is the answer alone.

Differs: 0.2M parameters; 30 to 80 tokens; groups of 8, one column; 48 traces, warm-up 8; temperature 1, not 0.6; the
consensus counts all traces that have ended (the paper's we could not check); the trunk saw planted two-digit mistakes.
"""

from dataclasses import dataclass, replace

import numpy as np

from tooling.evals import SampleSettings, Table, evaluate, transformers_sampler
from tooling.evals.confidence import auroc_within, bottom_confidence, mean_confidence, tail_confidence
from tooling.evals.stopping import Stopping, at_random, by_confidence, by_length, confidences, never, stopped
from tooling.models import Mixture, Recipe, fingerprint, load
from tooling.runs import Above, All, Below, Claim, Fit, Measured, main
from tooling.tasks import Addition, Split
from tooling.train import GRPO, Reward, correctness, grpo, shuffled


@dataclass(frozen=True)
class Config:
    """One arm: the base, its RL, and the traces for the test."""

    task: Addition = Addition(digits=3, fewest=3, looks=1)
    known: Addition = Addition(digits=2, fewest=1)  # what the trunk has learnt
    shape: tuple[int, int] = (64, 3)  # width and layers: 0.2M parameters; the paper's models have 8B to 120B
    pretraining_steps: int = 2000
    fork_steps: int = 400  # where a trace is right about half of the time; found on seeds below 1000
    training: GRPO = GRPO(steps=40, tokens=80, learning_rate=1e-4)  # at 3e-4 shuffled rewards undid the base (seed 0)
    reward: Reward = correctness
    items: int = 80  # for the test, drawn anew by each seed; the paper: AIME has 30
    samples: int = 48  # traces of an item, all of which vote; the paper: 512
    stop: Stopping = Stopping(by_confidence, keep=0.1, warmup=8)  # DeepConf-low; votes keep a tenth too
    scope = "sums in columns, half learnt; few and short traces; a fork per seed"

    @property
    def recipe(self) -> Recipe:
        """The base: a trunk of which half looks again, and a fork on right traces of sums that are new to it."""
        trunk = Mixture.of(self.known, direct=0.05, steps=0.25, mistake=0.2, check=0.25, fix=0.25)
        fork = {"fork_steps": self.fork_steps, "fork_mixture": Mixture.of(self.task, steps=0.5, check=0.5)}
        return Recipe(trunk, *self.shape, steps=self.pretraining_steps, batch=32, context=512, **fork)


SIZES = {
    "smoke": Config(Addition(2, 2, terms=1, looks=1), Addition(1, 1), (32, 2), 500, fork_steps=250, items=8, samples=8,
                    training=GRPO(3, tokens=40, warmup=0), stop=Stopping(by_confidence, warmup=2)),
    "mini": Config(),
    "gpu": Config(Addition(digits=5, fewest=5, looks=1), Addition(digits=4, fewest=1), (256, 6), items=150, samples=256,
                  training=GRPO(100, prompts=32, completions=16, tokens=160), stop=Stopping(by_confidence)),
}
SEEDS = {"smoke": 1, "mini": 8, "gpu": 5}
SECONDS = {"smoke": 2, "mini": 100}


def arms(config: Config) -> dict[str, Config]:
    """RL, and the same with rewards dealt out anew within each group; the claims about the base read the first."""
    return {"grpo": config, "shuffled": replace(config, reward=shuffled)}


def measure(arm: str, config: Config, seed: int) -> Measured:
    """Sample the seed's base, train it, and sample it again on the same items."""
    base, items = load(config.recipe, seed=seed), config.task.items(Split.TEST, config.items, seed)
    trained = grpo(base, config.task, config.training, seed=seed, reward=config.reward)
    asked = {"items": items, "samples": config.samples, "settings": SampleSettings(config.training.tokens, seed=seed)}
    before, after = (evaluate(transformers_sampler(each), config.task, **asked) for each in (base, trained.policy))
    first, last = confidences(base, before), confidences(trained.policy, after)
    old, new = signals(first)["mean"], signals(last)["mean"]  # the mean told right from wrong before RL
    surer = new[~np.array(after.outcomes)].mean() - old[~np.array(before.outcomes)].mean()
    return Measured(
        measures=figures(before, first, stop=config.stop, when="base ") | figures(after, last, stop=config.stop) | {
            "wrong traces surer": float(surer / old.std()),  # and, on items with right and wrong traces both times:
            "tells more": float(np.nanmean(auroc_within(after.outcomes, new) - auroc_within(before.outcomes, old)))},
        curves=trained.curves, outcomes={"base": before.outcomes, "trained": after.outcomes},
        fingerprint=fingerprint(trained.policy.model), spread=trained.spread, diverged=trained.diverged,
        tokens=before.tokens + trained.tokens + after.tokens)


def signals(sure: list[list[list[float]]]) -> dict[str, np.ndarray]:
    """What may tell a right trace from a wrong one: its confidence, and how short it is; (items, samples) each."""
    kinds = {"bottom": bottom_confidence, "mean": mean_confidence, "tail": tail_confidence, "length": lambda t: -len(t)}
    return {name: np.array([[of(trace) for trace in row] for row in sure]) for name, of in kinds.items()}


def figures(table: Table, sure: list[list[list[float]]], *, stop: Stopping, when: str = "") -> dict[str, float]:
    """How well each signal tells, what all traces and the surest tenth vote, and what stopping finds and saves."""
    k, rivals = len(table.outcomes[0]), {"random stop": at_random, "length stop": by_length, "consensus": never}
    rules = {name: replace(stop, rule=rule, weighted=rule is not never) for name, rule in rivals.items()}
    found = {"pass@1": table.pass_at(1), "majority": table.majority(k), "random tenth": table.majority(-(-k // 10))}
    for name, values in signals(sure).items():
        found |= {f"{name} tells": float(np.nanmean(auroc_within(table.outcomes, values))),
                  f"{name} tenth": table.weighted(k, values - values.min(), keep=stop.keep)}
    for name, rule in ({"stop": stop, "stop high": replace(stop, keep=0.9)} | rules).items():
        found |= {f"{name} {what}": value for what, value in stopped(table, sure, settings=rule)._asdict().items()}
    return {f"{when}{name}": value for name, value in found.items()}


def ahead(one: str, other: str, *, by: float, unit: str, fit: tuple[Fit, ...]) -> Claim:
    """That a measure of the base's traces is above another by so much at least."""
    rule = {"arms": ("grpo",), "region": Above(), "margin": by, "unit": unit, "fit": fit}
    return Claim(contrast=lambda m: m["grpo"][f"base {one}"] - m["grpo"][f"base {other}"], **rule)


SOLVES = Fit("the base solves 10 to 70%", lambda m: m["grpo"]["base pass@1"], 0.10, 0.70)
VOTES = Fit("votes help", lambda m: m["grpo"]["base majority"] - m["grpo"]["base random tenth"], 0.01, 1.0)
ROOM = Fit("and leave room", lambda m: m["grpo"]["base majority"], 0.20, 0.95)
TELLS = Fit("confidence tells something", lambda m: m["grpo"]["base mean tells"], 0.55, 1.0)
LEARNS = Fit("GRPO learns", lambda m: m["grpo"]["pass@1"] - m["grpo"]["base pass@1"], 0.03, 1.0)
HOLDS = Fit("shuffled rewards undo little", lambda m: m["shuffled"]["pass@1"] - m["grpo"]["base pass@1"], -0.15, 0.03)
AUROC = {"by": 0.03, "unit": "AUROC within a question", "fit": (SOLVES,)}
FOUND = {"by": 0.02, "unit": "share of questions", "fit": (SOLVES, VOTES, ROOM, TELLS)}
FALLS = {"region": Below(), "margin": 0.03, "unit": "AUROC within a question", "fit": (LEARNS, TELLS)}
CLAIMS = {
    "weakest-stretch-tells-best": All(above_the_mean=ahead("bottom tells", "mean tells", **AUROC),
                                      above_the_length=ahead("bottom tells", "length tells", **AUROC)),
    "confident-votes-beat-majority": ahead("bottom tenth", "majority", **FOUND),
    "early-stop-saves-most-tokens": All(
        saves_most=Claim(arms=("grpo",), region=Above(), margin=0.1, unit="share of tokens above 0.4", fit=(ROOM,),
                         contrast=lambda m: m["grpo"]["base stop saved"] - 0.4),
        at_no_loss=Claim(arms=("grpo",), region=Above(), margin=0.02, unit="share above -0.04", fit=FOUND["fit"],
                         contrast=lambda m: m["grpo"]["base stop right"] - m["grpo"]["base majority"] + 0.04),
        beyond_consensus=ahead("stop saved", "consensus saved", by=0.05, unit="share of tokens", fit=(ROOM,)),
        above_a_stop_by_length=ahead("stop right", "length stop right", **FOUND),
        above_a_random_stop=ahead("stop right", "random stop right", **FOUND)),
    "rl-blunts-confidence": All(
        tells_less=Claim(arms=("grpo",), contrast=lambda m: m["grpo"]["tells more"], **FALLS),
        not_by_drift=Claim(arms=("grpo", "shuffled"), **FALLS | {"fit": (LEARNS, TELLS, HOLDS)},
                           contrast=lambda m: m["grpo"]["tells more"] - m["shuffled"]["tells more"]),
        wrong_traces_surer=Claim(arms=("grpo",), contrast=lambda m: m["grpo"]["wrong traces surer"], region=Above(),
                                 margin=0.25, unit="SD of the base's confidence", fit=(LEARNS,))),
}

main(__file__)
