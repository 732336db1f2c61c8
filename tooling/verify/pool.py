"""Worker processes that answer questions about hostile text; one that hangs is killed and replaced.

The calling process waits on sockets and runs no text itself, so it does not matter from which thread it calls. A
question has a limit of processor time that the kernel keeps inside the worker, and a longer one on the clock that is
kept here.
"""

import atexit
import functools
import importlib.util
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tooling.errors import ToolingError
from tooling.verify.notation import library_commands
from tooling.verify.wire import Hangup, receive, send

SECONDS = 1.0  # of processor time for one question; the slowest honest answer of the suite takes 0.05
CLOCK_SECONDS = 10.0  # on the clock, for a machine that is busy with other things
START_SECONDS = 120.0  # for a nursery to load, on a machine that is busy
MOST_WORKERS = 8
RETIRE_AFTER = 2000  # questions, so that what libraries cache stays small

_BOOT = (
    "import sys; descriptor = int(sys.argv[1]); sys.path[:] = sys.argv[2:]; "
    "from tooling.verify.nursery import serve; serve(descriptor)"
)


_TIME_SIGNALS = (signal.SIGPROF, signal.SIGXCPU)


class Ended(NamedTuple):
    """A worker ended on a question: whether by a limit of time, or in another way (no memory, a crash)."""

    by_time: bool


class Worker:
    """One worker process and the socket to it."""

    def __init__(self, identity: int, connection: socket.socket, *, has_library: bool) -> None:
        self.identity = identity
        self.connection = connection
        self.has_library = has_library
        self.asked = 0
        self.deadline = 0.0

    def ask(self, question: Mapping[str, Any], *, clock_seconds: float) -> None:
        """Send a question; a reply or a hang-up can be waited for on the socket."""
        self.asked += 1
        self.deadline = time.monotonic() + clock_seconds
        send(self.connection, question)


class Pool:
    """A nursery and its workers. `replies` may be called from several threads at once; they share the workers."""

    def __init__(
        self, workers: int | None = None, *, seconds: float = SECONDS, clock_seconds: float = CLOCK_SECONDS
    ) -> None:
        self.size = workers or min(
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2, MOST_WORKERS
        )
        self.seconds = seconds
        self.clock_seconds = clock_seconds
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._hired = 0
        self._waiting = 0
        self._nursery: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._library = False
        self._closed = False

    def replies(self, questions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | Ended]:
        """The reply to each question, in order; `Ended` where a question cost a worker its life, and only there."""
        if any(library_commands(str(question["answer"]) + str(question["gold"])) for question in questions):
            self._load_library()
        found: list[Any] = [None] * len(questions)
        waiting = deque(range(len(questions)))
        busy: dict[Worker, int] = {}
        try:
            with selectors.DefaultSelector() as selector:
                while waiting or busy:
                    self._ask(questions, waiting, busy, selector=selector)
                    self._hear(found, busy, selector)
        finally:
            # an interrupt on the way: their replies would be taken for those of the next question
            for worker in busy:
                self._dismiss(worker)
        return found

    def _ask(
        self, questions: Sequence[Mapping[str, Any]], waiting: deque[int], busy: dict[Worker, int], *, selector: Any
    ) -> None:
        """Give questions to the workers that are free; waits for one only if none is at work for this call."""
        while waiting:
            worker = self._take(patient=not busy)
            if worker is None:
                return
            if self._library and not worker.has_library:
                self._dismiss(worker)
                continue
            number = waiting.popleft()
            busy[worker] = number
            selector.register(worker.connection, selectors.EVENT_READ, worker)
            try:
                worker.ask({**questions[number], "seconds": self.seconds}, clock_seconds=self.clock_seconds)
            except Hangup:
                # it died between two questions: this one is not to blame, and the hang-up is heard below
                waiting.appendleft(number)
                selector.unregister(worker.connection)
                del busy[worker]
                self._dismiss(worker)

    def _hear(self, found: list[Any], busy: dict[Worker, int], selector: Any) -> None:
        """Take in replies, hang-ups and deadlines, whichever comes first."""
        patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
        heard = [key.data for key, _ in selector.select(patience)]
        late = [worker for worker in busy if worker not in heard and worker.deadline <= time.monotonic()]
        for worker in heard + late:
            number = busy[worker]
            try:
                if worker in late:
                    raise Hangup
                found[number] = receive(worker.connection)
            except Hangup:
                selector.unregister(worker.connection)
                found[number] = Ended(by_time=self._dismiss(worker) in _TIME_SIGNALS or worker in late)
            else:
                selector.unregister(worker.connection)
                self._give_back(worker)
            del busy[worker]

    def _take(self, *, patient: bool) -> Worker | None:
        """A free worker, hired if there are fewer than may be; None if there is none and the caller is not patient."""
        with self._changed:
            if not patient and self._waiting:
                return None
            self._waiting += 1
            try:
                while not self._idle and self._hired >= self.size:
                    if not patient:
                        return None
                    self._changed.wait()
            finally:
                self._waiting -= 1
            if self._idle:
                return self._idle.pop()
            worker = self._hire()
            self._hired += 1
            return worker

    def _load_library(self) -> None:
        """Have sympy and math-verify in all workers that are hired from now on; the others are let go when they are
        free."""
        with self._changed:
            if self._library:
                return
            self._library = True
            if self._control is not None:
                self._tell_to_load(self._control)

    def _tell_to_load(self, control: socket.socket) -> None:
        try:
            send(control, "load")
            receive(control)
        except Hangup:
            self._stop()

    def _give_back(self, worker: Worker) -> None:
        if worker.asked >= RETIRE_AFTER or self._closed:
            self._dismiss(worker)
            return
        with self._changed:
            self._idle.append(worker)
            self._changed.notify()

    def _hire(self) -> Worker:
        """A new worker of the nursery, which is started if it does not run."""
        for _ in range(2):
            ours, theirs = socket.socketpair()
            try:
                control = self._start()
                send(control, "fork")
                receive(control)
                socket.send_fds(control, [b"."], [theirs.fileno()])
                return Worker(receive(control), ours, has_library=self._library)
            except (Hangup, OSError):
                ours.close()
                self._stop()
            finally:
                theirs.close()
        raise ToolingError("the process that grades mathematics does not start; run `python -m pip check`")

    def _dismiss(self, worker: Worker) -> int:
        """The signal that ended a worker, which is killed if it still runs."""
        worker.connection.close()
        with self._changed:
            self._hired -= 1
            self._changed.notify()
            try:
                if self._control is None:
                    return 0
                send(self._control, {"bury": worker.identity})
                return int(receive(self._control))
            except Hangup:
                self._stop()
                return 0

    def _start(self) -> socket.socket:
        if self._control is not None:
            return self._control
        if importlib.util.find_spec("math_verify") is None:
            raise ToolingError(
                "grading mathematics needs math-verify; install it with `pip install 'post-deepseek-r1[repro]'`"
            )
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-c", _BOOT, str(theirs.fileno()), *sys.path]
            quiet = subprocess.DEVNULL
            # a session of its own: Ctrl-C in a terminal reaches the caller alone, whose end is noticed by the socket
            self._nursery = subprocess.Popen(
                command, stdin=quiet, stdout=quiet, stderr=quiet, pass_fds=[theirs.fileno()], start_new_session=True
            )
        ours.settimeout(START_SECONDS)
        try:
            receive(ours)
        except Hangup:
            ours.close()
            self._nursery.kill()
            self._nursery.wait()
            raise
        self._control = ours
        if self._library:
            send(ours, "load")
            receive(ours)
        return ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._nursery is not None:
            try:
                self._nursery.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._nursery.kill()
                self._nursery.wait()
            self._nursery = None

    def close(self) -> None:
        """End all workers and the nursery; those at work in another thread end too."""
        with self._changed:
            self._closed = True
            for worker in self._idle:
                worker.connection.close()
            self._hired -= len(self._idle)
            self._idle.clear()
            self._stop()

    def abandon(self) -> None:
        """Forget everything without ending it: after a fork it belongs to the parent process."""
        for each in [worker.connection for worker in self._idle] + ([self._control] if self._control else []):
            each.close()


@functools.cache
def shared_pool() -> Pool:
    """The pool that graders of this process share; started by its first question, ended with the interpreter."""
    pool = Pool()
    atexit.register(pool.close)
    os.register_at_fork(after_in_child=lambda: _forget(pool))
    return pool


def _forget(pool: Pool) -> None:
    shared_pool.cache_clear()
    atexit.unregister(pool.close)
    pool.abandon()
