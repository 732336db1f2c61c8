"""Multi-turn rollouts: the policy and the environment speak in turn, and a mask says whose each token is."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tooling.evals.sampler import Sampler, SampleSettings
from tooling.models import Policy
from tooling.tasks import Completion, Item, Task


class Turns(NamedTuple):
    """How many turns the policy has at most, and the policy whose tokenizer writes prompts and replies."""

    most: int
    policy: Policy


class Transcript(NamedTuple):
    """What was said after a prompt.

    - `prompt`: the prompt's token ids, with what the policy's prompts begin with;
    - `turns`: the text of each turn, the policy's first, then the environment's and the policy's in alternation;
    - `completion`: all turns as one: the joined text, all tokens (the end token of each turn of the policy included),
      and whether the policy ended its last turn by itself;
    - `mask`: one number per token of the completion: 1 the policy's, 0 the environment's.
    """

    prompt: tuple[int, ...]
    turns: tuple[str, ...]
    completion: Completion
    mask: tuple[int, ...]


def rollout(
    sampler: Sampler, task: Task, *, items: Sequence[Item], turns: Turns, settings: SampleSettings
) -> list[Transcript]:
    """One transcript for each item, in order; an item that comes twice gets two.

    The policy has up to `settings.tokens` tokens in each turn and ends the turn with its end token. Then the task's
    `reply(item, turns so far)` is the environment's turn; None ends the transcript, as does a turn that was cut off, or
    the policy's last one (which gets no reply). The same settings, policy and items give the same transcripts; the
    first turn is what the sampler gives for the prompts alone. Raises `ValueError` for less than one turn, or for more
    with a task without `reply`.
    """
    if turns.most > 1 and not hasattr(task, "reply"):
        raise ValueError(f"{type(task).__name__} has no `reply`; a rollout of several turns needs the environment's")
    if turns.most < 1:
        raise ValueError(f"{turns.most} turns; give at least 1")
    prompts = {item.prompt: tuple(turns.policy.encode(item.prompt)) for item in items}
    talks = [_Talk(item, prompts[item.prompt]) for item in items]
    for turn in range(turns.most):
        waiting = [talk for talk in talks if talk.open]
        if not waiting:
            break
        said = sampler([talk.prefix for talk in waiting], replace(settings, seed=_seed(settings.seed, turn)))
        for talk, completion in zip(waiting, said, strict=True):
            talk.say(completion)
            if turn + 1 < turns.most and talk.open:
                talk.hear(task.reply(talk.item, tuple(talk.turns)), turns.policy)
    return [talk.transcript for talk in talks]


@dataclass
class _Talk:
    """A transcript in the making."""

    item: Item
    prompt: tuple[int, ...]
    open: bool = True
    finished: bool = False

    def __post_init__(self) -> None:
        self.turns: list[str] = []
        self.tokens: list[int] = []
        self.mask: list[int] = []

    @property
    def prefix(self) -> tuple[int, ...]:
        return (*self.prompt, *self.tokens)

    @property
    def transcript(self) -> Transcript:
        completion = Completion("".join(self.turns), tuple(self.tokens), self.finished)
        return Transcript(self.prompt, tuple(self.turns), completion, tuple(self.mask))

    def say(self, completion: Completion) -> None:
        """Take the policy's turn."""
        self._add(completion.text, completion.tokens, own=1)
        self.open = self.finished = completion.finished

    def hear(self, reply: str | None, policy: Policy) -> None:
        """Take the environment's turn, if there is one."""
        if reply is None:
            self.open = False
        else:
            self._add(reply, policy.tokenizer(reply, add_special_tokens=False)["input_ids"], own=0)

    def _add(self, text: str, tokens: Sequence[int], *, own: int) -> None:
        self.turns.append(text)
        self.tokens += tokens
        self.mask += [own] * len(tokens)


def _seed(seed: int, turn: int) -> int:
    """The seed of a turn: the first has the settings' own, so that a single turn is plain sampling."""
    return random.Random(f"{seed} turn {turn}").getrandbits(31) if turn else seed
