"""Budget forcing: thinking that would end is made to go on, and thinking that would go on is cut.

Source: s1 (arXiv:2501.19393, section 3.1). To enforce a minimum, the end of thinking is suppressed and a text such as
"Wait" appended; to enforce a maximum, the end of thinking is appended where the budget ends.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import NamedTuple

from tooling.evals.evaluation import Table
from tooling.evals.sampler import Sampler, SampleSettings, encoded, single_tokens
from tooling.models import Policy
from tooling.tasks import Completion, Item, Task

SEED_STRIDE = 7919  # between the seeds of one call of the sampler and the next, so that they are drawn apart
THINK, ESCAPE, ANSWER = range(3)  # the calls of one stage


@dataclass(frozen=True)
class Forcing:
    """What happens each time that thinking would end. s1's own: the end is suppressed and `Wait` is appended."""

    times: int  # how often thinking is made to go on; s1: 2, 4 and 6 (figure 4), 2 in its table of texts (table 4)
    append: str = ""  # single tokens; with none, the ends are suppressed for one token and the model chooses another
    drop: float = 0.0  # share of the thinking, from its tail, that is taken back and sampled anew instead

    def __post_init__(self) -> None:
        """Raise `ValueError` for a forcing that makes no sense."""
        if self.times < 0 or not 0 <= self.drop <= 1 or (self.append and self.drop):
            raise ValueError(f"{self}: `times` from 0 on, `drop` from 0 to 1, and not both `append` and `drop`")


class Thought(NamedTuple):
    """The thinking of one sample: ids of the prompt and of the thinking, whether it would end here, tokens sampled."""

    prompt: tuple[int, ...]
    thinking: tuple[int, ...]  # without the end of thinking
    ended: bool  # False: it reached the limit of one stretch
    spent: int  # thinking tokens sampled so far, with those that were taken back


class Rung(NamedTuple):
    """The graded completions at one budget, and the thinking tokens that each sample spent: (items, samples).

    `answers` is the number of tokens sampled behind the end of thinking.
    """

    table: Table
    spent: Sequence[Sequence[int]]
    answers: int

    @property
    def accuracy(self) -> float:
        """The share of correct samples."""
        return self.table.pass_at(1)

    @property
    def tokens(self) -> float:
        """The mean number of thinking tokens spent per sample."""
        return fmean(tokens for row in self.spent for tokens in row)

    def accuracy_where(self, holds: Callable[[str], bool]) -> float:
        """The share of correct samples among those whose text has a property; 0 where none has it."""
        texts = (holds(done.text) for row in self.table.completions for done in row)
        rights = (right for row in self.table.outcomes for right in row)
        found = [right for held, right in zip(texts, rights, strict=True) if held]
        return fmean(found) if found else 0.0

    def within(self, budget: int) -> float:
        """The share of samples that spent at most `budget` thinking tokens (s1's control, equation 1)."""
        return fmean(tokens <= budget for row in self.spent for tokens in row)


class Flips(NamedTuple):
    """The shares of all samples that went from wrong to right, and from right to wrong."""

    fixed: float
    broken: float


def flips(before: Rung, after: Rung) -> Flips:
    """How the same samples changed from one budget to the next.

    The gain in accuracy is `fixed - broken`: 40% correct, 9% fixed and 2% broken give 47%.
    """
    pairs = [
        (was, now)
        for left, right in zip(before.table.outcomes, after.table.outcomes, strict=True)
        for was, now in zip(left, right, strict=True)
    ]
    return Flips(fmean(now and not was for was, now in pairs), fmean(was and not now for was, now in pairs))


@dataclass(frozen=True)
class Thinker:
    """A sampler whose completions are thinking, an end of thinking (a single token) and an answer."""

    sampler: Sampler
    policy: Policy  # its tokenizer reads and writes the prefixes
    settings: SampleSettings  # `tokens`: of one stretch of thinking at most, its end included
    end: str = ">"
    answer_tokens: int = 16  # at most, the end token included

    def think(self, prompts: Sequence[str]) -> list[Thought]:
        """The thinking for each prompt, until it ends by itself or reaches the limit."""
        start = [Thought(tuple(encoded(self.policy, prompt)), (), False, 0) for prompt in prompts]
        return self._stretch(start, stage=0)

    def go_on(self, thoughts: Sequence[Thought], forcing: Forcing, *, stage: int) -> list[Thought]:
        """The thoughts after one more stretch, where they had ended; one that reached its limit stays as it is.

        `stage` is the number of stretches so far, which sets the seed.
        """
        places = [place for place, thought in enumerate(thoughts) if thought.ended]
        longer = [self._opened(thoughts[place], forcing) for place in places]
        if not forcing.append and not forcing.drop:
            longer = self._stretch(longer, stage=stage, suppress=True)
        found = list(thoughts)
        for place, thought in zip(places, self._stretch(longer, stage=stage), strict=True):
            found[place] = thought
        return found

    def answer(self, thoughts: Sequence[Thought], *, stage: int) -> list[Completion]:
        """The whole completions: the thinking as it stands, the end of thinking, and the answer sampled behind it."""
        (end,) = single_tokens(self.policy.tokenizer, (self.end,))
        settings = replace(self._seeded(stage, ANSWER), tokens=self.answer_tokens)
        answers = self.sampler([(*each.prompt, *each.thinking, end) for each in thoughts], settings)
        return [self._whole((*each.thinking, end), given) for each, given in zip(thoughts, answers, strict=True)]

    def _opened(self, thought: Thought, forcing: Forcing) -> Thought:
        """The thought with its tail taken back, or with the text appended; appended tokens count as spent."""
        kept = thought.thinking[: round(len(thought.thinking) * (1 - forcing.drop))]
        added = single_tokens(self.policy.tokenizer, tuple(forcing.append))
        return Thought(thought.prompt, (*kept, *added), False, thought.spent + len(added))

    def _stretch(self, thoughts: Sequence[Thought], *, stage: int, suppress: bool = False) -> list[Thought]:
        """The thoughts, sampled on until they end; with `suppress` by one token that is no end."""
        ends = single_tokens(self.policy.tokenizer, (self.end, self.policy.tokenizer.eos_token))
        settings = replace(self._seeded(stage, THINK), stop=(self.end,))
        if suppress:
            suppressed = (self.end, self.policy.tokenizer.eos_token)
            settings = replace(self._seeded(stage, ESCAPE), tokens=1, suppressed=suppressed)
        sampled = self.sampler([(*thought.prompt, *thought.thinking) for thought in thoughts], settings)
        found = []
        for thought, more in zip(thoughts, sampled, strict=True):
            ended = bool(more.tokens) and more.tokens[-1] in ends
            added = tuple(more.tokens[:-1] if ended else more.tokens)
            found.append(Thought(thought.prompt, (*thought.thinking, *added), ended, thought.spent + len(added)))
        return found

    def _seeded(self, stage: int, call: int) -> SampleSettings:
        return replace(self.settings, seed=self.settings.seed + SEED_STRIDE * (3 * stage + call))

    def _whole(self, opening: tuple[int, ...], answer: Completion) -> Completion:
        tokens = (*opening, *answer.tokens)
        text = self.policy.tokenizer.decode(tokens, skip_special_tokens=True)
        return Completion(text, tokens, answer.finished)


def forced(thinker: Thinker, task: Task, *, items: Sequence[Item], samples: int, forcing: Forcing) -> list[Rung]:
    """The rungs at 0, 1, ..., `forcing.times` forced continuations of the same samples.

    Rung 0 is the natural stopping point; it does not depend on the forcing, so that arms with one seed share it.
    """
    thoughts = thinker.think([item.prompt for item in items for _ in range(samples)])
    rungs = [_rung(thinker, task, items=items, thoughts=thoughts, stage=0)]
    for stage in range(1, forcing.times + 1):
        thoughts = thinker.go_on(thoughts, forcing, stage=stage)
        rungs.append(_rung(thinker, task, items=items, thoughts=thoughts, stage=stage))
    return rungs


def cut_short(
    thinker: Thinker, task: Task, *, items: Sequence[Item], samples: int, budgets: Sequence[int]
) -> list[Rung]:
    """One rung per budget: the same thinking, cut to that many tokens where it is longer.

    No rung spends more than its budget, and the answer is sampled with the same seed at each.
    """
    thoughts = thinker.think([item.prompt for item in items for _ in range(samples)])
    rungs = []
    for budget in budgets:
        short = [t._replace(thinking=t.thinking[:budget], spent=min(t.spent, budget)) for t in thoughts]
        rungs.append(_rung(thinker, task, items=items, thoughts=short, stage=0))
    return rungs


def rung_measures(rungs: Sequence[Rung], *, checks: Callable[[str], bool]) -> dict[str, float]:
    """For each rung k its `accuracy k`, `tokens k` (thinking, per sample), and what it `fixed k` and `broke k`.

    The flips are shares of all samples, counted from rung 0. Of rung 0 also the share of samples that check themselves,
    by the text that `checks` gets, and the accuracy of these: `checks` and `right after a check`.
    """
    first = rungs[0]
    found = {"checks": first.table.share(checks), "right after a check": first.accuracy_where(checks)}
    for place, rung in enumerate(rungs):
        changed = flips(first, rung)
        found |= {f"accuracy {place}": rung.accuracy, f"tokens {place}": rung.tokens}
        found |= {f"fixed {place}": changed.fixed, f"broke {place}": changed.broken}
    return found


def sampled_tokens(rungs: Sequence[Rung]) -> int:
    """The tokens spent on rungs that share their thinking: that of the rung with most, and all answers."""
    return max(sum(map(sum, rung.spent)) for rung in rungs) + sum(rung.answers for rung in rungs)


def completions_hash(rungs: Sequence[Rung]) -> str:
    """A hash of all sampled tokens, 16 hex digits: the fingerprint of a cell in which nothing is trained."""
    digest = hashlib.sha256()
    for rung in rungs:
        digest.update(repr([[done.tokens for done in row] for row in rung.table.completions]).encode())
    return digest.hexdigest()[:16]


def _rung(thinker: Thinker, task: Task, *, items: Sequence[Item], thoughts: Sequence[Thought], stage: int) -> Rung:
    flat = thinker.answer(thoughts, stage=stage)
    samples = len(flat) // len(items)
    rows = [flat[start : start + samples] for start in range(0, len(flat), samples)]
    grades = [[task.grade(done, item) for done in row] for item, row in zip(items, rows, strict=True)]
    spent = [thought.spent for thought in thoughts]
    answers = sum(len(done.tokens) - len(thought.thinking) - 1 for done, thought in zip(flat, thoughts, strict=True))
    by_item = [spent[start : start + samples] for start in range(0, len(spent), samples)]
    return Rung(Table(items, rows, grades), by_item, answers)
