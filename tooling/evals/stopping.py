"""Stopping traces early, replayed on stored ones: the online mode of DeepConf (arXiv:2508.15260) and its rivals.

The first traces of a question, the warm-up, run to their end and set a threshold; each later trace runs until a rule
stops it, or to its end. Where nearly all that have ended agree, no further trace is begun.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tooling.evals.confidence import WINDOW, group_confidences
from tooling.evals.evaluation import Table
from tooling.evals.scoring import score
from tooling.models import Policy


class Trace(NamedTuple):
    """A stored trace: its vote (None: none), whether that is right, its length and its group confidences."""

    vote: Hashable | None
    correct: bool
    tokens: int
    groups: Sequence[float]  # by `group_confidences`, the first one complete behind `window` tokens


class Replay(NamedTuple):
    """What the replays of one question found, on average."""

    correct: float  # the chance that the vote is right
    tokens: float  # of all traces that were begun, the warm-up and the stopped ones among them
    voters: float  # traces that voted


class Spent(NamedTuple):
    """What stopping finds and spares over the questions of a table."""

    right: float  # share of questions whose vote is right
    saved: float  # share of the table's tokens


@dataclass(frozen=True)
class Stopping:
    """The settings of a replay. `rule(traces, settings, source=...)` says behind which token each trace is stopped."""

    rule: Callable[..., np.ndarray]
    keep: float = 0.1  # share of the warm-up that the threshold lets pass: DeepConf-low; DeepConf-high has 0.9
    warmup: int = 16  # traces that run to their end
    consensus: float = 0.95  # share of the weight that ends the question; above 1: all traces are begun
    weighted: bool = True  # by the lowest group confidence; else each vote weighs 1
    window: int = WINDOW  # tokens of a group


def by_confidence(traces: Sequence[Trace], settings: Stopping, *, source: np.random.Generator) -> np.ndarray:
    """Behind the first group whose confidence is below the warm-up's quantile 1 - keep of lowest ones; inf: never."""
    lowest = np.array([min(trace.groups) for trace in traces])
    bar = np.quantile(lowest[: settings.warmup], 1 - settings.keep)
    first = np.array([int(np.argmax(np.asarray(trace.groups) < bar)) for trace in traces])
    return np.where(lowest < bar, first + settings.window, np.inf)


def by_length(traces: Sequence[Trace], settings: Stopping, *, source: np.random.Generator) -> np.ndarray:
    """Behind the warm-up's quantile `keep` of lengths, where a trace is longer: a rival that reads no probability."""
    lengths = np.array([trace.tokens for trace in traces])
    bar = np.quantile(lengths[: settings.warmup], settings.keep)
    return np.where(lengths > bar, np.floor(bar) + 1, np.inf)


def at_random(traces: Sequence[Trace], settings: Stopping, *, source: np.random.Generator) -> np.ndarray:
    """As many as `by_confidence` stops and as far on their way, but which ones is dealt out anew."""
    lengths = np.array([trace.tokens for trace in traces])
    share = by_confidence(traces, settings, source=source) / lengths
    warm = settings.warmup
    dealt = np.concatenate([source.permutation(warm), warm + source.permutation(len(traces) - warm)])
    return np.ceil(share[dealt] * lengths)


def never(traces: Sequence[Trace], settings: Stopping, *, source: np.random.Generator) -> np.ndarray:
    """Nowhere: all traces run to their end, and only consensus saves tokens."""
    return np.full(len(traces), np.inf)


def confidences(policy: Policy, table: Table) -> list[list[list[float]]]:
    """The confidence of every token of a table's completions under the policy: (items, samples, tokens)."""
    done = [completion for row in table.completions for completion in row]
    prompts = [item.prompt for item, row in zip(table.items, table.completions, strict=True) for _ in row]
    found = iter(score(policy, prompts, done, want=("confidence",)).confidence)
    return [[next(found).tolist() for _ in row] for row in table.completions]


def stopped(table: Table, confidences: Sequence[Sequence[Sequence[float]]], *, settings: Stopping) -> Spent:
    """The replay of every question of a table, whose traces have these confidences of tokens: (items, samples, tokens).

    Tokens are saved against the whole table, every trace of which runs to its end.
    """
    found = []
    for place, (grades, done, sure) in enumerate(zip(table.grades, table.completions, confidences, strict=True)):
        groups = [group_confidences(each, window=settings.window) for each in sure]
        rows = zip(grades, done, groups, strict=True)
        traces = [Trace(grade.answer, grade.correct, len(one.tokens), group) for grade, one, group in rows]
        found.append(replay(traces, settings, seed=place))
    right = float(np.mean([each.correct for each in found]))
    return Spent(right, 1 - sum(each.tokens for each in found) / table.tokens)


def replay(traces: Sequence[Trace], settings: Stopping, *, orders: int = 8, seed: int = 0) -> Replay:
    """What a question costs and gives when its stored traces arrive in random orders and are stopped by the rule.

    Traces of the warm-up are charged in full; they count for the consensus, and vote in the end only where the rule
    would not have stopped them, as in the authors' script, which has no consensus. Raises `ValueError` where there are
    no more traces than the warm-up takes.
    """
    if not 0 < settings.warmup < len(traces):
        raise ValueError(f"{len(traces)} traces for a warm-up of {settings.warmup}: give more traces")
    source = np.random.default_rng(seed)
    shuffled = ([traces[place] for place in source.permutation(len(traces))] for _ in range(orders))
    found = [_once(each, settings, source) for each in shuffled]
    return Replay(*(float(value) for value in np.mean(found, axis=0)))


def _once(traces: Sequence[Trace], settings: Stopping, source: np.random.Generator) -> Replay:
    """The replay of one order."""
    stops = settings.rule(traces, settings, source=source)
    total: dict[Hashable, float] = {}
    begun = settings.warmup
    for trace in traces[:begun]:
        _add(total, trace, settings)
    while begun < len(traces) and not _agreed(total, settings.consensus):
        if np.isinf(stops[begun]):
            _add(total, traces[begun], settings)
        begun += 1
    spent = [min(stop, trace.tokens) for trace, stop in zip(traces[:begun], stops, strict=False)]
    spent[: settings.warmup] = [trace.tokens for trace in traces[: settings.warmup]]
    voters = [trace for trace, stop in zip(traces[:begun], stops, strict=False) if np.isinf(stop)]
    return Replay(_right(voters, settings), float(sum(spent)), len(voters))


def _weight(trace: Trace, settings: Stopping) -> float:
    return float(min(trace.groups)) if settings.weighted else 1.0


def _add(total: dict[Hashable, float], trace: Trace, settings: Stopping) -> None:
    """Count a trace's vote; one without an answer counts against every answer."""
    total[trace.vote] = total.get(trace.vote, 0.0) + _weight(trace, settings)


def _agreed(total: dict[Hashable, float], consensus: float) -> bool:
    most = max((weight for vote, weight in total.items() if vote is not None), default=0.0)
    return most >= consensus * sum(total.values())


def _right(voters: Sequence[Trace], settings: Stopping) -> float:
    """The chance that the heaviest answer is right, ties decided by a fair draw."""
    total: dict[Hashable, float] = {}
    for trace in voters:
        if trace.vote is not None:
            _add(total, trace, settings)
    most = max(total.values(), default=0.0)
    ahead = {vote for vote, weight in total.items() if weight >= most * (1 - 1e-9)}
    right = {trace.vote for trace in voters if trace.correct}
    return len(ahead & right) / len(ahead) if ahead else 0.0
