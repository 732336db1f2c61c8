"""`tooling repro`: says what a run costs, runs its cells, decides, writes the result and prints it."""

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from tooling.errors import UsageError
from tooling.runs.assembly import Occasion, assemble, gather, packed_outcomes
from tooling.runs.cell import Cell, earlier_seconds
from tooling.runs.cost import Expectation, cost, expected, words
from tooling.runs.device import core_count, gpu_names
from tooling.runs.git import head_commit
from tooling.runs.outcome import archive
from tooling.runs.plan import Plan, Request, make_plan
from tooling.runs.progress import Clock, progress
from tooling.runs.recording import begin, result_path
from tooling.runs.result import LARGEST_RECORDING_BYTES, Result, load_result, write_atomic, write_result
from tooling.runs.schedule import Reply, Worker, run_cells
from tooling.runs.script import Script, load_script
from tooling.runs.smoke import keep_to_one_thread, smoke
from tooling.runs.table import arm_table, columns, verdict_table

FAILED = 1
BROKEN_RULES = 5
INTERRUPTED = 130


def run_repro(root: Path, slug: str, **options: Any) -> None:
    """Run the script of a work as asked (the options are the fields of `Request`); results go to files and stdout.

    Exits with 1 when a cell failed, 5 when a smoke run finds something wrong, 130 when it was interrupted.
    """
    request = Request(**options)
    _check(request)
    keep_to_one_thread()
    try:
        script = load_script(root, slug)
        if request.scale == "smoke":
            _smoke(make_plan(script, request))
        elif request.record:
            _record(script, request)
        else:
            _explore(script, request)
    except KeyboardInterrupt:
        _say("interrupted; what is finished is kept, and the same command goes on from there")
        sys.exit(INTERRUPTED)


def _check(request: Request) -> None:
    """Refuse words that make no sense together."""
    if not request.record:
        return
    for name, given, why in (
        ("--seeds", request.seeds, "a recording has fresh seeds of its own"),
        ("--claim", request.claims, "a recording covers every claim of the script"),
        ("--out", request.out, "a recording is written to the script's `results` folder"),
    ):
        if given:
            raise UsageError(f"`--record` and `{name}` do not go together: {why}")
    if request.scale in ("smoke", "quick"):
        raise UsageError(f"`{request.scale}` decides nothing and is not recorded; record at `mini`, `gpu` or `paper`")


def _smoke(plan: Plan) -> None:
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
        _say(f"tooling: {plan.script.name}: {failure}")
    if found.failures:
        sys.exit(BROKEN_RULES)
    arms = _count(len(found.cells), "arm")
    print(f"smoke of {plan.script.slug}: {arms} run, and differ where they should, in {found.seconds:.0f} s")


def _explore(script: Script, request: Request) -> None:
    plan = make_plan(script, request)
    jobs = _run(plan, request)
    occasion = Occasion(started=_now(), jobs=jobs, commit=head_commit(script.root))
    scratch = script.root / ".build" / ("quick" if request.scale == "quick" else "runs")
    path = (request.out or scratch) / script.slug / f"{request.scale}.json"
    _write(plan, occasion, path=path, outcomes=path.with_name(f"{request.scale}-outcomes.npz"))
    if request.scale == "quick":
        print("This is a quick look at few seeds: it decides nothing.")
    else:
        print("This is not a recording: the recorded result, if any, stays as it is (`--record` makes one).")


def _record(script: Script, request: Request) -> None:
    recording = begin(
        script, request.scale, make=lambda first: make_plan(script, request, first_seed=first), now=_now()
    )
    number, first = recording.number, recording.plan.cells[0].seed
    _say(f"recording {number} of {script.slug} at {request.scale}, seeds from {first} on")
    occasion = Occasion(
        started=recording.started,
        jobs=_run(recording.plan, request),
        recording=number,
        commit=recording.commit,
        history=recording.history,
    )
    path = result_path(script.root, script.slug, scale=request.scale)
    _write(recording.plan, occasion, path=path, outcomes=path.with_name(f"{request.scale}-{number}-outcomes.npz"))
    print(f"Recording {number}. Commit it together with its outcomes.")


def _run(plan: Plan, request: Request) -> int:
    """Run what is not finished; the number of cells side by side. Exits with 1 when a cell fails."""
    todo = plan.unfinished()
    jobs = request.jobs or _usual_jobs(plan.scale)
    expectation = _expected(plan, todo)
    _announce(plan, todo, jobs=jobs, expectation=expectation)
    if not todo:
        return jobs
    logs = plan.script.root / ".build" / "runs" / plan.script.slug / "logs"
    numbers = range(min(jobs, len(todo)))
    workers = [Worker(plan.script.root, plan.script.slug, log=logs / f"worker-{number}.log") for number in numbers]
    shown = progress(Clock(len(todo), jobs=jobs, expected_seconds=expectation.seconds))
    failed: list[tuple[Cell, str]] = []

    def tell(cell: Cell, reply: Reply) -> None:
        shown.tell(cell, reply)
        if reply.error:
            failed.append((cell, reply.error))

    def tick() -> None:
        shown.tick([step for worker in workers if (step := worker.doing())])

    try:
        run_cells(workers, todo, tell=tell, tick=tick)
    except KeyboardInterrupt:
        shown.close()
        _interrupted(plan)
    shown.close()
    if failed:
        _report_failures(plan, failed)
    return jobs


def _usual_jobs(scale: str) -> int:
    """One cell per core; one per GPU at scales that need one, since only the user knows how many fit."""
    return len(gpu_names()) if scale in ("gpu", "paper") and gpu_names() else core_count()


def _expected(plan: Plan, todo: Sequence[Cell]) -> Expectation:
    script = plan.script
    path = result_path(script.root, script.slug, scale=plan.scale)
    recorded = load_result(path).arms if path.is_file() else {}
    means = {name: sum(arm.seconds.values()) / len(arm.seconds) for name, arm in recorded.items() if arm.seconds}
    earlier = earlier_seconds(script.root, script.slug, scale=plan.scale)
    return expected([cell.arm for cell in todo], earlier, recorded=means, hint=script.hint(plan.scale))


def _announce(plan: Plan, todo: Sequence[Cell], *, jobs: int, expectation: Expectation) -> None:
    """Say what the run is going to cost, before it starts."""
    sizes = ((len(plan.rules), "claim"), (len(plan.arms), "arm"), (len(plan.cells), "cell"))
    kept = len(plan.cells) - len(todo)
    side = min(jobs, max(len(todo), 1))
    _say(f"{plan.script.slug} at {plan.scale}: {', '.join(_count(*size) for size in sizes)} (arm and seed)")
    if not todo:
        _say("  all of them are kept from before; cost: nothing more")
        return
    _say(f"  {kept} kept from before, {len(todo)} to run, {side} side by side")
    if expectation.seconds is None:
        _say("  cost: not known, this is the first run; it is reckoned from the first cells on")
    else:
        money = cost(expectation.seconds, scale=plan.scale, gpus=len(gpu_names()), jobs=side)
        clock = words(expectation.seconds / side)
        _say(f"  cost: about {clock} ({expectation.source}) and {money.usd:.2g} USD, at {money.price}")


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _interrupted(plan: Plan) -> NoReturn:
    left = len(plan.unfinished())
    kept = len(plan.cells) - left
    _say(f"interrupted: {kept} of {len(plan.cells)} cells are kept; the same command goes on with the other {left}")
    sys.exit(INTERRUPTED)


def _report_failures(plan: Plan, failed: Sequence[tuple[Cell, str]]) -> NoReturn:
    for cell, error in failed:
        _say(f"--- {plan.script.slug}: arm `{cell.arm}`, seed {cell.seed}\n{error.rstrip()}")
    kept = len(plan.cells) - len(plan.unfinished())
    _say(
        f"tooling: {_count(len(failed), 'cell')} failed (see above), so no result is written; "
        f"{kept} of {len(plan.cells)} cells are kept: repair the script and start again"
    )
    sys.exit(FAILED)


def _write(plan: Plan, occasion: Occasion, *, path: Path, outcomes: Path) -> None:
    """Write the result and its outcomes, then print the tables."""
    cells = gather(plan)
    result = assemble(plan, cells, occasion=occasion)
    packed = packed_outcomes(cells)
    archived = archive(packed) if packed else b""
    if archived:
        write_atomic(outcomes, archived)
    write_result(path, result)
    _warn_of_size(path.stat().st_size + len(archived))
    _print(result, path)


def _warn_of_size(size: int) -> None:
    if size > LARGEST_RECORDING_BYTES:
        limit = LARGEST_RECORDING_BYTES // 1000
        _say(f"  the result takes {size // 1000} KB; a recording may take {limit} KB: return fewer outcomes or curves")


def _print(result: Result, path: Path) -> None:
    print(verdict_table(result) + "\n\n" + arm_table(result) + "\n")
    spent = f"{words(result.seconds)} of cells, {result.tokens} tokens, {result.cost_usd:.2g} USD at {result.price}"
    print(f"Cost: {spent}\nDevice: {result.device}\nWritten to {path}")


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
