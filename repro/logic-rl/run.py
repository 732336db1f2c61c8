"""Does RL on a few logic puzzles teach a rule that carries over, or only the puzzles that were shown?

Paper: Logic-RL (arXiv:2502.14768): Qwen2.5-7B, REINFORCE++ with a KL term, under 5,000 generated puzzles of 3 to 7
people, who always tell the truth (knights) or always lie (knaves). We found its first pages, talks and summaries only.

Idea: fine-tuning on one's own right answers (RFT) can learn these by heart; RL is paid for any way to a right answer.
A rule shows on puzzles with a word changed, on larger ones, and perhaps in unlike tasks.

Miniature: a base of four families (puzzles, Countdown, sums, swaps) trains on 200 puzzles each of 3 and 4 people, or on
50, again and again. LiMem (arXiv:2410.23123): it solves a puzzle seen, and not the same with a word and answer changed.

Supports: where RFT solves as many of the few puzzles as GRPO, its LiMem is higher and it solves fewer new ones. GRPO
gains on 5 people and other families, above shuffled rewards and more pretraining; also at a price on length, and no
more with a bonus for length, or with 3 people first. Unfit unless GRPO on 200 learns to solve new ones.

Contradicts: RFT ends alike; nothing carries over; longer answers or the order of puzzles bring accuracy.

Not tested: RFT on fresh samples, language mixing, words of reflection, cold starts, PPO and REINFORCE++ beside GRPO.

Differs: 0.2M parameters; statements with "and" and "or" only; no KL term, no tags; two sizes; mathematics is sums.
"""

from dataclasses import dataclass, replace

import numpy as np

from tooling.evals import SampleSettings, evaluate, transformers_sampler
from tooling.models import OTHER_FAMILIES, PUZZLE, Policy, Recipe, fingerprint, four_families, load
from tooling.runs import Above, All, Below, Claim, Fit, Measured, main
from tooling.tasks import Handful, Split, changed_pairs, memorisation_score
from tooling.train import GRPO, SFT, Distillation, ExactLength, Reward, Trained, correctness, distill, grpo, shuffled
from tooling.train.reward import EfficientReasoning


@dataclass(frozen=True)
class Config:
    """One arm: the base, the puzzles, how it learns, and the test."""

    sizes: tuple[int, ...] = (3, 4)  # people in training puzzles (paper: 3 to 7); tests have one more, too (paper: 8)
    # 0.2M parameters; half of the base's data is puzzles, and 8% of these have 5 people
    recipe: Recipe = Recipe(four_families(), width=64, layers=3, context=128, steps=1600, fork_steps=100)
    puzzles: int = 200  # of each size, under two passes of RL; the paper has fewer than 5,000 in all
    few: int = 50  # of each size, to see again and again
    passes: int = 0  # over the puzzles of a size before those of the next; 0: mixed
    more: int = 0  # steps of pretraining in place of RL, with as many examples as there are rollouts
    rejection: Distillation | None = None  # RFT in place of RL
    training: GRPO = GRPO(steps=80, prompts=8, completions=8, tokens=32, learning_rate=3e-4)
    reward: Reward = correctness
    every: int = 40  # steps between tests
    items: int = 120  # of each test, drawn anew by each seed
    samples: int = 2
    scope = "knights and knaves of 3 and 4 people, a base of 0.2M parameters, a fork per seed"


SIZES = {
    "smoke": Config((2, 3), Recipe(four_families({2: 2.0, 3: 2.0}), width=32, layers=1, steps=200, fork_steps=3),
                    puzzles=6, few=4, training=GRPO(2, tokens=16, warmup=0), items=6, samples=1),
    "mini": Config(),
    "gpu": Config(recipe=replace(Config.recipe, width=256, layers=6), training=GRPO(300, tokens=32)),
}
SEEDS = {"smoke": 1, "mini": 8, "gpu": 5}
SECONDS = {"smoke": 2, "mini": 30}


def arms(config: Config) -> dict[str, Config]:
    """The arms by name; each differs from `grpo` in one thing, `rft` from `few`."""
    steps, tokens = config.training.steps, config.training.tokens
    few, rft = replace(config, puzzles=config.few), SFT(steps=5 * steps // 2, batch=32)
    return {
        "grpo": config,
        "few": few,
        "shuffled": replace(config, reward=shuffled),
        "pretraining": replace(config, more=steps),
        "rft": replace(few, rejection=Distillation(rft, items=100, samples=steps * 64 // 100, tokens=tokens)),
        "shorter": replace(config, reward=EfficientReasoning(0.2)),  # right answers lose up to 0.2 for length
        "longer": replace(config, reward=ExactLength(tokens // 2, weight=0.01)),  # up to 16; without end, all break off
        "easy first": replace(config, passes=1),
    }


def measure(arm: str, config: Config, seed: int) -> Measured:
    """Test the seed's base, let it learn, and test it again on the same items; some tests on the way too."""
    sizes = tuple(replace(PUZZLE, people=people) for people in (*config.sizes, config.sizes[-1] + 1))
    given = Handful(sizes[:-1], config.puzzles, seed, config.passes)
    seen, changed = zip(*changed_pairs(given, given.items(Split.TRAIN, 10**6, 0))[: config.items], strict=True)
    tests = {name: (task, task.items(Split.TEST, config.items, seed)) for name, task in
             {"new": given, "larger": sizes[-1], **OTHER_FAMILIES}.items()}
    tests |= {"seen": (given, seen), "changed": (given, changed)}
    base, later = (load(replace(config.recipe, fork_steps=config.recipe.fork_steps + more), seed=seed)
                   for more in (0, config.more))
    along = {"probe": lambda policy, _: shares(policy, tests, config=config, seed=seed), "every": config.every}
    if config.more:
        looks = [along["probe"](policy, step) | {"step": step} for step, policy in ((0, base), (config.more, later))]
        trained = Trained(later, {}, tokens=0, diverged=False, probes=tuple(looks))
    elif config.rejection:
        trained = distill(base, base, given, config.rejection, seed=seed, **along)
    else:
        trained = grpo(base, given, config.training, reward=config.reward, seed=seed, **along)
    first, *_, last = looks = trained.probes
    return Measured(measures={f"base {name}": value for name, value in first.items()} | dict(last)
        | {f"{name} at {place}": look[name] for place, look in enumerate(looks) for name in ("seen", "new", "LiMem")},
        curves={name: [look[name] for look in looks] for name in first}, tokens=trained.tokens,
        fingerprint=fingerprint(trained.policy.model), diverged=trained.diverged,
        spread=None if config.more or config.rejection else trained.spread)


def shares(policy: Policy, tests: dict, *, config: Config, seed: int) -> dict[str, float]:
    """pass@1 in each test, LiMem, and the tokens of a completion for a new puzzle."""
    settings = SampleSettings(config.training.tokens, seed=seed)
    tables = {name: evaluate(transformers_sampler(policy), task, items=items, samples=config.samples, settings=settings)
              for name, (task, items) in tests.items()}
    solved = [[one for row in tables[name].outcomes for one in row] for name in ("seen", "changed")]
    found = {name: table.pass_at(1) for name, table in tables.items()}
    return found | {"others": float(np.mean([found[name] for name in OTHER_FAMILIES])),
                    "length": tables["new"].mean_tokens, "LiMem": memorisation_score(*solved)}


def level(measures: dict, name: str) -> float:
    """What RFT has of a measure where it solves as many of the few puzzles as RL does at its end."""
    places = [key.removeprefix("seen") for key in measures["rft"] if key.startswith("seen at ")]
    seen, values = ([measures["rft"][each + place] for place in places] for each in ("seen", name))
    return float(np.interp(measures["few"]["seen"], np.maximum.accumulate(seen), values))


SOLVES = Fit("the base solves 10 to 60%", lambda m: m["grpo"]["base new"], 0.10, 0.60)
LEARNS = Fit("GRPO learns new puzzles", lambda m: m["grpo"]["new"] - m["grpo"]["base new"], 0.03, 1.0)
REACHES = Fit("RFT solves as many seen puzzles", lambda m: m["rft"]["seen"] - m["few"]["seen"], -0.02, 1.0)
SHORTER = Fit("the price shortens", lambda m: m["shorter"]["length"] - m["grpo"]["base length"], -32.0, -1.0)
LONGER = Fit("the bonus lengthens", lambda m: m["longer"]["length"] - m["grpo"]["length"], 1.0, 32.0)
MATCHED = {"arms": ("grpo", "few", "rft"), "region": Above(), "margin": 0.05, "fit": (SOLVES, LEARNS, REACHES)}
CONTROLS = ("shuffled", "pretraining")
CARRIED = {"arms": ("grpo", *CONTROLS), "region": Above(), "margin": 0.03, "unit": "pass@1", "fit": (SOLVES, LEARNS)}
LITTLE = {"region": Below(), "margin": 0.02, "unit": "pass@1 above 0.04"}
CLAIMS = {
    "rl-learns-rft-memorises": All(
        rft_memorises_more=Claim(contrast=lambda m: level(m, "LiMem") - m["few"]["LiMem"], unit="LiMem", **MATCHED),
        rl_solves_more_new=Claim(contrast=lambda m: m["few"]["new"] - level(m, "new"), unit="pass@1", **MATCHED)),
    "puzzles-carry-over-to-maths": All(
        larger=Claim(contrast=lambda m: min(m["grpo"]["larger"] - m[arm]["larger"] for arm in CONTROLS), **CARRIED),
        others=Claim(contrast=lambda m: min(m["grpo"]["others"] - m[arm]["others"] for arm in CONTROLS), **CARRIED)),
    "length-is-a-by-product": All(
        gains_shorter=Claim(contrast=lambda m: m["shorter"]["new"] - m["shorter"]["base new"], region=Above(),
                            margin=0.05, unit="pass@1", arms=("grpo", "shorter"), fit=(SOLVES, SHORTER)),
        not_better_longer=Claim(contrast=lambda m: m["longer"]["new"] - m["grpo"]["new"] - 0.04, **LITTLE,
                                arms=("grpo", "longer"), fit=(LEARNS, LONGER))),
    "curriculum-barely-helps": Claim(arms=("grpo", "easy first"), fit=(SOLVES, LEARNS), **LITTLE,
                                     contrast=lambda m: m["easy first"]["new"] - m["grpo"]["new"] - 0.04),
}

main(__file__)
