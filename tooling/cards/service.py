"""A polite client of a service that answers about works: paced over all processes and bounded in time.

Tried again, with pauses that double: 429, 5xx, a connection that fails or breaks, silence, an answer that is none.
Not tried again: 400, 403, 404 and other refusals, redirects, and a `Retry-After` beyond the time that is left.
"""

import email.utils
import hashlib
import itertools
import math
import os
import queue
import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, NamedTuple, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3

from tooling import __version__
from tooling.cards.answer import Garbled
from tooling.cards.file import replace_file
from tooling.cards.lock import NoTurn, Pace, Turn
from tooling.cards.problem import quoted
from tooling.cards.record import Record
from tooling.errors import NotFound, TryLater, UsageError

T = TypeVar("T")
USER_AGENT = f"post-deepseek-r1-tooling/{__version__} (python-requests/{requests.__version__})"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Unavailable(TryLater):
    """The service itself gives no answer now: another one may have it."""


@dataclass(frozen=True)
class Limits:
    """How long, how often and how much; the times are seconds."""

    pace: float = 3.0  # arXiv's terms of use: no more than one request every three seconds
    connect: float = 10.0
    answer: float = 30.0  # for a whole answer, however slowly it drips
    patience: float = 120.0  # for a batch, all attempts, waits and turns of other processes included
    attempts: int = 4
    batch: int = 50  # keeps the address under 1,000 characters
    largest_bytes: int = 20_000_000  # 50 entries with 3,000 authors each fit
    longest_rest: float = 3600.0  # a Retry-After beyond it is kept as this
    fresh: float = 86_400.0  # arXiv's manual: the answers change once a day


class Fault(Exception):
    """An answer worth another attempt, or none; `rest` is the pause in seconds that the service asked for."""

    def __init__(self, reason: str, rest: float | None = None) -> None:
        super().__init__(reason)
        self.rest = rest


class Answer(NamedTuple):
    """What a service sent."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def http_address(variable: str, default: str) -> str:
    """The address in this environment variable, else the default; raises `UsageError` for what is none."""
    given = os.environ.get(variable) or default
    try:
        parts = urlsplit(given)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        host = None
    if not host:
        raise UsageError(f"`{variable}` is {quoted(given)}, which is no http address; unset it or correct it")
    return given


class Service:
    """A service and the folder of its answers; `say` is told, in a line each, of waits."""

    name: ClassVar[str] = "service"
    variable: ClassVar[str] = ""
    accept: ClassVar[str] = "*/*"

    def __init__(self, service: str, cache: Path, *, limits: Limits, say: Callable[[str], None]) -> None:
        self.service = service
        self.limits = limits
        self.host = urlsplit(service).netloc.rpartition("@")[2]
        self._say = say
        # answers of a test server or a mirror are never taken for those of the service itself
        digest = hashlib.sha256(service.encode()).hexdigest()[:8]
        self._folder = cache / self.name.lower() / f"{self.host.replace(':', '_')}-{digest}"

    def pace_file(self) -> Path:
        """The file that all who ask this service share."""
        return self._folder / "pace"

    def cached(self, names: Iterable[str], *, seconds: float = math.inf) -> dict[str, Record]:
        """The records by the names of works that the cache has, none older than so many seconds."""
        found = {}
        for bare in dict.fromkeys(names):
            path = self._path(bare)
            try:
                age = time.time() - path.stat().st_mtime
                record = Record.from_json(path.read_text("utf-8"))
            except (OSError, UnicodeDecodeError):
                continue
            if record is not None and record.bare == bare and age <= seconds:
                found[bare] = record
        return found

    def keep(self, record: Record) -> None:
        """Put a record into the cache."""
        with writable(self._folder):
            replace_file(self._path(record.bare), record.to_json())

    def _path(self, bare: str) -> Path:
        # a DOI may hold any character and be longer than a file's name
        stem = bare.replace("/", "_")
        if not re.fullmatch(r"[a-z0-9._-]{1,100}", stem):
            stem = f"doi-{hashlib.sha256(bare.encode()).hexdigest()[:32]}"
        return self._folder / f"{stem}.json"

    def _malformed(self, content: bytes) -> str:
        """What the answer to a malformed request says."""
        return f"{self.name} calls the request malformed"

    def ask(self, address: str, *, read: Callable[[bytes], T]) -> T:
        """What `read` makes of the answer at `address`, asked for as often as the limits allow.

        `read` raises `Garbled` for an answer that is none. Raises `Unavailable` where the service cannot be had in
        time, `UsageError` where it calls the request malformed, `NotFound` where there is nothing at the address.
        """
        started = time.monotonic()
        for attempt in itertools.count(1):
            try:
                return self._attempt(address, read, left=self.limits.patience - (time.monotonic() - started))
            except Fault as fault:
                # 3, 6, 12 s at arXiv's pace, each half as long to half as long again, so that processes drift apart
                wait = max(self.limits.pace * 2 ** (attempt - 1) * random.uniform(0.5, 1.5), fault.rest or 0.0)
                spent = time.monotonic() - started
                if attempt == self.limits.attempts or spent + wait >= self.limits.patience:
                    raise self._given_up(fault, attempt, spent) from fault
                self._say(f"{fault}; attempt {attempt + 1} of {self.limits.attempts} in {math.ceil(wait)} s")
                time.sleep(wait)
        raise RuntimeError("an endless count ended")

    def _given_up(self, fault: Fault, attempts: int, spent: float) -> Unavailable:
        tries = "1 attempt" if attempts == 1 else f"{attempts} attempts"
        if fault.rest is not None and spent + fault.rest >= self.limits.patience:
            return Unavailable(f"{fault}; it asks to come back {_moment(fault.rest)}; gave up after {tries}")
        return Unavailable(f"{fault}; gave up after {tries} in {math.ceil(spent)} s; try again later")

    def _attempt(self, address: str, read: Callable[[bytes], T], *, left: float) -> T:
        """What `read` makes of one answer, asked for when it is this process's turn."""
        pace = Pace(self.pace_file(), self.limits.pace, self.limits.longest_rest)
        deadline = time.monotonic() + max(left, 0.0)
        try:
            with writable(self._folder), pace.turn(patience=max(left, 0.0)) as turn:
                seconds = max(min(self.limits.answer, deadline - time.monotonic()), 0.1)
                answer = self._fetch(address, seconds=seconds)
                self._judge(answer, turn)
            return read(answer.content)
        except NoTurn as error:
            if error.seconds is None:
                reason = f"other processes kept asking `{self.host}` for {left:.0f} s; try again later"
            else:
                reason = f"`{self.host}` asked for a pause; try again {_moment(error.seconds)}"
            raise Unavailable(reason) from error
        except Garbled as error:
            raise Fault(f"`{self.host}` {error}") from error

    def _fetch(self, address: str, *, seconds: float) -> Answer:
        """The answer at `address`, whole, within `seconds`.

        A thread of its own asks: name look-ups have no time limit that a program could set, and headers may drip.
        """
        outcomes: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()
        work = (address, seconds, outcomes.put)
        threading.Thread(target=self._exchange, args=work, name=self.name, daemon=True).start()
        try:
            outcome = outcomes.get(timeout=seconds)
        except queue.Empty:
            outcome = requests.Timeout()
        if isinstance(outcome, Answer):
            return outcome
        reason = self._explained(outcome, seconds)
        raise reason from (None if reason is outcome else outcome)

    def _explained(self, error: Exception, seconds: float) -> Exception:
        """What to raise for an exchange that ended in `error`."""
        if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
            return Fault(f"`{self.host}` did not send a whole answer within {seconds:.2g} s")
        if isinstance(error, requests.exceptions.SSLError):
            why = f"is not accepted ({_cause(error)}); is the clock right?"
            return Unavailable(f"the certificate of `{self.host}` {why}")
        if isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError | OSError):
            return Fault(f"no connection to `{self.host}` ({_cause(error)})")
        return error

    def _exchange(self, address: str, seconds: float, deliver: Callable[[Answer | Exception], None]) -> None:
        """Deliver the answer at `address`, or what went wrong."""
        deadline = time.monotonic() + seconds
        try:
            with requests.Session() as session:
                # no proxy stands between this machine and itself
                session.trust_env = urlsplit(address).hostname not in LOOPBACK
                response = session.get(
                    address,
                    headers={"User-Agent": USER_AGENT, "Accept": self.accept, "Accept-Encoding": "identity"},
                    timeout=(min(self.limits.connect, seconds), seconds),
                    stream=True,
                    allow_redirects=False,
                )
                with closing(response):
                    deliver(Answer(response.status_code, response.headers, self._content(response, deadline)))
        except Exception as error:
            # whatever it is, the thread that waits for it knows what it means
            deliver(error)

    def _content(self, response: requests.Response, deadline: float) -> bytes:
        """The body of a response, as far as it comes before the deadline and is not too large."""
        content = bytearray()
        # read1 hands out what has arrived; read would wait for a full block of a dripping answer
        while piece := response.raw.read1(65_536, decode_content=True):
            content += piece
            if len(content) > self.limits.largest_bytes:
                raise Fault(f"`{self.host}` sent more than {self.limits.largest_bytes / 1e6:g} MB")
            if time.monotonic() > deadline:
                raise requests.Timeout()
        return bytes(content)

    def _judge(self, answer: Answer, turn: Turn) -> None:
        """Raise what the status of the answer means; return where it brings records."""
        status = answer.status
        if status == 200:
            return
        rest = retry_after(answer.headers.get("Retry-After"))
        turn.rest_seconds = max(rest or 0.0, turn.rest_seconds)
        if status == 429:
            raise Fault(f"`{self.host}` asks to slow down (429)", rest)
        if status >= 500:
            raise Fault(f"`{self.host}` is not available ({status})", rest)
        if status == 400:
            raise UsageError(self._malformed(answer.content))
        if status in (404, 410):
            raise NotFound(f"there is no {self.name} service at `{self.service}` ({status}); correct `{self.variable}`")
        if 300 <= status < 400:
            target = quoted(answer.headers.get("Location") or "nowhere", 100)
            raise Unavailable(f"`{self.host}` sends on to {target} ({status}); is it the log-in page of a network?")
        raise Unavailable(f"`{self.host}` refuses the request ({status}); try again later or from another network")


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses inside `folder` into an error with its remedy."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise TryLater(
            f"cannot write the cache folder `{folder}` ({(error.strerror or str(error)).lower()}); "
            "make room there, or set `TOOLING_CACHE` to another folder"
        ) from error


def seconds_from(variable: str, default: float) -> float:
    """The seconds in an environment variable, else the default."""
    given = os.environ.get(variable)
    if not given:
        return default
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise UsageError(f"`{variable}` is `{given}`, which is no number of seconds; unset it or correct it")
    return seconds


def retry_after(header: str | None) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date; None where it says nothing usable."""
    text = (header or "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())


def _moment(seconds: float) -> str:
    """When it is `seconds` from now: `in 12 min (14:05 UTC)`."""
    length = f"{math.ceil(seconds)} s" if seconds < 120 else f"{math.ceil((seconds - 1) / 60)} min"
    moment = datetime.now(UTC) + timedelta(seconds=min(seconds, 10 * 365 * 86_400))
    return f"in {length} ({moment:%d %B %H:%M} UTC)" if seconds > 43_200 else f"in {length} ({moment:%H:%M} UTC)"


def _cause(error: BaseException) -> str:
    """The innermost reason of a failed exchange, in a few words: `connection refused`."""
    seen: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        link = todo.pop(0)
        if isinstance(link, BaseException) and link not in seen:
            seen.append(link)
            todo += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
    for link in seen:
        if isinstance(link, OSError) and link.strerror and not isinstance(link, requests.RequestException):
            return link.strerror.lower()
    return quoted(str(seen[-1]) or type(seen[-1]).__name__, 100).strip("`").lower()
