"""A server on 127.0.0.1 that speaks as arXiv and DataCite do, and misbehaves when it is told to.

`/api/query` is arXiv's query service (Atom), `/oai` its OAI-PMH service, `/doi/<DOI>` content negotiation as doi.org
and DataCite offer it. Each has its own list of faults.
"""

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit
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

    def negotiated(self) -> dict[str, object]:
        """The work as DataCite's JSON, which knows arXiv's works by their DOI."""
        arxiv = not self.id.startswith("10.")
        doi = f"10.48550/arxiv.{self.id}" if arxiv else self.id
        submitted = {"date": self.published, "dateType": "Submitted", "dateInformation": "v1"}
        updated = {"date": self.updated, "dateType": "Updated", "dateInformation": f"v{self.version}"}
        return {
            "id": f"https://doi.org/{doi}",
            "doi": doi,
            "creators": [{"name": name, "nameType": "Personal"} for name in map(_turned, self.authors)],
            "titles": [{"title": self.title}],
            "publisher": "arXiv" if arxiv else "A Publisher",
            "container": {"title": self.journal} if self.journal else {},
            "subjects": [{"subject": f"Machine Learning ({self.category})", "subjectScheme": "arXiv"}] * arxiv,
            "dates": [submitted, updated, {"date": self.published[:4], "dateType": "Issued"}],
            "publicationYear": int(self.published[:4]),
            "version": str(self.version),
            "descriptions": [
                {"description": text, "descriptionType": kind}
                for text, kind in ((self.abstract, "Abstract"), (self.comment, "Other"))
                if text
            ],
        }

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


def _turned(name: str) -> str:
    """A person's name as DataCite lists it: `Lovelace, Ada`."""
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}" if given else family


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
        if self.path.startswith("/doi/"):
            self._negotiate(unquote(self.path.removeprefix("/doi/")))
            return
        if self.path.startswith("/oai"):
            self._harvest(query.get("identifier", [""])[0].removeprefix("oai:arXiv.org:"))
            return
        ids = tuple(each for each in query.get("id_list", [""])[0].split(",") if each)
        fault = self.server.owner.receive(Request(time.monotonic(), ids, self.headers.get("User-Agent", "")))
        if not self.path.startswith("/api/query"):
            self.send(404, b"no such page", "text/html", {})
            return
        feed = self.server.owner.feed(ids or self.server.owner.search(query.get("search_query", [""])[0]))
        if fault is None:
            self.send(200, feed.encode(), "application/atom+xml; charset=utf-8", {})
        else:
            fault.act(self, feed)

    def _negotiate(self, doi: str) -> None:
        owner = self.server.owner
        fault = owner.receive_doi(Request(time.monotonic(), (doi,), self.headers.get("User-Agent", "")))
        found = owner.answers.get(doi.lower())
        if found is None and (work := owner.work_of(doi)):
            found = work.negotiated()
        if fault is not None:
            fault.act(self, json.dumps(found or {}))
        elif found is None:
            self.send(404, b"<html>DOI Not Found</html>", "text/html", {})
        else:
            self.send(200, json.dumps(found).encode(), "application/vnd.datacite.datacite+json", {})

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

    With `always` set, every request meets that fault once `faults` is used up. `doi_faults`, `doi_always` and
    `doi_requests` are those of content negotiation, `answers` what it sends for a DOI in place of a work's own record.
    """

    works: dict[str, Work] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    always: Fault | None = None
    requests: list[Request] = field(default_factory=list)
    answers: dict[str, object] = field(default_factory=dict)
    doi_faults: list[Fault] = field(default_factory=list)
    doi_always: Fault | None = None
    doi_requests: list[Request] = field(default_factory=list)

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

    @property
    def datacite(self) -> str:
        """The address for `TOOLING_DATACITE_URL`."""
        return f"http://127.0.0.1:{self._server.server_port}/doi"

    def add(self, *works: Work) -> None:
        """Let the server know these works."""
        self.works |= {work.id: work for work in works}

    def receive(self, request: Request) -> Fault | None:
        """Note a request; the fault that it meets, if any."""
        with self._lock:
            self.requests.append(request)
            return self.faults.pop(0) if self.faults else self.always

    def receive_doi(self, request: Request) -> Fault | None:
        """Note a request for a DOI; the fault that it meets, if any."""
        with self._lock:
            self.doi_requests.append(request)
            return self.doi_faults.pop(0) if self.doi_faults else self.doi_always

    def work_of(self, doi: str) -> Work | None:
        """The work with this DOI: arXiv's own, or one whose id is the DOI."""
        return self.works.get(re.sub(r"(?i)^10\.48550/arxiv\.", "", doi)) or self.works.get(doi)

    def search(self, query: str) -> list[str]:
        """The ids of the works whose title has the words of `ti:"..."` in this order, whatever stands between them."""
        phrase = re.fullmatch(r'ti:"([^"]*)"', query)
        words = re.findall(r"\w+", phrase[1].lower()) if phrase else []
        pattern = re.compile(r"\W+".join(map(re.escape, words)))
        return [each for each, work in self.works.items() if words and pattern.search(work.title.lower())]

    def feed(self, ids: Iterable[str]) -> str:
        """The Atom feed about these works; unknown ones are left out, as arXiv does."""
        known = [self.works[each] for each in ids if each in self.works]
        return FEED.format(total=len(known), entries="".join(work.entry() for work in known))
