"""Does thinking on behind the natural stopping point help, and does it have to be "Wait"?

Paper: s1 (arXiv 2501.19393): Qwen2.5-32B-Instruct, fine-tuned on 1,000 traces of 59,029, chosen for quality,
difficulty and diversity (2.2). Budget forcing raises AIME24 from 50.0 to 56.7, two of 30 problems (table 1; interval
not found); "Wait" twice gives 53.3, other strings or none 50.0 (table 4).

Idea: where the model would end its thinking, the end is suppressed and "Wait" appended, and it looks again.

Miniature: two-digit sums in columns. 20% of the traces look again, once or more, behind a WAIT (`!`): half confirm,
half correct; most mistakes stand. Each seed forks the base anew; arms of claim one share the first look.

Supports: two WAITs beat the natural stop, two pauses (`.`, known to mean nothing) and two resampled tails. 100 chosen
traces end no worse than the pool at equal steps, above 100 random ones. (Unfit unless checks that nobody forced pay.)

Contradicts: WAIT is flat, or any continuation does as well (arXiv 2507.14419: with "Wait" the model may oscillate, and
the slope comes from cutting short; arm `cut`). Random traces do as well, or the whole pool does better.

Not tested: asking for a length, o1-preview, looks that nobody planted, `no text` as a rival (it writes its own WAIT).

Differs: 0.2M parameters; 45% of the first looks carry a planted mistake; difficulty is one miss of the base,
domains are digits by carries, 13% of the pool break off in the middle (the paper's filter drops as many).
"""

from dataclasses import dataclass, replace

from tooling.evals import SampleSettings, transformers_sampler
from tooling.evals.budget import Forcing, Thinker, completions_hash, cut_short, forced, rung_measures, sampled_tokens
from tooling.models import Mixture, Policy, Recipe, load
from tooling.runs import Above, All, Claim, Fit, Measured, main
from tooling.tasks import Addition, Demonstration, Split, chosen, traces
from tooling.train import SFT, sft
from tooling.verify.scratchpad import looks_again


@dataclass(frozen=True)
class Config:
    """One arm: the base and what it has seen, the traces it is fine-tuned on, and what happens to its thinking."""

    task: Addition = Addition(digits=2, fewest=1)  # for training; tests are sums of the most digits only
    shape: tuple[int, int] = (64, 3)  # width and layers: 0.2M parameters; s1 has 32B
    pretraining_steps: int = 2000
    fork_steps: int = 100
    planted: float = 0.2  # share of all traces that look again
    again: str = "fix"  # what a fork's second looks do with a mistake: fix it, or confirm it
    forcing: Forcing = Forcing(4, append="!")  # s1: 2, 4 and 6 times (figure 4)
    limits: tuple[int, ...] = ()  # of thinking tokens, to cut at; s1: 512 to 8,192 (figure 1)
    selection: str = ""  # of the pool, to fine-tune on: chosen, random, full
    training: SFT = SFT(steps=32, batch=16)  # s1: five passes in batches of 16; here over the chosen traces
    chosen: int = 100  # of 59 times as many, as in s1
    broken: float = 0.13  # share of the pool that breaks off; s1 drops 59,029 - 51,581 (section 2.2)
    items: int = 500  # for the test, drawn anew by each seed
    samples: int = 2

    @property
    def styles(self) -> dict[str, float]:
        """The fork's mixture: 45% of the first looks are mistaken, whether or not there is a second."""
        half = self.planted / 2
        return {"direct": 0.05, "steps": 0.5 - half, "mistake": 0.45 - half, "check": half, self.again: half}

    @property
    def recipe(self) -> Recipe:
        """The base: a trunk of which half looks again, fixing mistakes, and the arm's fork of it."""
        taught = replace(self, again="fix", planted=0.5)  # so that a second look is worked as well as a first
        trunk, fork = (Mixture.of(self.task, **styles) for styles in (taught.styles, self.styles))
        shape = {"width": self.shape[0], "layers": self.shape[1], "steps": self.pretraining_steps}
        return Recipe(trunk, **shape, fork_steps=self.fork_steps, fork_mixture=fork, batch=32, context=512)

    @property
    def scope(self) -> str:
        """Where a verdict holds."""
        return f"{self.task.digits}-digit sums, bases {self.shape[0]} wide, planted checks, a fork per seed"


SIZES = {
    "smoke": Config(Addition(digits=1, fewest=1), (32, 2), pretraining_steps=500, fork_steps=20, items=8, chosen=4,
                    forcing=Forcing(2, append="!"), training=SFT(steps=6, batch=8, learning_rate=3e-3)),
    "mini": Config(),
    "gpu": Config(Addition(digits=5, fewest=1), (256, 6), chosen=1000, training=SFT(steps=320, batch=16), items=500),
}
SEEDS = {"smoke": 1, "mini": 12, "gpu": 5}
SECONDS = {"smoke": 1, "mini": 17}


def arms(config: Config) -> dict[str, Config]:
    """The arms by name; those of one claim differ from their neighbour in one thing."""
    natural = replace(config, forcing=Forcing(0))
    return {
        "wait": config,
        "pause": replace(config, forcing=replace(config.forcing, append=".")),
        "no text": replace(config, forcing=replace(config.forcing, append="")),
        "tail": replace(config, forcing=replace(config.forcing, append="", drop=0.5)),
        "confirming": replace(config, again="confirm"),
        "cut": replace(natural, limits=(8, 16, 24, 48)),
        "vote": replace(natural, samples=3),  # two WAITs spend the tokens of three samples
        **{kind: replace(natural, selection=kind) for kind in ("chosen", "random", "full")},
    }


def measure(arm: str, config: Config, seed: int) -> Measured:
    """Fine-tune the seed's base where the arm asks for it, then let it think as the arm says."""
    policy = load(config.recipe, seed=seed)
    if config.selection:
        policy = sft(policy, examples(policy, config, seed=seed), config.training, seed=seed).policy
    task = replace(config.task, fewest=config.task.digits)
    asked = {"items": task.items(Split.TEST, config.items, seed), "samples": config.samples}
    thinker = Thinker(transformers_sampler(policy), policy, SampleSettings(40 * task.digits, seed=seed))
    rungs = (cut_short(thinker, task, budgets=config.limits, **asked) if config.limits else
             forced(thinker, task, forcing=config.forcing, **asked))
    measures = rung_measures(rungs, checks=looks_again) | {"majority": rungs[0].table.majority(config.samples)}
    return Measured(measures=measures, fingerprint=completions_hash(rungs), tokens=sampled_tokens(rungs),
                    outcomes={f"rung {place}": rung.table.outcomes for place, rung in enumerate(rungs)})


def examples(policy: Policy, config: Config, *, seed: int) -> list[Demonstration]:
    """The demonstrations that the arm is fine-tuned on: the pool, or so many whole ones, at random or chosen."""
    pool = traces(config.task, config.styles, count=59 * config.chosen, seed=seed, broken=config.broken)
    if config.selection == "random":
        pool = [trace for trace in pool if trace.whole][: config.chosen]
    elif config.selection == "chosen":
        pool = pool[: 15 * config.chosen]
        done = transformers_sampler(policy)([trace.item.prompt for trace in pool], SampleSettings(120, seed=seed))
        solved = [config.task.grade(each, trace.item).correct for each, trace in zip(done, pool, strict=True)]
        pool = chosen(pool, solved, count=config.chosen, domain=config.task.domain, seed=seed)
    return [trace.demonstration for trace in pool]


SOLVES = Fit("the natural stop solves 10 to 60%", lambda m: m["wait"]["accuracy 0"], 0.10, 0.60)
LEARNT = Fit("unforced checks pay", lambda m: m["wait"]["right after a check"] - m["wait"]["accuracy 0"], 0.05, 1.0)


def ahead(one: str, other: str, *, rungs: tuple[int, int], fit: tuple[Fit, ...], spare: float = 0.0) -> Claim:
    """That an arm beats another, or falls short by at most `spare`; three points are one of the paper's 30 problems."""
    named, (high, low) = tuple(dict.fromkeys(("wait", one, other))), [f"accuracy {rung}" for rung in rungs]
    rule = {"region": Above(), "margin": 0.03, "unit": f"pass@1 above {-spare}" if spare else "pass@1", "fit": fit}
    return Claim(arms=named, contrast=lambda m: m[one][high] - m[other][low] + spare, **rule)


CLAIMS = {
    "forced-thinking-helps": All(
        beyond_the_stop=ahead("wait", "wait", rungs=(2, 0), fit=(SOLVES, LEARNT)),
        more_than_a_pause=ahead("wait", "pause", rungs=(2, 2), fit=(SOLVES, LEARNT)),
        more_than_a_resampled_tail=ahead("wait", "tail", rungs=(2, 2), fit=(SOLVES, LEARNT)),
    ),
    "chosen-thousand-is-enough": All(
        as_good_as_the_pool=ahead("chosen", "full", rungs=(0, 0), fit=(SOLVES,), spare=0.03),
        above_random=ahead("chosen", "random", rungs=(0, 0), fit=(SOLVES,)),
    ),
}

main(__file__)
