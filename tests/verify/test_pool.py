"""A question that hangs costs its own time; no worker outlives its caller."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tooling.verify import Why, grade_many, mathematics
from tooling.verify.pool import Ended, Pool, shared_pool

ROOT = Path(__file__).parents[2]
# hangs math-verify, TRL's reward too: the grader's limits refuse it, so here it is put to a worker directly
TOWER = r"\gcd(4,6)\dfrac{5^{(5^{(5^{(5^5)})}-4)}-5}{16}"
# four million terms, and nothing that looks large: where the gold answer is a sum this gets past the limits
SUM = r"\sum_{k=1}^{1999} \sum_{j=1}^{1999} \frac{1}{k^{2}+\sin j}"
EASY = {"answer": r"\sqrt{12}", "gold": r"2\sqrt{3}"}
BAR_SECONDS = 3.0


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """A pool of two workers with its own nursery, warm and with sympy; whoever breaks it leaves it to recover."""
    made = Pool(2)
    made.replies([{"answer": r"\gcd(4,6)", "gold": "2"}] * 4)
    yield made
    made.close()


def children(process: int) -> set[int]:
    """The processes below one, of any depth."""
    found: set[int] = set()
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found |= {child} | children(child) if Path(f"/proc/{child}").exists() else {child}
    return found


def gone(processes: set[int], *, seconds: float = 10.0) -> bool:
    """Whether all processes end within some seconds; a zombie has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(_alive(each) for each in processes):
            return True
        time.sleep(0.02)
    return False


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def sixty_four_with_two_hangs() -> list[tuple[str, str]]:
    """64 pairs of a text and a gold answer; two hang in a worker, and the first would without the limits."""
    pairs = [(rf"\boxed{{\sqrt{{{n * n * 3}}}}}", rf"{n}\sqrt{{3}}") for n in range(2, 66)]
    pairs[8] = (rf"\boxed{{{SUM}}}", r"\sum_{k=1}^{n} k")
    pairs[39] = (SUM.replace("sum", "prod"), r"\prod_{k=1}^{n} k")
    pairs[0] = (r"\boxed{\dfrac{5^{(5^{(5^{(5^5)})}-4)}-5}{16}}", "7")
    return pairs


def slowdown() -> float:
    """Seconds on the clock for a second of this process's work: 1 on a machine that does nothing else."""
    clock, processor = time.monotonic(), time.process_time()
    while time.process_time() < processor + 0.2:
        pass
    return (time.monotonic() - clock) / 0.2


def judge_sixty_four() -> None:
    """Grade the 64, then a thousand more, and look at grades and times."""
    mathematics(r"\boxed{\sqrt{12}}", r"2\sqrt{3}")
    busy = slowdown()
    start = time.monotonic()
    grades = grade_many(mathematics, sixty_four_with_two_hangs())
    took = time.monotonic() - start
    busy = max(busy, slowdown())
    assert [number for number, grade in enumerate(grades) if grade.why == Why.TIMEOUT] == [8, 39]
    assert grades[0].why == Why.MALFORMED
    assert sum(grade.correct for grade in grades) == 61
    # three seconds on an idle machine; on a busy one two workers wait for their turns as this process does
    assert took < BAR_SECONDS * (busy if busy < 1.2 else 3 * busy)
    later = grade_many(mathematics, [(rf"\boxed{{\sqrt{{{n * n * 7}}}}}", rf"{n}\sqrt{{7}}") for n in range(2, 1002)])
    assert all(grade.correct for grade in later)


@pytest.mark.alone
def test_sixty_four_gradings_with_two_hangs_end_in_seconds_from_the_main_thread() -> None:
    judge_sixty_four()


@pytest.mark.alone
def test_sixty_four_gradings_with_two_hangs_end_in_seconds_from_another_thread() -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            judge_sixty_four()
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert failures == []


@pytest.mark.alone
def test_sixty_four_gradings_with_two_hangs_end_in_seconds_from_a_coroutine_and_let_others_run() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    async def run() -> None:
        ticking = asyncio.create_task(tick())
        await asyncio.to_thread(judge_sixty_four)
        ticking.cancel()

    asyncio.run(run())
    assert ticks > 20


def test_a_coroutine_that_does_not_care_may_call_it_directly() -> None:
    async def run() -> bool:
        return mathematics(r"\boxed{\sqrt{12}}", r"2\sqrt{3}").correct

    assert asyncio.run(run())


@pytest.mark.parametrize("hang", [TOWER, SUM])
def test_a_hang_is_killed_by_the_kernel_after_its_processor_time(hang: str, pool: Pool) -> None:
    replies = pool.replies([EASY, {"answer": hang, "gold": "7"}, EASY, EASY])
    assert replies == [{"agrees": True}, Ended(by_time=True), {"agrees": True}, {"agrees": True}]
    left = children(pool._nursery.pid)
    assert left == {worker.identity for worker in pool._idle}, "the worker is gone, not left to its work"


def test_a_worker_that_does_not_answer_is_given_up_by_the_clock(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = [worker.identity for worker in pool._idle]
    for worker in stopped:
        os.kill(worker, signal.SIGSTOP)
    monkeypatch.setattr(pool, "clock_seconds", 0.5)
    assert Ended(by_time=True) in pool.replies([EASY] * 2)
    monkeypatch.undo()
    assert pool.replies([EASY] * 2)[-1] == {"agrees": True}
    assert gone({stopped[-1]})


def test_a_worker_that_is_killed_between_two_questions_costs_at_most_one_of_them(pool: Pool) -> None:
    for worker in pool._idle:
        os.kill(worker.identity, signal.SIGKILL)
    replies = pool.replies([EASY] * 20)
    assert sum(isinstance(reply, Ended) for reply in replies) <= 2
    assert pool.replies([EASY] * 5) == [{"agrees": True}] * 5


def test_a_nursery_that_is_killed_is_started_again(pool: Pool) -> None:
    pool._nursery.kill()
    pool._nursery.wait()
    for _ in range(3):
        replies = pool.replies([EASY] * 4)
    assert replies == [{"agrees": True}] * 4


def test_a_worker_may_not_take_the_machine_s_memory(pool: Pool) -> None:
    replies = pool.replies([{"answer": r"\gcd(1,1)\cdot 2^{2^{36}}", "gold": "7"}, EASY])
    assert isinstance(replies[0], Ended) or "malformed" in replies[0]
    assert replies[1] == {"agrees": True}


def test_the_kernel_s_limits_are_set_on_each_worker(pool: Pool) -> None:
    for worker in pool._idle:
        limits = {
            line[:25].strip(): line[25:].split()[0]
            for line in Path(f"/proc/{worker.identity}/limits").read_text().splitlines()
        }
        assert int(limits["Max address space"]) < 2**31
        assert limits["Max file size"] == "0"
        assert limits["Max cpu time"] == "600"


def test_workers_are_replaced_now_and_then(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    pool.replies([EASY])
    monkeypatch.setattr("tooling.verify.pool.RETIRE_AFTER", 3)
    first = {worker.identity for worker in pool._idle}
    assert pool.replies([EASY] * 12) == [{"agrees": True}] * 12
    assert first
    assert not {worker.identity for worker in pool._idle} & first


def test_two_threads_share_the_workers_and_get_their_own_replies(pool: Pool) -> None:
    found: dict[int, list[object]] = {}

    def ask(base: int) -> None:
        questions = [
            {"answer": rf"\sqrt{{{n * n * 3}}}", "gold": rf"{n + (n % 2)}\sqrt{{3}}"} for n in range(base, base + 60)
        ]
        found[base] = pool.replies(questions)

    threads = [threading.Thread(target=ask, args=(base,)) for base in (10, 200, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for base, replies in found.items():
        assert replies == [{"agrees": n % 2 == 0} for n in range(base, base + 60)]


def test_workers_hold_no_descriptor_of_their_caller() -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)
    other = Pool(1)
    other.replies([EASY])
    held = [Path(f"/proc/{each}/fd") for each in children(other._nursery.pid) | {other._nursery.pid}]
    kinds = [os.readlink(link) for folder in held for link in folder.iterdir()]
    assert {kind.partition(":")[0] for kind in kinds} <= {"/dev/null", "socket"}, kinds
    assert os.fstat(write).st_ino not in {
        int(kind.partition("[")[2].rstrip("]") or 0) for kind in kinds if "pipe" in kind
    }
    other.close()
    os.close(read)
    os.close(write)


def test_closing_leaves_no_process() -> None:
    pool = Pool(2)
    pool.replies([EASY] * 8)
    below = children(pool._nursery.pid) | {pool._nursery.pid}
    assert len(below) >= 2
    pool.close()
    assert gone(below)


CALLER = """
    import os, sys, time, threading
    from tooling.verify import mathematics
    from tooling.verify.pool import shared_pool
    print(mathematics(r"\\boxed{\\sqrt{12}}", r"2\\sqrt{3}").correct, flush=True)
    pool = shared_pool()
    if "busy" in sys.argv:
        question = {"answer": r"\\sum_{k=1}^{99999999} \\sin k", "gold": "7"}
        threading.Thread(target=lambda: pool.replies([question] * 50), daemon=True).start()
        time.sleep(0.3)
    print(pool._nursery.pid, flush=True)
    if "wait" in sys.argv:
        time.sleep(100)
"""


def caller(*words: str) -> subprocess.Popen[str]:
    """A process with a warm pool, that prints its nursery's id and then waits or ends."""
    command = [sys.executable, "-c", textwrap.dedent(CALLER), *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)


@pytest.mark.parametrize(
    ("words", "ended_by"),
    [((), None), (("wait",), signal.SIGINT), (("wait",), signal.SIGKILL), (("busy", "wait"), signal.SIGKILL)],
)
def test_no_process_is_left_when_the_caller_ends(words: tuple[str, ...], ended_by: signal.Signals | None) -> None:
    with caller(*words) as process:
        assert process.stdout.readline() == "True\n"
        nursery = int(process.stdout.readline())
        below = {nursery} | children(nursery)
        if ended_by is not None:
            assert nursery in children(process.pid)
            process.send_signal(ended_by)
        # the pipe closes with the caller: nobody else holds it
        process.stdout.read()
        process.wait(timeout=60)
    assert gone(below, seconds=30)


def test_a_forked_child_has_a_pool_of_its_own() -> None:
    assert mathematics(r"\boxed{\sqrt{12}}", r"2\sqrt{3}").correct
    child = os.fork()
    if child == 0:
        status = 1
        try:
            right = mathematics(r"\boxed{\sqrt{27}}", r"3\sqrt{3}").correct
            shared_pool().close()
            status = 0 if right else 1
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert mathematics(r"\boxed{\sqrt{27}}", r"3\sqrt{3}").correct
