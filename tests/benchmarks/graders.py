"""Measure the graders: false accepts and rejects, other verifiers on the same cases, constant answers, throughput,
hangs.

`python tests/benchmarks/graders.py` prints throughput and the time of a batch with hangs (JSON in .build/bench), and
fails when one misses its bar; with `--write` it also runs everything else and writes site/graders.md (some minutes:
the other verifiers hang).
"""

import argparse
import hashlib
import json
import os
import platform
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from tests.verify import judge, rival  # noqa: E402
from tests.verify.attack import OPTIONS, Case, attacks  # noqa: E402
from tests.verify.constant import rows as constant_rows  # noqa: E402
from tests.verify.equivalent import answers  # noqa: E402
from tooling.tasks import Countdown, Split  # noqa: E402
from tooling.verify import Why, choice, countdown, grade_many, integer, layout, mathematics  # noqa: E402
from tooling.verify.mathematics import Question, decision  # noqa: E402
from tooling.verify.pool import SECONDS, shared_pool  # noqa: E402

PAGE = ROOT / "site" / "graders.md"
OUTPUT = ROOT / ".build" / "bench" / "graders.json"
MOST_HANG_SECONDS = 3.0
HANG = r"\sum_{k=1}^{1999} \sum_{j=1}^{1999} \frac{1}{k^{2}+\sin j}"
TOWER = r"\boxed{\dfrac{5^{(5^{(5^{(5^5)})}-4)}-5}{16}}"


class Speed(NamedTuple):
    """Gradings per second of processor time, the workers' included, with the bar where there is one."""

    name: str
    per_second: float
    bar: float | None = None


def cpu_seconds() -> float:
    """Processor seconds of this process and of the children that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def speed(name: str, grade: Callable[[], Any], count: int, *, bar: float | None = None) -> Speed:
    """The best of three tries."""
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        grade()
        best = max(best, count / (time.process_time() - start))
    return Speed(name, best, bar)


def speeds() -> list[Speed]:
    """The throughput of each grader that works by rules, then of mathematics."""
    task = Countdown()
    items = task.items(Split.TEST, 400, 0)
    attempts = [
        (task.demonstration(item, style, source=random.Random(1)).completion, *item.facts.values())
        for item in items
        for style in ("guess", "solve", "search", "loose")
    ]
    own = {name: [case.arguments for case in answers() if case.grader == name] for name in judge.GRADERS}
    return [
        speed("countdown", lambda: grade_many(countdown, attempts), len(attempts), bar=20_000),
        speed("integer", lambda: grade_many(integer, own["integer"]), len(own["integer"])),
        speed("choice", lambda: [choice(*each, options=OPTIONS) for each in own["choice"]], len(own["choice"])),
        speed("layout", lambda: grade_many(layout, own["layout"]), len(own["layout"])),
        *mathematics_speeds(),
    ]


def mixture(count: int) -> list[tuple[str, str]]:
    """Completions as rollouts have them: a paragraph of work, then an answer, one in two right, eight for each gold
    answer."""
    source = random.Random(7)
    cases = [case.arguments for case in answers() if case.grader == "mathematics" and case.family != "plain text"]
    wrong = [
        case.arguments[0]
        for case in attacks()
        if case.grader == "mathematics" and case.family in ("near", "other expression")
    ]
    work = "We rewrite $x^2+3x=10$ as $(x+5)(x-2)=0$, so that $x=2$ is the only root that fits. " * 8
    found = []
    for text, gold in source.sample(cases, count // 8):
        found += [(work + (text if source.random() < 0.5 else source.choice(wrong)), gold) for _ in range(8)]
    return found


def mathematics_speeds() -> list[Speed]:
    """Mathematics: plain numbers, which need no worker; a realistic mixture; and only answers that need a worker."""
    plain = [(rf"Some work. \boxed{{{n}}}", str(n + n % 2)) for n in range(4000)]
    mixed = mixture(2000)
    hard = [pair for pair in mixed if isinstance(decision(*pair), Question)]
    return [
        speed("mathematics, plain numbers (no worker)", lambda: grade_many(mathematics, plain), len(plain)),
        with_workers("mathematics, a mixture like that of rollouts", mixed, bar=200),
        with_workers(
            f"mathematics, the {100 * len(hard) // len(mixed)}% of the mixture that need a worker", hard, bar=200
        ),
    ]


def with_workers(name: str, pairs: Sequence[tuple[str, str]], *, bar: float) -> Speed:
    """Throughput with the processor time of nursery and workers, which is known once they have ended."""
    shared_pool().close()
    shared_pool.cache_clear()
    start = cpu_seconds()
    for _ in range(3):
        grade_many(mathematics, pairs)
    shared_pool().close()
    shared_pool.cache_clear()
    return Speed(name, 3 * len(pairs) / (cpu_seconds() - start), bar)


def hang_seconds() -> tuple[float, float]:
    """Seconds on the clock for 64 gradings of which two hang, and for the next thousand, with warm workers."""
    pairs = [(rf"\boxed{{\sqrt{{{n * n * 3}}}}}", rf"{n}\sqrt{{3}}") for n in range(2, 66)]
    pairs[8], pairs[39], pairs[0] = (
        (HANG, r"\sum_{k=1}^{n} k"),
        (HANG.replace("sum", "prod"), r"\prod_{k=1}^{n} k"),
        (TOWER, "7"),
    )
    grade_many(mathematics, [(r"\boxed{\sum_{k=1}^{3} k}", r"\sum_{k=1}^{n} k")] * 8)
    start = time.monotonic()
    grades = grade_many(mathematics, pairs)
    took = time.monotonic() - start
    if [grade.why for grade in grades].count(Why.TIMEOUT) != 2:
        raise RuntimeError("the batch with hangs did not hang as it should; look at `HANG`")
    start = time.monotonic()
    grade_many(mathematics, [(rf"\boxed{{\sqrt{{{n * n * 7}}}}}", rf"{n}\sqrt{{7}}") for n in range(2, 1002)])
    return took, time.monotonic() - start


def rival_outcomes(cases: Sequence[Case]) -> dict[str, list[str]]:
    """What the other verifiers say to each case; kept in .build/bench, since neither they nor old cases change."""
    kept = {}
    for name, accepts in rival.RIVALS.items():
        key = hashlib.sha256(repr((name, cases)).encode()).hexdigest()[:16]
        path = ROOT / ".build" / "bench" / f"rival-{key}.json"
        if not path.exists():
            print(f"{name}: {len(cases)} cases", flush=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(rival.outcomes(accepts, cases)))
        kept[name] = json.loads(path.read_text())
    return kept


def share(count: int, of: int) -> str:
    """`3 of 60 (5.0%)`."""
    return f"{count} of {of} ({100 * count / of:.1f}%)"


def page(measured: Sequence[Speed], hangs: tuple[float, float]) -> str:
    """The text of site/graders.md."""
    attacked, answered = attacks(), answers()
    bad, good = judge.graded(attacked), judge.graded(answered)
    lines = [*HEAD, "", "| grader | false accepts (attacks) | false rejects (right answers) |", "|---|---|---|"]
    for name in judge.GRADERS:
        accepted = [grade.correct for grader, _, grade in bad if grader == name]
        right = [grade.correct for grader, _, grade in good if grader == name]
        lines.append(f"| `{name}` | {sum(accepted)} of {len(accepted)} | {right.count(False)} of {len(right)} |")
    lines += ["", *_beside_others(*_mathematics(attacked, bad), accepting=True)]
    lines += ["", *_beside_others(*_mathematics(answered, good), accepting=False)]
    lines += ["", *CONSTANTS, *constant_rows(), "", *SPEEDS]
    lines += [
        f"| {each.name} | {each.per_second:,.0f} | {'' if each.bar is None else f'{each.bar:,.0f}'} |"
        for each in measured
    ]
    lines += ["", HANGS.format(*hangs, os.cpu_count(), os.getloadavg()[0], SECONDS)]
    return "\n".join(lines) + "\n"


def _mathematics(cases: Sequence[Case], grades: Sequence[Any]) -> tuple[list[Case], list[Any]]:
    own = [case for case in cases if case.grader == "mathematics"]
    return own, [each for each in grades if each[0] == "mathematics"]


def _beside_others(cases: Sequence[Case], own: Sequence[tuple[str, str, Any]], *, accepting: bool) -> list[str]:
    """One row per family of cases of mathematics: what each verifier gets wrong on the same cases."""
    grades = {case: grade.correct for case, (_, _, grade) in zip(cases, own, strict=True)}
    sample = rival.sample(cases)
    others = rival_outcomes(sample)
    wrong = {"here": [grades[case] == accepting for case in sample]}
    wrong |= {name: [(each == "accepts") == accepting for each in outcomes] for name, outcomes in others.items()}
    title = "Attacks on `mathematics` that earned a reward" if accepting else "Right answers that `mathematics` refused"
    lines = [f"## {title}", "", f"| family | cases | {' | '.join(wrong)} |", "|---|---|" + "---|" * len(wrong)]
    for family in dict.fromkeys(case.family for case in sample):
        places = [place for place, case in enumerate(sample) if case.family == family]
        cells = [str(sum(flags[place] for place in places)) for flags in wrong.values()]
        lines.append(f"| {family} | {len(places)} | {' | '.join(cells)} |")
    totals = " | ".join(share(sum(flags), len(flags)) for flags in wrong.values())
    stuck = ", ".join(f"{name} {outcomes.count('hangs')}" for name, outcomes in others.items())
    limit = f"Ended by a limit of {rival.SECONDS:g} s of processor time or of memory, and counted as refusals:"
    return [*lines, f"| **all** | {len(sample)} | {totals} |", "", f"{limit} {stuck}; here 0."]


HEAD = """# How good are the graders?

A verdict is as good as the grader under it. This page is written by `python tests/benchmarks/graders.py --write`.

Attacks are texts that must earn nothing: hedges, chains of equations, near misses, other units, towers of powers, code.
Right answers are gold answers in other words. Both are generated, family by family, from seeds; the tests grade all of
them again. The families were written together with the graders, so the rates say that known holes are closed, not that
there are no others. A family that is not here is welcome. The other verifiers (raw math-verify with its own settings,
and TRL's `accuracy_reward`) were given the first cases of each family.
""".splitlines()
CONSTANTS = """## What a constant answer earns

The best completion that ignores its prompt, found among fixed texts, prompts, the commonest solutions and their joins,
over test items; and the chance level of the task, below which it must stay.

| task | items | best constant | earns | chance level |
|---|---|---|---|---|""".splitlines()
SPEEDS = """## Throughput

Gradings per second of processor time on one core, the workers' start and work included.

| grader | per second | bar |
|---|---|---|""".splitlines()
HANGS = """A batch of 64 gradings of which two hang in a worker, with the tower that stops TRL's reward among the
others, took {:.1f} s on the clock; the next 1,000 took {:.1f} s. That was with two workers on {} cores at a load of
{:.0f}: a question may take {:g} s of processor time, which is more on the clock of a busy machine."""


def table(measured: Sequence[Speed], hangs: tuple[float, float]) -> Table:
    """The figures as a table."""
    made = Table("what", "measured", "unit", "bar", title=f"graders, Python {platform.python_version()}")
    made.add_row("64 gradings with two hangs", f"{hangs[0]:.2f}", "s by the clock", f"at most {MOST_HANG_SECONDS:g}")
    made.add_row("the next 1,000", f"{hangs[1]:.2f}", "s by the clock", "")
    for each in measured:
        bar = f"at least {each.bar:,.0f}" if each.bar else ""
        made.add_row(each.name, f"{each.per_second:,.0f}", "per CPU second", bar)
    return made


def over(measured: Sequence[Speed], hangs: tuple[float, float]) -> list[str]:
    """What misses its bar, one line each."""
    said = [
        f"{each.name}: {each.per_second:,.0f} per second, at least {each.bar:,.0f}"
        for each in measured
        if each.bar is not None and each.per_second < each.bar
    ]
    if hangs[0] > MOST_HANG_SECONDS:
        said.append(f"64 gradings with two hangs: {hangs[0]:.1f} s, at most {MOST_HANG_SECONDS:g}")
    return said


def main() -> int:
    """1 when a figure misses its bar, else 0; writes the table and the JSON file."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--write", action="store_true", help="write site/graders.md")
    wanted = reader.parse_args()
    hangs, measured = hang_seconds(), speeds()
    Console().print(table(measured, hangs))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    rows = [each._asdict() for each in measured]
    OUTPUT.write_text(json.dumps({"rows": rows, "hang_seconds": hangs, "cores": os.cpu_count()}, indent=2) + "\n")
    if wanted.write:
        PAGE.write_text(page(measured, hangs), encoding="utf-8")
        print(f"written to {PAGE.relative_to(ROOT)}")
    said = over(measured, hangs)
    for line in said:
        print(line)
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main())
