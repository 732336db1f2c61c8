"""Group relative policy optimization and its relatives: the settings, and the training itself."""

from dataclasses import dataclass

from tooling.models import Policy
from tooling.tasks import Task
from tooling.train.probing import Probing
from tooling.train.reward import Reward, correctness
from tooling.train.stage import stage
from tooling.train.trained import Probe, Trained

LOSSES = ("grpo", "dr_grpo", "bnpo", "dapo", "cispo", "sapo", "vespo", "rloo", "luspo")
UNCLIPPED = ("sapo", "vespo")  # soft weights in place of a clip


@dataclass(frozen=True)
class GRPO:
    """Every choice of a training by GRPO (DeepSeekMath, arXiv:2402.03300) or a relative. No library's default leaks in.

    `loss` says how the terms of tokens become one number, and which surrogate they are:

    - `grpo`: the mean over each completion's tokens, then over completions (arXiv:2402.03300, equation 3);
    - `dr_grpo`: the sum over all tokens by completions x `tokens`, a constant (arXiv:2503.20783);
    - `bnpo`, `dapo`: the mean over all tokens of the step (arXiv:2503.14476, equation 8);
    - `rloo`: the sum over each completion's tokens, then the mean over completions; on-policy, with
      `baseline="leave_one_out"` and `scale="none"`, the gradient of RLOO (arXiv:2402.14740);
    - `cispo`: as `dapo`, of log-probabilities weighted by the ratio, capped at 1 + `clip_high` and without gradient
      (MiniMax-M1, arXiv:2506.13585); it has no lower bound: `clip_low=None`;
    - `sapo`: as `grpo`, a sigmoid gate of temperature 1 (advantage above 0) or 1.05 in place of the clip
      (arXiv:2511.20347); `vespo`: as `dapo`, log-probabilities weighted by a gamma density of the completion's ratio
      (arXiv:2602.10693). Neither clips: `clip_low=None, clip_high=None`;
    - `luspo`: as `rloo`, with `ratio="sequence"` (arXiv:2602.05261).

    GSPO (arXiv:2507.18071) is `loss="grpo", ratio="sequence"` with its small clips; clip-higher (DAPO) is
    `clip_high=0.28`; overlong filtering (DAPO) is `truncated="masked"`.
    """

    steps: int  # optimizer steps, one batch of fresh rollouts each
    prompts: int = 8  # prompts per step
    completions: int = 8  # rollouts per prompt, the group G
    tokens: int = 48  # of a completion (of one turn, where there are several) at most, the end token included
    learning_rate: float = 3e-4  # peak; linear warm-up, then constant
    warmup: int = 5  # steps
    temperature: float = 1.0
    loss: str = "grpo"  # how token losses are averaged, see above
    scale: str = "group"  # divide advantages by the standard deviation of the group, of the batch, or by none
    clip_low: float | None = 0.2  # epsilon: the ratio has no effect below 1 - epsilon; None: no lower bound
    clip_high: float | None = 0.2  # epsilon of the upper side; None: no upper bound
    updates: int = 1  # gradient steps on the same rollouts (mu); 1 is on-policy
    max_grad_norm: float = 1.0
    weight_decay: float = 0.0
    baseline: str = "group"  # subtract the mean of the group, or "leave_one_out": of its other rollouts (RLOO)
    ratio: str = "token"  # importance ratio of each token, or "sequence": its geometric mean over the completion (GSPO)
    ratio_cap: float | None = None  # of the ratio where the advantage is negative: two-sided clip (arXiv:2505.07291)
    kl: float = 0.0  # beta, weight of the KL divergence from the start policy
    kl_estimator: str = "k3"  # equation 4 of GRPO, or "unbiased": k3 times the ratio (DeepSeek-V3.2, arXiv:2512.02556)
    entropy_bonus: float = 0.0  # weight of the mean entropy of the step's tokens
    entropy_share: float = 1.0  # only this share of tokens, of highest entropy, trains ("80/20", arXiv:2506.01939)
    turns: int = 1  # of the policy at most, with the environment's between them; above 1 the task needs a `reply`
    truncated: str = "kept"  # completions that did not end by themselves, or "masked": out of the loss (DAPO)
    off_policy_kl: float | None = None  # drop bad completions beyond this KL (arXiv:2512.02556, equation 9)
    micro_batch: int = 0  # completions per forward and backward pass, their gradients summed; 0: all at once
    precision: str = "float32"  # of the forward pass, or "bfloat16" on a GPU; weights and rollouts stay float32

    def __post_init__(self) -> None:
        """Raise `ValueError`, all problems at once, for settings that contradict or would be ignored."""
        problems = [text for holds, text in _problems(self) if holds]
        if problems:
            raise ValueError("; ".join(problems))


def _problems(settings: GRPO) -> list[tuple[bool, str]]:
    return [*_unknown(settings), *_ignored(settings), *_split(settings)]


def _unknown(settings: GRPO) -> list[tuple[bool, str]]:
    known = {
        "loss": LOSSES,
        "scale": ("group", "batch", "none"),
        "baseline": ("group", "leave_one_out"),
        "ratio": ("token", "sequence"),
        "kl_estimator": ("k3", "unbiased"),
        "truncated": ("kept", "masked"),
        "precision": ("float32", "bfloat16"),
    }
    values = {name: getattr(settings, name) for name in known}
    return [
        (values[name] not in words, f"`{name}` is `{values[name]}`; use one of {', '.join(words)}")
        for name, words in known.items()
    ]


def _ignored(settings: GRPO) -> list[tuple[bool, str]]:
    """Settings without effect beside others: a wrong arm would look like a right one."""
    loss, clips = settings.loss, (settings.clip_low, settings.clip_high)
    return [
        (loss == "cispo" and settings.clip_low is not None, "`cispo` has no lower bound; write `clip_low=None`"),
        (loss in UNCLIPPED and clips != (None, None), f"`{loss}` does not clip; write `clip_low=None, clip_high=None`"),
        (loss == "luspo" and settings.ratio != "sequence", '`luspo` is of sequences; write `ratio="sequence"`'),
        (loss == "vespo" and settings.ratio != "token", '`vespo` makes its own ratio; write `ratio="token"`'),
        (
            loss in ("cispo", *UNCLIPPED) and settings.ratio_cap is not None,
            f"`{loss}` has no second clip; leave `ratio_cap` away",
        ),
        (
            None not in (settings.ratio_cap, settings.clip_high) and settings.ratio_cap <= 1 + settings.clip_high,
            "`ratio_cap` is not above 1 + `clip_high`; it would cap good completions too",
        ),
        (
            settings.ratio_cap is not None and settings.clip_high is None,
            "`ratio_cap` without `clip_high` would cap good completions too; give both",
        ),
        (
            settings.baseline == "leave_one_out" and settings.scale != "none",
            '`baseline="leave_one_out"` is undone by a scale; write `scale="none"`',
        ),
        (settings.kl == 0 and settings.kl_estimator != "k3", "`kl_estimator` has no effect with `kl=0`; set `kl`"),
    ]


def _split(settings: GRPO) -> list[tuple[bool, str]]:
    """Micro-batches that would change what is computed."""
    size, batch = settings.micro_batch, settings.prompts * settings.completions
    local = {
        'loss="bnpo"': settings.loss == "bnpo",
        "entropy_bonus": settings.entropy_bonus != 0,
        "entropy_share": settings.entropy_share != 1,
    }
    split = 0 < size < batch
    return [
        (settings.completions < 2, f"`completions` is {settings.completions}; a group has at least 2"),
        (size < 0 or (size > 0 and batch % size != 0), f"`micro_batch` is {size}; it must divide the {batch} rollouts"),
        *(
            (split and used, f"`{name}` would be taken over each micro-batch alone; leave `micro_batch` away")
            for name, used in local.items()
        ),
    ]


def grpo(
    policy: Policy,
    task: Task,
    settings: GRPO,
    *,
    seed: int,
    reward: Reward = correctness,
    probe: Probe | None = None,
    every: int = 0,
) -> Trained:
    """A copy of `policy` trained on the task's `train` items; `seed` draws the items, the rollouts and the rewards.

    `probe(policy, step)` is called before the first step, after every `every` steps (0: never), and at the end, unless
    weights are not finite; the training is the same with it as without.
    """

    def make() -> Trained:
        from tooling.train.trl_adapter import train_grpo

        start = policy.copy()
        probing = Probing(start, probe, every=every)
        return train_grpo(start, task, settings=settings, seed=seed, reward=reward, probing=probing)

    inputs = {"task": task, "settings": settings, "seed": seed, "reward": reward, "probe": (probe, every)}
    return stage("grpo", policy, code=("tooling.train.trl_adapter",), inputs=inputs, make=make)
