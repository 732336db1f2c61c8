"""`make demo`: a quick look at one claim, the site with it, and a server for this machine only."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any

from tooling.errors import ToolingError
from tooling.repository import find_root

WORK = "tinyzero"
CLAIM = "base-model-threshold"
FIRST_PORT = 8000
PORTS = 100
# a run that is told to stop may finish the step that it is in and store it
GRACE_SECONDS = 20.0


class Handler(SimpleHTTPRequestHandler):
    """Serves the files of one folder without a line of log per request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a terminal full of requests would hide the address."""


def duration(seconds: float) -> str:
    """How long something took, as people say it: `41 s`, `3 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def say(line: str) -> None:
    """Print a line at once on stdout, in order with what the commands print."""
    print(line, flush=True)


def run(command: Sequence[str], root: Path) -> int:
    """The exit code of a command run in `root`; Ctrl-C lets it end by itself before it goes on up."""
    process = subprocess.Popen(command, cwd=root)
    try:
        return process.wait()
    except KeyboardInterrupt:
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def step(title: str, command: Sequence[str], *, root: Path) -> bool:
    """Whether a step of the demo succeeded; says what it does and how long it took."""
    say(f"\n{title}")
    started = time.monotonic()
    code = run(command, root)
    outcome = "done in" if code == 0 else f"failed with exit code {code} after"
    say(f"  {outcome} {duration(time.monotonic() - started)}")
    return code == 0


def bind(folder: Path, first_port: int = FIRST_PORT) -> ThreadingHTTPServer:
    """A server of `folder` on 127.0.0.1, at `first_port` or the next one that is free."""
    for port in range(first_port, min(first_port + PORTS, 65536)):
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=str(folder)))
        except OSError:
            continue
    raise ToolingError(f"no free port from {first_port} on 127.0.0.1; stop a server there and try again")


def page_of(work: str, folder: Path) -> str:
    """The path of a work's page within the built site, or the start page's where it has none."""
    path = f"papers/{work}/"
    return path if (folder / path / "index.html").is_file() else ""


def serve(folder: Path, announce: Callable[[str], None] = say) -> None:
    """Serve the built site until Ctrl-C, which is the ordinary way to end it."""
    with bind(folder) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        announce(f"\n3/3 the site is at {address}")
        announce(f"    the claims that were just run: {address}{page_of(WORK, folder)}")
        announce("    Ctrl-C stops the server")
        server.serve_forever()


def demo(root: Path, tooling: Sequence[str] = (sys.executable, "-m", "tooling.cli")) -> None:
    """Run the quick look, build the site with it and serve it; a quick look that fails does not stop the rest.

    `tooling` is the command that does both.
    """
    looked = step(
        f"1/3 a quick look at one claim of {WORK}: few seeds, a small model\n"
        "    about 4 minutes on 2 cores the first time, seconds after that",
        [*tooling, "repro", WORK, "--scale", "quick", "--claim", CLAIM],
        root=root,
    )
    if not looked:
        say("  the site will show the recorded verdicts without the quick look")
    if not step("2/3 the site: pages from the cards and the results, under a minute", [*tooling, "site"], root=root):
        raise ToolingError("the site was not built; repair what the lines above name, then `make demo` again")
    serve(root / ".build" / "site")


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Treat a request to terminate like Ctrl-C, so that servers and runs are closed either way."""
    raise KeyboardInterrupt


def main() -> int:
    """The exit code of the demo for the repository around the current folder."""
    signal.signal(signal.SIGTERM, interrupt)
    try:
        demo(find_root(Path.cwd()))
    except KeyboardInterrupt:
        say("\nstopped; `make demo` goes on where it was")
    except ToolingError as error:
        print(f"tooling: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
