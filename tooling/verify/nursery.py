"""The process that workers are forked from: it has one thread, loads libraries once, and never sees a model's text.

A fresh worker costs a fork of some milliseconds instead of an import of a second. The nursery is started as a new
interpreter, so threads and locks of the caller (torch's among them) are not in it. It ends, and its workers with it,
when the caller's socket closes, however the caller ended.
"""

import contextlib
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from tooling.verify.wire import Hangup, receive, send

MEGABYTES = 512  # that a worker may take beyond what the nursery holds
DYING_SECONDS = 0.05
WATCH_SECONDS = 0.2
LIFETIME_SECONDS = 600  # processor time of one worker; it is replaced long before
# so that the tables of the parser are built once and inherited
_WARM_UP = (r"\sum_{k=1}^{4} \frac{k^{2}}{2}", r"\gcd(4,6)+\sqrt{3}", r"\int_0^1 2x dx", r"\max(3,4)-1")


def serve(descriptor: int) -> None:
    """Fork and bury workers as the caller asks, until it hangs up.

    Messages: `load` loads sympy and math-verify, for workers that are forked later. `fork`, with one descriptor of a
    socket, is answered by the worker's id; `bury` and an id kills that worker if it still runs, and is answered by
    the signal that ended it (0 for none).
    """
    control = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from tooling.verify import symbolic  # noqa: F401  workers inherit what is loaded here

    workers: set[int] = set()
    try:
        send(control, "ready")
        while True:
            message = receive(control)
            if message == "fork":
                workers.add(_forked(control))
            elif message == "load":
                with _watch(control, workers):
                    _load_library()
                send(control, "loaded")
            else:
                send(control, _buried(message["bury"], workers))
    except Hangup:
        for worker in list(workers):
            _buried(worker, workers)


def _forked(control: socket.socket) -> int:
    send(control, "socket")
    _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    worker = os.fork()
    if worker == 0:
        control.close()
        _work(socket.socket(fileno=descriptors[0]))
    os.close(descriptors[0])
    send(control, worker)
    return worker


def _buried(worker: int, workers: set[int]) -> int:
    """The signal that ended a worker of ours; killed first, and waited for, so that its id cannot be another's."""
    if worker not in workers:
        return 0
    ended, status = os.waitpid(worker, os.WNOHANG)
    give_up = time.monotonic() + DYING_SECONDS
    while not ended and time.monotonic() < give_up:
        # a socket is closed a moment before its process is gone
        time.sleep(0.001)
        ended, status = os.waitpid(worker, os.WNOHANG)
    if not ended:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    workers.discard(worker)
    return status & 0x7F


@contextlib.contextmanager
def _watch(control: socket.socket, workers: set[int]) -> Iterator[None]:
    """End everything if the caller hangs up during work that takes seconds: the socket is not read meanwhile."""

    def look(*_: object) -> None:
        with contextlib.suppress(BlockingIOError):
            if not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                for worker in workers:
                    os.kill(worker, signal.SIGKILL)
                os._exit(0)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, WATCH_SECONDS, WATCH_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _load_library() -> None:
    from tooling.verify.symbolic import parsed

    for text in _WARM_UP:
        with contextlib.suppress(Exception):
            parsed(text).at({})


def _work(connection: socket.socket) -> NoReturn:
    """Answer the caller's questions until it hangs up or a question ends this process."""
    status = 1
    try:
        _confine()
        while True:
            question = receive(connection)
            signal.setitimer(signal.ITIMER_PROF, question["seconds"])
            reply = _reply(question)
            signal.setitimer(signal.ITIMER_PROF, 0)
            send(connection, reply)
    except Hangup:
        status = 0
    finally:
        os._exit(status)


def _confine() -> None:
    """Limits that the kernel keeps, whatever this process does, and an audit of what no grading needs."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for each in (signal.SIGPROF, signal.SIGTERM, signal.SIGXCPU):
        signal.signal(each, signal.SIG_DFL)
    limits = {
        resource.RLIMIT_AS: _address_space() + MEGABYTES * 2**20,
        resource.RLIMIT_CPU: LIFETIME_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in limits.items():
        # macOS refuses some of them; the limit of processor time for each question holds everywhere
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    sys.dont_write_bytecode = True
    sys.addaudithook(_audit)


def _address_space() -> int:
    """The bytes of address space in use; a fixed guess where /proc is not there."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 2**30


_FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "subprocess.",
    "socket.connect",
    "socket.bind",
    "ctypes.",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.kill",
    "shutil.",
)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    """End the worker at once where its text makes it start a program, write a file or use the network."""
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writes or event.startswith(_FORBIDDEN):
        os._exit(1)


def _reply(question: dict[str, Any]) -> dict[str, Any]:
    from tooling.verify.form import agree, form
    from tooling.verify.symbolic import Symbolic

    try:
        return {"agrees": agree(form(question["answer"]), form(question["gold"]), oracle=Symbolic())}
    except Exception as error:
        # whatever a library makes of a hostile text (its own errors, no memory, too deep a recursion): it is no answer
        return {"malformed": type(error).__name__}
