"""Does RL with verifiable rewards solve anything that its base could not, given enough samples?

Paper: Yue and others, arXiv:2504.13837: zero-RL models against their bases, pass@k at large k (section 3), the paths
(4.1), distillation (4.2), algorithms (4.3), steps (4.4), entropy (4.5). Votes: DeepSeekMath, arXiv:2402.03300, 5.2.2.

Idea: a policy gradient raises what was sampled and rewarded. If that is all, RL moves probability to paths that the
base has, so pass@1 rises, and away from problems that it rarely solves, so pass@k falls at large k.

Miniature: 3-number Countdown, half of it not solvable without `*`, which few of the base's demonstrations may use. All
solutions can be listed, so pass@k for any k and each path's chance in the base are exact.

Supports: pass@1 rises and pass@1024 falls; RL's right answers surprise the base no more than its own do, and under 5%
of them (2% of problems) are out of its reach; algorithms end level; distillation raises pass@1024; votes gain most.

Contradicts: the reverse. Unfit where rewards that are shuffled within each group narrow as much as GRPO does.

Not tested: PPO, REINFORCE++, ReMax (Dr. GRPO is RLOO here, on-policy, but for a constant); 3.2, 3.3; KL; SFT starts.

Differs: 0.2M parameters, not 7B; tests at temperature 1, not 0.6; learning rate 1e-4, not 1e-6; 16 prompts a step, not
256; DAPO samples no group again, and on-policy its higher clip does not act; we chose the base's breadth (pass@1 and
pass@1024 near 15% and 85%) and what the teacher knows; votes are on the value that a legal chain of steps reaches.
"""

from dataclasses import dataclass, replace

from tooling.evals import Exact, coverage, exact_chances, majority_at, pass_at
from tooling.models import Mixture, Recipe, fingerprint, load
from tooling.runs import Above, All, Below, Claim, Fit, Measured, Within, main
from tooling.tasks import Countdown, Item, Split
from tooling.tasks.countdown import chains
from tooling.train import GRPO, SFT, Distillation, Reward, correctness, distill, grpo, shuffled


@dataclass(frozen=True)
class Config:
    """One arm: the base, how it learns, and the test."""

    task: Countdown = Countdown()
    rare: float = 0.1  # share of the base's demonstrations that may use `*`
    shape: tuple[int, int] = (64, 3)  # width and layers: 0.2M parameters
    every: int = 100  # steps between tests; the paper looks at 150, 300 and 450 (4.4)
    training: GRPO = GRPO(steps=300, prompts=16, tokens=16, learning_rate=1e-4)  # groups of 8, no KL: section 4.3
    reward: Reward = correctness
    teacher_steps: int = 0  # of a fork on right solutions, to distil from in place of RL
    distillation: Distillation = Distillation(SFT(steps=120, batch=64), items=480, samples=16, tokens=16)
    items: int = 150  # for the test, drawn anew by each seed
    reach: float = 1 / 4096  # what the base does less often than this is out of its reach
    scope = "3-number countdown, a base that was taught few products, a fork per seed"

    @property
    def recipe(self) -> Recipe:
        """The base: half guesses, half solutions, most of them sums and differences."""
        parts = ((replace(self.task, operators="+-"), 1 - self.rare), (self.task, self.rare))
        mixture = Mixture(tuple((task, style, share / 2) for task, share in parts for style in ("guess", "solve")))
        return Recipe(mixture, *self.shape, heads=2, steps=1000, fork_steps=50)


SIZES = {
    "smoke": Config(Countdown(count=2, largest=20), 0.2, shape=(32, 1), every=2, items=10,
                    training=GRPO(4, warmup=0), distillation=Distillation(SFT(steps=2, warmup=0), items=16)),
    "mini": Config(),
    "gpu": Config(shape=(256, 6), training=GRPO(450, prompts=64, tokens=16, learning_rate=1e-4), every=150, items=300),
}
SEEDS = {"smoke": 1, "mini": 12, "gpu": 5}
SECONDS = {"smoke": 2, "mini": 60}


def arms(config: Config) -> dict[str, Config]:
    """The arms; `grpo` goes on for longer, the others differ in one thing from its first third."""
    first = replace(config.training, steps=config.every)
    return {
        "grpo": config,
        "dapo": replace(config, training=replace(first, loss="dapo", clip_high=0.28)),
        "rloo": replace(config, training=replace(first, loss="rloo", baseline="leave_one_out", scale="none")),
        "shuffled": replace(config, training=first, reward=shuffled),
        "distillation": replace(config, teacher_steps=5 * config.distillation.training.steps),
    }


def measure(arm: str, config: Config, seed: int) -> Measured:
    """Test the seed's base exactly, let it learn, and test it again on the same items; pass@k on the way too."""
    base, items = load(config.recipe, seed=seed), config.task.items(Split.TEST, config.items, seed)
    along = {"seed": seed, "every": config.every, "probe": lambda policy, _: coverage(policy, config.task, items=items)}
    teacher = replace(config.recipe, fork_steps=config.teacher_steps, fork_mixture=Mixture.of(config.task, solve=1))
    trained = (distill(base, load(teacher), config.task, config.distillation, **along) if config.teacher_steps else
               grpo(base, config.task, config.training, reward=config.reward, **along))
    listed = [[c.text for c in chains(tuple(sorted(item.facts["numbers"])), config.task.operators)] for item in items]
    test = {"items": items, "completions": listed, "temperatures": (1, 1.2, 1.4, 1.6, 1.8)}
    before, after = (exact_chances(policy, config.task, **test) for policy in (base, trained.policy))
    reached, early = [each[0].solved > config.reach for each in (before, after)], trained.probes[:2][-1]
    return Measured(
        measures={f"base {name}": value for name, value in figures(before, items).items()} | figures(after, items) | {
            "early pass@1": early["pass@1"], "early pass@1024": early["pass@1024"],
            "problems beyond": float((reached[1] & ~reached[0]).mean()),
            "paths beyond": after[0].beyond(before[0], reach=config.reach),
            "surprise": after[0].surprise(before[0]) - before[0].surprise(before[0])},
        curves={name: [found[name] for found in trained.probes] for name in trained.probes[0]},
        outcomes={"base": reached[0], "trained": reached[1]}, spread=None if config.teacher_steps else trained.spread,
        fingerprint=fingerprint(trained.policy.model), tokens=trained.tokens, diverged=trained.diverged)


def figures(warmer: list[Exact], items: list[Item]) -> dict[str, float]:
    """pass@k at temperature 1 and at the best temperature (section 4.5), maj@64 and the entropy of what is drawn."""
    votes = warmer[0].votes(lambda text: text.rpartition("=")[2])
    return {f"pass@{k}": pass_at(warmer[0].solved, k) for k in (1, 64, 1024, 65536)} | {
        "maj@64": majority_at(votes, [str(item.facts["target"]) for item in items], k=64),
        "best pass@1024": max(pass_at(each.solved, 1024) for each in warmer), "entropy": warmer[0].entropy}


def gain(measures: dict[str, float], name: str) -> float:
    """How much an arm has added to a measure of its base."""
    return measures[name] - measures[f"base {name}"]


SOLVES = Fit("the base solves 10 to 60%", lambda m: m["grpo"]["base pass@1"], 0.10, 0.60)
LEARNS = Fit("GRPO learns", lambda m: m["grpo"]["early pass@1"] - m["grpo"]["base pass@1"], 0.03, 1.0)
NO_SIGNAL = Fit("shuffled rewards teach nothing", lambda m: gain(m["shuffled"], "pass@1"), -0.30, 0.03)
QUIET = Fit("and narrow less", lambda m: m["shuffled"]["pass@1024"] - m["grpo"]["early pass@1024"], 0.0, 1.0)
NEW = Fit("what distillation adds is seen as new", lambda m: m["distillation"]["problems beyond"], 0.02, 1.0)
TEACHES = Fit("distillation raises pass@1", lambda m: gain(m["distillation"], "pass@1"), 0.05, 1.0)
SAME = {"region": Within(), "margin": 0.03, "unit": "pass@1", "fit": (LEARNS,)}
CLAIMS = {
    "pass-at-k-crosses": All(
        pass_at_1_rises=Claim(arms=("grpo", "shuffled"), region=Above(), margin=0.05, unit="pass@1",
                              fit=(SOLVES, NO_SIGNAL), contrast=lambda m: gain(m["grpo"], "pass@1")),
        pass_at_1024_falls=Claim(arms=("grpo", "shuffled"), region=Below(), margin=0.02, unit="pass@1024",
                                 fit=(SOLVES, QUIET), contrast=lambda m: gain(m["grpo"], "pass@1024"))),
    "rl-paths-lie-in-base": All(
        surprise=Claim(arms=("grpo", "distillation"), region=Below(), margin=0.1, unit="nats above 0.2",
                       fit=(LEARNS, NEW), contrast=lambda m: m["grpo"]["surprise"] - 0.2),
        paths=Claim(arms=("grpo",), region=Within(), margin=0.05, unit="share of right answers", fit=(LEARNS,),
                    contrast=lambda m: m["grpo"]["paths beyond"]),
        problems=Claim(arms=("grpo", "distillation"), contrast=lambda m: m["grpo"]["problems beyond"], region=Within(),
                       margin=0.02, unit="share of problems", fit=(LEARNS, NEW), item_error=lambda m: 1 / 150)),
    "algorithms-differ-little": All(
        dapo=Claim(arms=("grpo", "dapo"), contrast=lambda m: m["dapo"]["pass@1"] - m["grpo"]["early pass@1"], **SAME),
        rloo=Claim(arms=("grpo", "rloo"), contrast=lambda m: m["rloo"]["pass@1"] - m["grpo"]["early pass@1"], **SAME)),
    "distillation-extends-the-boundary": All(
        above_the_base=Claim(arms=("distillation",), region=Above(), margin=0.02, unit="pass@1024", fit=(TEACHES,),
                             contrast=lambda m: gain(m["distillation"], "pass@1024")),
        above_rl=Claim(arms=("distillation", "grpo"), region=Above(), margin=0.02, unit="pass@1024", fit=(TEACHES,),
                       contrast=lambda m: m["distillation"]["pass@1024"] - m["grpo"]["pass@1024"])),
    "grpo/rl-raises-votes-not-coverage": All(
        votes_rise=Claim(arms=("grpo",), contrast=lambda m: gain(m["grpo"], "maj@64"), region=Above(), margin=0.03,
                         unit="maj@64", fit=(SOLVES,)),
        coverage_hardly_rises=Claim(arms=("grpo",), region=Below(), margin=0.02, unit="pass@64 above 0.04",
                                    fit=(SOLVES,), contrast=lambda m: gain(m["grpo"], "pass@64") - 0.04)),
}

main(__file__)
