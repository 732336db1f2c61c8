"""The smoke run: each arm once with few steps, in this process. Proof that a script runs and that its arms differ.

It never gives a verdict. Fingerprints are compared within one run and never stored: they differ between kinds of CPU.
"""

import logging
import os
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import combinations
from typing import NamedTuple

from tooling.errors import Invalid
from tooling.runs.assembly import evidence_of
from tooling.runs.card import claim_problems
from tooling.runs.cell import Cell, Finished, one_thread, run_cell
from tooling.runs.claim import AcrossSeeds, All, Rule
from tooling.runs.decision import Evidence, decide
from tooling.runs.device import ONE_THREAD
from tooling.runs.plan import Plan


class Smoke(NamedTuple):
    """The finished cell of each arm, what is wrong (one line each), and how long it took."""

    cells: tuple[Finished, ...]
    failures: tuple[str, ...]
    seconds: float


def keep_to_one_thread() -> None:
    """Keep this process to one thread; to be called before a script imports torch, and of use after it too."""
    os.environ.update(ONE_THREAD)
    one_thread()


def keep_quiet() -> None:
    """Keep transformers from talking between our lines, whether or not a script has imported it already.

    Left out are the bars of weight files and the warning that a trainer takes the tokenizer's special tokens, which
    each training of our bases would print.
    """
    logging.getLogger("transformers.trainer_utils").addFilter(_is_news)
    if found := sys.modules.get("transformers.utils.logging"):
        found.disable_progress_bar()


def _is_news(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("The tokenizer has new PAD/BOS/EOS tokens")


def smoke(plan: Plan) -> Smoke:
    """Run each arm of a plan once, the first one twice, and compare."""
    started = time.monotonic()
    seed = plan.cells[0].seed
    with _trained_anew():
        finished = {arm: _run(plan, arm, seed=seed) for arm in plan.arms}
        again = _run(plan, next(iter(plan.arms)), seed=seed, why=" again: does it end alike?")
    failures = [
        *claim_problems(plan.script),
        *_fingerprint_failures(finished, again, equal=plan.script.equal),
        *_spread_failures(finished),
        *_rule_failures(plan.rules, evidence_of(tuple(finished.values())), seed=seed),
    ]
    return Smoke(tuple(finished.values()), tuple(failures), time.monotonic() - started)


def _trained_anew() -> AbstractContextManager[None]:
    """Keep the cache of trainings out of it: an arm that is read back proves nothing about itself."""
    stages = sys.modules.get("tooling.train.stage")
    return stages.uncached() if stages else nullcontext()


def _run(plan: Plan, arm: str, *, seed: int, why: str = "") -> Finished:
    print(f"  {plan.script.slug}: smoke of the arm `{arm}`{why}", file=sys.stderr, flush=True)
    return run_cell(plan.script.measure, plan.arms[arm], cell=Cell(plan.scale, arm, seed, ""))


def _fingerprint_failures(
    finished: Mapping[str, Finished], again: Finished, *, equal: tuple[tuple[str, str], ...]
) -> list[str]:
    bare = [f"arm `{arm}` gives no fingerprint" for arm, cell in finished.items() if not cell.fingerprint]
    if bare:
        return bare
    failures = []
    if finished[again.arm].fingerprint != again.fingerprint:
        failures.append(f"arm `{again.arm}` run twice ends with two fingerprints: something in it is not seeded")
    pairs = {frozenset(pair) for pair in equal}
    for one, other in combinations(finished, 2):
        same = finished[one].fingerprint == finished[other].fingerprint
        if same and frozenset((one, other)) not in pairs:
            failures.append(f"arms `{one}` and `{other}` end with the same fingerprint: they do not differ in fact")
        if not same and frozenset((one, other)) in pairs:
            failures.append(f"arms `{one}` and `{other}` are in EQUAL but end with different fingerprints")
    return failures


def _spread_failures(finished: Mapping[str, Finished]) -> list[str]:
    failures = [f"arm `{arm}` diverged" for arm, cell in finished.items() if cell.diverged]
    return failures + [
        f"arm `{arm}`: no group has spread in reward, so that nothing is learned and different losses look the same"
        for arm, cell in finished.items()
        if cell.spread == 0
    ]


def _rule_failures(rules: Mapping[str, Rule], evidence: Evidence, *, seed: int) -> list[str]:
    """What is wrong with contrasts and bands on the measures of one seed; statistics over seeds are left out."""
    failures = []
    for key, rule in rules.items():
        for part in rule.parts.values() if isinstance(rule, All) else (rule,):
            try:
                if not isinstance(part, AcrossSeeds):
                    decide(part, evidence, seeds=(seed,))
            except Invalid as error:
                failures.append(f"claim `{key}`: {error}")
    return failures
