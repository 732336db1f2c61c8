"""A server on 127.0.0.1 that speaks arXiv's Atom as export.arxiv.org does, and misbehaves when it is told to."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

FEED = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" '
    'xmlns="http://www.w3.org/2005/Atom">\n'
    "  <id>https://arxiv.org/api/SkuXkYxumgL1drFIL7NufdnpkFc</id>\n  <title>arXiv Query</title>\n"
    '  <updated>2026-11-22T00:00:00Z</updated>\n  <link href="https://arxiv.org/api" type="application/atom+xml"/>\n'
    "  <opensearch:itemsPerPage>10</opensearch:itemsPerPage>\n"
    "  <opensearch:totalResults>{total}</opensearch:totalResults>\n"
    "  <opensearch:startIndex>0</opensearch:startIndex>\n{entries}</feed>\n"
)
ERROR = (
    "  <entry>\n    <id>https://arxiv.org/api/errors#incorrect_id_format_for_{id}</id>\n    <title>Error</title>\n"
    "    <updated>2026-11-22T00:00:00Z</updated>\n    <summary>incorrect id format for {id}</summary>\n"
    "    <author><name>arXiv api core</name></author>\n  </entry>\n"
)
OAI = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    "<responseDate>2026-11-22T00:00:00Z</responseDate>{content}</OAI-PMH>\n"
)
RAW = (
    "<GetRecord><record><header><identifier>oai:arXiv.org:{id}</identifier></header><metadata>"
    '<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{id}</id>{versions}<title>{title}</title></arXivRaw>'
    "</metadata></record></GetRecord>"
)
UNKNOWN = '<error code="idDoesNotExist">no such item</error>'


@dataclass(frozen=True)
class Work:
    """One work as arXiv lists it."""

    id: str
    title: str = "A Title"
    authors: tuple[str, ...] = ("Ada Lovelace", "Charles Babbage")
    version: int = 1
    published: str = "2025-03-26T17:59:14Z"
    updated: str = "2025-10-06T09:00:00Z"
    abstract: str = "We ask a question."
    comment: str | None = None
    journal: str | None = None
    doi: str | None = None
    category: str = "cs.LG"
    withdrawn: bool = False

    def raw(self) -> str:
        """The work as OAI-PMH's arXivRaw; a withdrawn one has a last version without files."""
        versions = "".join(
            f'<version version="v{number}"><date>Mon, {number} Sep 2025 10:00:00 GMT</date>'
            + ("<size>0kb</size><source_type>I</source_type>" if last else "<size>812kb</size>")
            + "</version>"
            for number in range(1, self.version + 1)
            for last in [self.withdrawn and number == self.version]
        )
        return RAW.format(id=self.id, versions=versions, title=escape(self.title))

    def entry(self) -> str:
        """The work as an Atom entry."""
        people = "".join(f"    <author>\n      <name>{escape(name)}</name>\n    </author>\n" for name in self.authors)
        extra = [("comment", self.comment), ("journal_ref", self.journal), ("doi", self.doi)]
        extras = "".join(f"    <arxiv:{tag}>{escape(text)}</arxiv:{tag}>\n" for tag, text in extra if text is not None)
        return (
            f"  <entry>\n    <id>http://arxiv.org/abs/{self.id}v{self.version}</id>\n"
            f"    <title>{escape(self.title)}</title>\n    <updated>{self.updated}</updated>\n"
            f'    <link href="https://arxiv.org/pdf/{self.id}v{self.version}" rel="related" title="pdf"/>\n'
            f"    <summary>{escape(self.abstract)}</summary>\n"
            f'    <category term="{self.category}" scheme="http://arxiv.org/schemas/atom"/>\n'
            f"    <published>{self.published}</published>\n{extras}"
            f'    <arxiv:primary_category term="{self.category}"/>\n{people}  </entry>\n'
        )


class Fault(NamedTuple):
    """One misbehaviour: what the handler does in place of a proper answer."""

    act: Callable[["_Handler", str], None]


class Request(NamedTuple):
    """One request as it arrived."""

    moment: float
    ids: tuple[str, ...]
    agent: str


def status(code: int, *, body: str = "", kind: str = "text/plain", **headers: str) -> Fault:
    """An answer with this status; headers are named with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(lambda handler, _feed: handler.send(code, body.encode(), kind, named))


def body(content: str | bytes, kind: str = "application/atom+xml") -> Fault:
    """A status 200 with this body."""
    raw = content.encode() if isinstance(content, str) else content
    return Fault(lambda handler, _feed: handler.send(200, raw, kind, {}))


def changed(change: Callable[[str], str]) -> Fault:
    """The proper feed after `change`."""
    return Fault(lambda handler, feed: handler.send(200, change(feed).encode(), "application/atom+xml", {}))


def cut() -> Fault:
    """The proper feed up to the middle of its authors, with a matching length, as a broken cache would send it."""
    return changed(lambda feed: feed[: feed.rindex("<author>") + 30])


def drip(seconds: float) -> Fault:
    """The proper feed in single bytes, so slowly that it takes `seconds`, none of them silent for long."""

    def act(handler: "_Handler", feed: str) -> None:
        handler.start(200, len(feed.encode()), "application/atom+xml", {})
        for byte in feed.encode():
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            if handler.server.stopping.wait(seconds / len(feed)):
                return

    return Fault(act)


def silence(seconds: float) -> Fault:
    """Nothing for `seconds`, then the end of the connection."""
    return Fault(lambda handler, _feed: handler.server.stopping.wait(seconds))


def reset() -> Fault:
    """Half a feed, then a reset of the connection."""

    def act(handler: "_Handler", feed: str) -> None:
        handler.start(200, len(feed.encode()), "application/atom+xml", {})
        handler.wfile.write(feed.encode()[:200])
        handler.wfile.flush()
        # a socket that is closed with no time to linger sends a reset
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    return Fault(act)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, owner: "ArxivServer") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner
        self.stopping = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a client that goes away in the middle of an answer is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if self.path.startswith("/oai"):
            self._harvest(query.get("identifier", [""])[0].removeprefix("oai:arXiv.org:"))
            return
        ids = tuple(each for each in query.get("id_list", [""])[0].split(",") if each)
        fault = self.server.owner.receive(Request(time.monotonic(), ids, self.headers.get("User-Agent", "")))
        if not self.path.startswith("/api/query"):
            self.send(404, b"no such page", "text/html", {})
            return
        feed = self.server.owner.feed(ids)
        if fault is None:
            self.send(200, feed.encode(), "application/atom+xml; charset=utf-8", {})
        else:
            fault.act(self, feed)

    def _harvest(self, bare: str) -> None:
        owner = self.server.owner
        fault = owner.receive(Request(time.monotonic(), (f"oai:{bare}",), self.headers.get("User-Agent", "")))
        feed = OAI.format(content=owner.works[bare].raw() if bare in owner.works else UNKNOWN)
        if fault is None:
            self.send(200, feed.encode(), "text/xml", {})
        else:
            fault.act(self, feed)

    def send(self, code: int, content: bytes, kind: str, headers: dict[str, str]) -> None:
        """Send a whole answer."""
        self.start(code, len(content), kind, headers)
        self.wfile.write(content)

    def start(self, code: int, length: int, kind: str, headers: dict[str, str]) -> None:
        """Send the head of an answer."""
        self.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the server keeps its own list of requests."""


@dataclass
class ArxivServer:
    """A running server, used in a `with` block; `works` is what it knows, `faults` what the next requests meet.

    With `always` set, every request meets that fault once `faults` is used up.
    """

    works: dict[str, Work] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    always: Fault | None = None
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> "ArxivServer":
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """The address for `TOOLING_ARXIV_URL`."""
        return f"http://127.0.0.1:{self._server.server_port}/api/query"

    @property
    def oai(self) -> str:
        """The address for `TOOLING_OAI_URL`."""
        return f"http://127.0.0.1:{self._server.server_port}/oai"

    def add(self, *works: Work) -> None:
        """Let the server know these works."""
        self.works |= {work.id: work for work in works}

    def receive(self, request: Request) -> Fault | None:
        """Note a request; the fault that it meets, if any."""
        with self._lock:
            self.requests.append(request)
            return self.faults.pop(0) if self.faults else self.always

    def feed(self, ids: Iterable[str]) -> str:
        """The Atom feed about these works; unknown ones are left out, as arXiv does."""
        known = [self.works[each] for each in ids if each in self.works]
        return FEED.format(total=len(known), entries="".join(work.entry() for work in known))
