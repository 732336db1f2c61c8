"""Which scripts `tooling repro --all`, `--missing` and `--stale` run, in which order, and what fits into a budget.

The order is this, and nothing else decides it:

1. scripts that have no verdict on a claim at the scale, then those whose result is stale, then those that are current;
2. scripts with a claim on which a miniature bears directly, before those that have analogues only;
3. the fewer seconds that are left to run per claim, the sooner; what has never been timed comes after what has;
4. the more claims, the sooner; then by the slug.

With a budget, the scripts that fit whole are taken in this order, and smaller ones further down still fit where larger
ones did not. With the time left over, those that have never been timed are begun, and then the first that did not fit;
the cells of what does not end are kept for next time. A recording is not begun in part, because its seeds would count
as started.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tooling.cards import Library
from tooling.cards.load import read_library
from tooling.errors import STACK, Invalid, NotFound, ToolingError
from tooling.runs.cost import words
from tooling.runs.plan import Request
from tooling.runs.recording import has_uncommitted_result, result_path
from tooling.runs.result import load_result
from tooling.runs.run import Forecast, Run
from tooling.runs.script import Script, load_script
from tooling.runs.staleness import Freshness, full_key
from tooling.runs.syntax import ScriptSource
from tooling.runs.table import columns

STATES = ("no verdict", "stale", "current")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A script with the run that was asked for, and what decides its place."""

    script: Script
    run: Run
    forecast: Forecast
    state: str
    direct: bool
    jobs: int

    @property
    def seconds(self) -> float | None:
        """The seconds by the clock that are left to run."""
        return self.forecast.seconds(self.jobs)

    @property
    def rank(self) -> tuple[object, ...]:
        """Its place in the order that the module states."""
        claims = len(self.run.plan.rules)
        known = self.seconds is not None
        per_claim = self.seconds / claims if self.seconds is not None else 0.0
        return STATES.index(self.state), not self.direct, not known, per_claim, -claims, self.script.slug


class Choice(NamedTuple):
    """The candidates to run in their order, those that may not end, and the scripts left out with the reason."""

    whole: tuple[Candidate, ...]
    begun: tuple[Candidate, ...]
    left_out: tuple[tuple[str, str], ...]
    problems: tuple[ToolingError, ...] = ()

    @property
    def runs(self) -> list[Run]:
        """The runs in their order."""
        return [each.run for each in (*self.whole, *self.begun)]


def script_slugs(root: Path) -> list[str]:
    """The slugs of all scripts; raises `NotFound` where there is none."""
    slugs = sorted(path.parent.name for path in root.glob("repro/*/run.py"))
    if not slugs:
        raise NotFound("no script `repro/*/run.py`; `tooling new-repro SLUG` starts one")
    return slugs


def choose(
    root: Path, request: Request, *, prepare: Callable[[Script, Request], Run], jobs: int, seconds: float
) -> Choice:
    """The scripts that a request chooses, in order; `seconds` is what the budget has left, infinite without one."""
    library, freshness = read_library(root / "papers").library, Freshness(root)
    found: list[Candidate] = []
    left_out: list[tuple[str, str]] = []
    problems: list[ToolingError] = []
    for slug in script_slugs(root):
        try:
            state = state_of(root, slug, scale=request.scale, freshness=freshness)
            if reason := _not_asked(root, slug, state=state, request=request):
                left_out.append((slug, reason))
                continue
            script = load_script(root, slug)
            if request.scale not in script.module.SIZES or request.scale not in script.module.SEEDS:
                left_out.append((slug, f"it has no size `{request.scale}`"))
                continue
            run = prepare(script, request)
            direct = any(_is_direct(library, key) for key in script.claims)
            forecast = Forecast(run.plan)
            found.append(Candidate(script=script, run=run, forecast=forecast, state=state, direct=direct, jobs=jobs))
        except ToolingError as error:
            problems.append(error)
        except ModuleNotFoundError as error:
            if error.name in STACK:
                raise
            problems.append(_unloadable(slug, error))
        except Exception as error:  # the script is somebody's code: one that fails at import costs itself alone
            problems.append(_unloadable(slug, error))
    may_begin = not (request.record or request.revalidate)
    chosen = fit(found, seconds=seconds, may_begin=may_begin)
    return chosen._replace(left_out=(*chosen.left_out, *left_out), problems=tuple(problems))


def state_of(root: Path, slug: str, *, scale: str, freshness: Freshness) -> str:
    """`no verdict` where a claim of the script has none recorded at the scale, else `stale` or `current`."""
    path = result_path(root, slug, scale=scale)
    if not path.is_file():
        return "no verdict"
    result = load_result(path)
    try:
        rules = ScriptSource(root / "repro" / slug / "run.py").entries("CLAIMS")
    except (SyntaxError, ValueError):
        rules = {}
    if any(full_key(slug, key) not in result.claims for key in rules):
        return "no verdict"
    return "stale" if freshness.stale_reasons(result) else "current"


def _unloadable(slug: str, error: Exception) -> Invalid:
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return Invalid(f"repro/{slug}/run.py cannot be loaded ({reason}); repair it")


def _not_asked(root: Path, slug: str, *, state: str, request: Request) -> str | None:
    """Why a script is not among those that were asked for, None where it is."""
    if request.missing and state != "no verdict":
        return "every claim has a verdict"
    if request.stale and state != "stale":
        return "it has no recorded result" if state == "no verdict" else "its result is current"
    if (request.record or request.revalidate) and has_uncommitted_result(root, slug):
        return "its result differs from the commit; commit it first"
    if request.revalidate and not result_path(root, slug, scale=request.scale).is_file():
        return "it has no recorded result"
    return None


def _is_direct(library: Library, key: str) -> bool:
    try:
        return library.claim(key).bearing.kind == "direct"
    except KeyError:
        return False


def fit(found: Sequence[Candidate], *, seconds: float, may_begin: bool) -> Choice:
    """Of the candidates, those that fit into the seconds, in order; `may_begin` lets one start that does not fit."""
    whole, unknown, over = [], [], []
    spent = 0.0
    for each in sorted(found, key=lambda each: each.rank):
        if each.seconds is None:
            unknown.append(each)
        elif spent + each.seconds <= seconds:
            spent += each.seconds
            whole.append(each)
        else:
            over.append(each)
    begun: list[Candidate] = []
    if seconds == float("inf"):
        whole, unknown = sorted([*whole, *unknown], key=lambda each: each.rank), []
    elif may_begin:
        begun = [*unknown, *over[:1]]
    rest = [each for each in (*unknown, *over) if each not in begun]
    return Choice(tuple(whole), tuple(begun), tuple((each.script.slug, _does_not_fit(each)) for each in rest))


def _does_not_fit(each: Candidate) -> str:
    if each.seconds is None:
        return "it has never been timed; run it alone"
    return f"its {words(each.seconds)} do not fit"


def plan_text(choice: Choice, *, scale: str, jobs: int, budget: str | None) -> str:
    """The plan as a table, with what is left out below it."""
    chosen = [*choice.whole, *choice.begun]
    known = sum(each.seconds or 0.0 for each in chosen)
    limit = f" of {budget}" if budget else ""
    unknown = any(each.seconds is None for each in chosen)
    cost = f"{'at least' if unknown else 'about'} {words(known)}{limit}"
    head = f"{len(chosen)} of {len(chosen) + len(choice.left_out)} scripts at {scale}, {jobs} side by side, {cost}"
    rows = [("script", "now", "bearing", "claims", "cells", "to run", "time", "rests on")]
    rows += [_row(each, begun=each in choice.begun) for each in chosen]
    lines = [head, *(f"  {line}" for line in columns(rows))] if chosen else [head]
    return "\n".join([*lines, *(f"  left out: {slug}: {reason}" for slug, reason in choice.left_out)])


def _row(each: Candidate, *, begun: bool) -> tuple[str, ...]:
    plan, seconds = each.run.plan, each.seconds
    time = "not known" if seconds is None else words(seconds)
    return (
        each.script.slug,
        each.state,
        "direct" if each.direct else "analogue",
        str(len(plan.rules)),
        str(len(plan.cells)),
        str(len(each.forecast.todo)),
        f"{time}, may not end" if begun else time,
        each.forecast.expectation.source,
    )
