"""Whether one address answers, asked as a careful visitor does: in pace, in time, and never inside a private network.

| answer | state |
|---|---|
| 2xx, also behind redirects | ok |
| 404, 410, a host that does not exist | gone: broken, once that was seen on two days |
| everything else: 401, 403, 429, 5xx, silence, a refused port, TLS, a circle of redirects | unknown |

No body is ever read: HEAD has none, and a GET is closed behind its headers. Proxies of the environment are not used,
since they would hide which host is reached; each connection goes to an address that was checked, so no name can change
in between.
"""

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from urllib.parse import quote, urldefrag, urljoin, urlsplit

from tooling import __version__
from tooling.cards.problem import quoted
from tooling.cards.service import retry_after

State = Literal["ok", "gone", "unknown"]
USER_AGENT = f"post-deepseek-r1-tooling/{__version__} (link check)"
_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})


@dataclass(frozen=True)
class Manners:
    """How often, how long and how far; the times are seconds."""

    pace: float = 2.0  # between two requests to one host
    slower: Mapping[str, float] = field(default_factory=lambda: {"arxiv.org": 3.0})
    answer: float = 20.0  # for the headers of one request, however slowly they drip
    longest_rest: float = 60.0  # a Retry-After up to here is waited for, once
    redirects: int = 8
    private: bool = False  # whether hosts of this machine and its network may be asked: for tests


class Reply(NamedTuple):
    """What a host answered: its status, the next address and the rest it asks for."""

    status: int
    location: str | None
    rest: float | None


class Probe(NamedTuple):
    """What was found at an address; `moved` is where permanent redirects lead."""

    state: State
    reason: str
    moved: str | None = None


class Unreached(Exception):
    """A host that did not answer; `gone` where it does not exist at all."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


class Visitor:
    """Asks addresses; safe from several threads, which share the pace of each host."""

    def __init__(self, manners: Manners) -> None:
        self.manners = manners
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def probe(self, address: str) -> Probe:
        """What is found at `address`."""
        try:
            return self._follow(_next(address, ""))
        except Unreached as error:
            return Probe("gone" if error.gone else "unknown", str(error))

    def _follow(self, address: str) -> Probe:
        """What is found behind the redirects from `address`."""
        here, moved, permanent = address, None, True
        seen = {here}
        for _ in range(self.manners.redirects + 1):
            reply = self._ask(here)
            if reply.status not in _REDIRECTS or not reply.location:
                return _judged(reply.status, moved)
            here = _next(here, reply.location)
            if here in seen:
                return Probe("unknown", "redirects in a circle")
            seen.add(here)
            permanent = permanent and reply.status in _PERMANENT
            moved = here if permanent else moved
        return Probe("unknown", f"redirects more than {self.manners.redirects} times")

    def _ask(self, address: str) -> Reply:
        """The answer to HEAD, or to GET where HEAD is not understood; a short rest that is asked for is taken once."""
        reply = self._request("HEAD", address)
        if reply.status == 429 and reply.rest is not None and reply.rest <= self.manners.longest_rest:
            reply = self._request("HEAD", address)
        plain = 200 <= reply.status < 300 or reply.status == 429
        return reply if plain or reply.status in _REDIRECTS else self._request("GET", address)

    def _request(self, method: str, address: str) -> Reply:
        """The answer to one request, made when the host's pace allows it and whole within the time."""
        host = _host(address)
        self._wait(host)
        outcomes: queue.SimpleQueue[Reply | Exception] = queue.SimpleQueue()

        def exchange() -> None:
            try:
                outcomes.put(_exchange(method, address, self.manners))
            except Exception as error:
                outcomes.put(error)

        threading.Thread(target=exchange, name="probe", daemon=True).start()
        try:
            outcome = outcomes.get(timeout=self.manners.answer)
        except queue.Empty:
            outcome = TimeoutError()
        if isinstance(outcome, Reply):
            if outcome.rest:
                self._rest(host, min(outcome.rest, 3600.0))
            return outcome
        raise _explained(outcome, self.manners.answer) from outcome

    def _wait(self, host: str) -> None:
        """Sleep until it is this request's turn at the host."""
        pace = max(self.manners.pace, self.manners.slower.get(host, 0.0)) if self.manners.pace else 0.0
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next.get(host, now))
            if turn - now > self.manners.longest_rest:
                raise Unreached(f"`{host}` asked for a pause")
            self._next[host] = turn + pace
        time.sleep(turn - now)

    def _rest(self, host: str, seconds: float) -> None:
        with self._lock:
            self._next[host] = max(self._next.get(host, 0.0), time.monotonic() + seconds)


def _next(here: str, location: str) -> str:
    """The address that a redirect leads to."""
    try:
        return urldefrag(urljoin(here, location)).url
    except ValueError as error:
        raise Unreached("redirects to something that is no address") from error


def _judged(status: int, moved: str | None) -> Probe:
    if 200 <= status < 300:
        return Probe("ok", str(status), moved)
    return Probe("gone" if status in _GONE else "unknown", f"answers {status}")


def _host(address: str) -> str:
    """The host of an http(s) address, with its port where it names one; raises `Unreached` for all others."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Unreached("is no valid address") from error
    if parts.scheme not in ("http", "https") or not host:
        raise Unreached(f"leads to {quoted(parts.scheme or 'nothing')}, which is not asked")
    return f"{host}:{port}" if port else host


def _exchange(method: str, address: str, manners: Manners) -> Reply:
    """The head of the answer to one request."""
    parts = urlsplit(address)
    host = (parts.hostname or "").encode("idna").decode("ascii")
    kind = _Secure if parts.scheme == "https" else _Plain
    connection = kind(host, parts.port or kind.default_port, timeout=manners.answer)
    connection.private = manners.private
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + ("?" if parts.query else "")
    try:
        path += quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]")
        connection.request(method, path, headers={"User-Agent": USER_AGENT, "Accept": "*/*"})
        response = connection.getresponse()
        return Reply(response.status, response.getheader("Location"), retry_after(response.getheader("Retry-After")))
    finally:
        connection.close()


class _Plain(http.client.HTTPConnection):
    private = False

    def connect(self) -> None:
        """Connect to an address of the host that may be reached."""
        self.sock = _open(self.host, self.port, seconds=self.timeout, private=self.private)


class _Secure(http.client.HTTPSConnection):
    private = False

    def connect(self) -> None:
        """Connect to an address of the host that may be reached, and check its certificate."""
        plain = _open(self.host, self.port, seconds=self.timeout, private=self.private)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


def _open(host: str, port: int, *, seconds: float | None, private: bool) -> socket.socket:
    """A connection to the first address of the host; none of its addresses may be private."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not private and not all(is_public(str(where[0])) for *_, where in found):
        raise Unreached(f"`{host}` is an address of a private network")
    error: OSError | None = None
    for family, kind, protocol, _, where in found:
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(seconds)
        try:
            sock.connect(where)
        except OSError as reason:
            sock.close()
            error = reason
        else:
            return sock
    raise error or OSError("no address")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet: neither this machine's nor a private network's."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (inner is None or inner.is_global)


def _explained(error: Exception, seconds: float) -> Exception:
    """What to raise for a request that ended in `error`; a bug stays what it is."""
    if isinstance(error, Unreached):
        return error
    if isinstance(error, TimeoutError):
        return Unreached(f"did not answer within {seconds:g} s")
    if isinstance(error, socket.gaierror):
        gone = error.errno == socket.EAI_NONAME
        return Unreached("its host does not exist" if gone else "its host cannot be looked up now", gone=gone)
    if isinstance(error, ssl.SSLError):
        return Unreached(f"its certificate is not accepted ({quoted(error.reason or 'unknown', 60)})")
    if isinstance(error, OSError):
        return Unreached((error.strerror or "no connection").lower())
    if isinstance(error, http.client.HTTPException):
        return Unreached("does not answer in HTTP")
    if isinstance(error, UnicodeError | ValueError):
        return Unreached("is no valid address")
    return error
