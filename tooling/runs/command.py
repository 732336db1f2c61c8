"""`tooling repro`: says what a run costs, runs its cells, decides, writes the result and prints it."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from tooling.errors import INTERRUPTED, ToolingError, UsageError
from tooling.runs.cell import Cell
from tooling.runs.choice import Choice, choose, plan_text, script_slugs
from tooling.runs.cost import cost, words
from tooling.runs.device import core_count, gpu_names
from tooling.runs.duration import Budget, duration
from tooling.runs.execution import Account, Execution, say
from tooling.runs.plan import Plan, Request, make_plan
from tooling.runs.revalidation import revalidation
from tooling.runs.run import Forecast, Run, exploration, recording
from tooling.runs.script import Script, load_script
from tooling.runs.smoke import keep_quiet, keep_to_one_thread, smoke
from tooling.runs.table import columns

FAILED = 1
BROKEN_RULES = 5
UNRECORDED = ("smoke", "quick")


def run_repro(root: Path, slug: str | None, **options: Any) -> None:
    """Run the script of a work, or several, as asked (the options are the fields of `Request`).

    Results go to files and stdout. Exits with 1 when a cell failed, 5 when a smoke run finds something wrong, 130 when
    it was interrupted. A budget that ends is no failure: what is finished is written, and the rest is said.
    """
    request = Request(**options)
    budget = Budget(duration(request.budget) if request.budget is not None else None)
    _check(slug, request)
    keep_to_one_thread()
    keep_quiet()
    try:
        if slug is not None:
            _one(load_script(root, slug), request, budget=budget)
        elif request.scale == "smoke":
            _smoke_all(root, request, budget=budget)
        else:
            _several(root, request, budget=budget)
    except KeyboardInterrupt:
        kept = "what is finished is kept, and the same command goes on from there"
        say(f"interrupted; {'a smoke run keeps nothing' if request.scale == 'smoke' else kept}")
        sys.exit(INTERRUPTED)


def _check(slug: str | None, request: Request) -> None:
    """Refuse words that make no sense together."""
    chosen = [name for name, given in _choices(slug, request) if given]
    if len(chosen) != 1:
        given = f"{' and '.join(chosen)} are given" if chosen else "none is given"
        raise UsageError(f"{given}; give exactly one of `SLUG`, `--all`, `--missing`, `--stale`")
    if slug is None and request.claims:
        raise UsageError(f"`--claim` and `{request.several}` do not go together: a claim belongs to one script")
    if request.scale == "smoke" and (request.missing or request.stale):
        raise UsageError(f"`smoke` records nothing, so `{request.several}` chooses nothing; give `--scale mini`")
    if request.record and request.revalidate:
        raise UsageError("`--record` and `--revalidate` do not go together: one takes fresh seeds, the other old ones")
    if request.record or request.revalidate:
        _check_recording(request)


def _choices(slug: str | None, request: Request) -> list[tuple[str, bool]]:
    several = (("`--all`", request.everything), ("`--missing`", request.missing), ("`--stale`", request.stale))
    return [("`SLUG`", slug is not None), *several]


def _check_recording(request: Request) -> None:
    what, option = ("a recording", "--record") if request.record else ("a revalidation", "--revalidate")
    seeds = "has fresh seeds of its own" if request.record else "takes the first two recorded seeds"
    for name, given, why in (
        ("--seeds", request.seeds, f"{what} {seeds}"),
        ("--claim", request.claims, f"{what} covers every claim of the script"),
        ("--out", request.out, f"{what} is written to the script's `results` folder"),
    ):
        if given:
            raise UsageError(f"`{option}` and `{name}` do not go together: {why}")
    if request.scale in UNRECORDED:
        raise UsageError(f"`{request.scale}` decides nothing and is not recorded; record at `mini`, `gpu` or `paper`")


def _prepare(request: Request) -> Callable[[Script, Request], Run]:
    return recording if request.record else revalidation if request.revalidate else exploration


def _one(script: Script, request: Request, *, budget: Budget) -> None:
    if request.scale == "smoke":
        _smoke(make_plan(script, request), dry_run=request.dry_run)
        return
    run = _prepare(request)(script, request)
    jobs = request.jobs or _usual_jobs(request.scale)
    if not request.dry_run and (line := run.start()):
        say(line)
    _announce(run.plan, jobs=jobs)
    if request.dry_run:
        return
    logs = script.root / ".build" / "runs" / script.slug / "logs"
    execution = Execution([run], jobs=jobs, budget=budget, logs=logs)
    account = _carry_out(execution)
    if account.failed:
        _report_failures(account.failed)
        say(
            f"tooling: {_count(len(account.failed), 'cell')} failed (see above), so no result is written; "
            f"{execution.kept} of {execution.count} cells are kept: repair the script and start again"
        )
        sys.exit(FAILED)
    for problem in account.problems.values():
        raise problem
    for told in account.told.values():
        print(told.text)
    if account.out_of_time:
        say(_budget_line(execution))


def _several(root: Path, request: Request, *, budget: Budget) -> None:
    jobs = request.jobs or _usual_jobs(request.scale)
    choice = choose(root, request, prepare=_prepare(request), jobs=jobs, seconds=budget.left)
    text = plan_text(choice, scale=request.scale, jobs=jobs, budget=request.budget)
    if request.dry_run:
        print(text)
        _end(choice, Account())
    say(text)
    if not choice.runs:
        _end(choice, Account())
    for run in choice.runs:
        if line := run.start():
            say(line)
    execution = Execution(choice.runs, jobs=jobs, budget=budget, logs=root / ".build" / "runs" / "logs")
    account = _carry_out(execution)
    for told in account.told.values():
        print(told.text + "\n")
    _report_failures(account.failed)
    if account.out_of_time:
        say(_budget_line(execution))
    _say_unfinished(execution, account)
    _end(choice, account)


def _carry_out(execution: Execution) -> Account:
    try:
        return execution.carry_out()
    except KeyboardInterrupt:
        kept, left = execution.kept, execution.left
        say(f"interrupted: {kept} of {kept + left} cells are kept; the same command goes on with the other {left}")
        sys.exit(INTERRUPTED)


def _budget_line(execution: Execution) -> str:
    kept, left = execution.kept, execution.left
    return f"the budget is over: {kept} of {kept + left} cells are kept; the same command goes on with the other {left}"


def _say_unfinished(execution: Execution, account: Account) -> None:
    for slug, run in execution.runs.items():
        if slug not in account.told and slug not in account.problems:
            left = len(run.plan.unfinished())
            say(f"no result: {slug}: {len(run.plan.cells) - left} of {len(run.plan.cells)} cells are kept")


def _end(choice: Choice, account: Account) -> NoReturn:
    """Say what went wrong with whole scripts, and leave with the code that fits."""
    problems = [*choice.problems, *account.problems.values()]
    for text in dict.fromkeys(str(problem) for problem in problems):  # a dirty tree is one problem, not one per script
        say(f"tooling: {text}")
    if account.failed:
        sys.exit(FAILED)
    sys.exit(problems[0].exit_code if problems else 0)


def _smoke(plan: Plan, *, dry_run: bool = False) -> None:
    if dry_run:
        say(f"{plan.script.slug} at smoke: {_count(len(plan.arms), 'arm')}, the first one twice, some seconds")
    elif not _smoke_passes(plan):
        sys.exit(BROKEN_RULES)


def _smoke_passes(plan: Plan) -> bool:
    """Run each arm, print what it gave and what is wrong; whether nothing is."""
    found = smoke(plan)
    names = list(dict.fromkeys(name for cell in found.cells for name in cell.measures))
    rows = [("arm", "fingerprint", *names)]
    for cell in found.cells:
        values = [cell.measures.get(name) for name in names]
        rows.append(
            (cell.arm, cell.fingerprint[:12], *("none" if value is None else f"{value:.4g}" for value in values))
        )
    print("\n".join(columns(rows)))
    for failure in found.failures:
        say(f"tooling: {plan.script.name}: {failure}")
    if not found.failures:
        arms = _count(len(found.cells), "arm")
        print(f"smoke of {plan.script.slug}: {arms} run, and differ where they should, in {found.seconds:.0f} s")
    return not found.failures


def _smoke_all(root: Path, request: Request, *, budget: Budget) -> None:
    """The smoke run of every script, one after the other in this process; each says what is wrong with it."""
    slugs, wrong = script_slugs(root), []
    say(f"{_count(len(slugs), 'script')} at smoke: {', '.join(slugs)}")
    for number, slug in enumerate(() if request.dry_run else slugs):
        if budget.left <= 0:
            say(f"the budget is over; not run: {', '.join(slugs[number:])}")
            break
        try:
            passes = _smoke_passes(make_plan(load_script(root, slug), request))
        except ToolingError as error:
            say(f"tooling: {error}")
            passes = False
        wrong += [] if passes else [slug]
    if wrong:
        say(f"tooling: {_count(len(wrong), 'script')} of {len(slugs)} failed smoke (see above): {', '.join(wrong)}")
        sys.exit(BROKEN_RULES)


def _usual_jobs(scale: str) -> int:
    """One cell per core; one per GPU at scales that need one, since only the user knows how many fit."""
    return len(gpu_names()) if scale in ("gpu", "paper") and gpu_names() else core_count()


def _announce(plan: Plan, *, jobs: int) -> None:
    """Say what the run is going to cost, before it starts."""
    if not plan.cells:
        say(f"{plan.script.slug} at {plan.scale}: no cell has to run; cost: nothing")
        return
    forecast = Forecast(plan)
    todo, expectation = forecast.todo, forecast.expectation
    sizes = ((len(plan.rules), "claim"), (len(plan.arms), "arm"), (len(plan.cells), "cell"))
    kept = len(plan.cells) - len(todo)
    side = min(jobs, max(len(todo), 1))
    say(f"{plan.script.slug} at {plan.scale}: {', '.join(_count(*size) for size in sizes)} (arm and seed)")
    if not todo:
        say("  all of them are kept from before; cost: nothing more")
        return
    say(f"  {kept} kept from before, {len(todo)} to run, {side} side by side")
    if expectation.seconds is None:
        say("  cost: not known, this is the first run; it is reckoned from the first cells on")
    else:
        money = cost(expectation.seconds, scale=plan.scale, gpus=len(gpu_names()), jobs=side)
        clock = words(expectation.seconds / side)
        say(f"  cost: about {clock} ({expectation.source}) and {money.usd:.2g} USD, at {money.price}")


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _report_failures(failed: Sequence[tuple[Cell, str]]) -> None:
    for cell, error in failed:
        say(f"--- {cell.slug}: arm `{cell.arm}`, seed {cell.seed}\n{error.rstrip()}")
