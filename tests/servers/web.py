"""A server on 127.0.0.1 with pages of every kind, each named by its path, and an archive of some of them."""

import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit


class Visit(NamedTuple):
    """One request as it arrived."""

    moment: float
    method: str
    path: str


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64
    owner: "WebServer"

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: clients that hang up early are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_HEAD(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def _serve(self) -> None:
        """Act as the path says: `/status/404`, `/to/301/PATH`, `/slow`, `/reset`, `/wayback`."""
        owner = self.server.owner
        owner.visits.append(Visit(time.monotonic(), self.command, self.path))
        words = owner.rewritten.get(self.path, self.path).partition("?")[0].split("/")[1:]
        if words[0] == "status":
            self._answer(int(words[1]))
        elif words[0] == "to":
            self._answer(int(words[1]), Location=owner.targets.get(words[2], "/" + "/".join(words[2:])))
        elif words[0] == "rest":
            again = sum(visit.path == self.path for visit in owner.visits) > 1
            self._answer(200 if again and words[1] == "1" else 429, Retry_After=words[1])
        elif words[0] == "getonly":
            self._answer(200 if self.command == "GET" else int(words[1]))
        elif words[0] == "slow":
            owner.stopping.wait(20)
        elif words[0] == "drip":
            self._drip()
        elif words[0] == "huge":
            self._huge()
        elif words[0] == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif words[0] == "junk":
            self.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")
        elif words[0].startswith("wayback"):
            self._wayback(parse_qs(urlsplit(self.path).query)["url"][0])

    def _drip(self) -> None:
        """A head whose lines never end."""
        self.wfile.write(b"HTTP/1.0 200 OK\r\n")
        while not self.server.owner.stopping.wait(0.05):
            self.wfile.write(b"X-Again: 1\r\n")

    def _huge(self) -> None:
        """A body without end, where HEAD is refused; counts what the client took."""
        if self.command == "HEAD":
            self._answer(405)
            return
        self.send_response(200)
        self.end_headers()
        while not self.server.owner.stopping.is_set():
            self.server.owner.sent += self.connection.send(b"x" * 65536)

    def _wayback(self, address: str) -> None:
        closest = {"available": True, "url": f"http://web.archive.org/web/2025/{address}", "status": "200"}
        found = {"closest": closest} if "kept" in address else {}
        content = json.dumps({"url": address, "archived_snapshots": found}).encode()
        self._answer(200, content)

    def _answer(self, code: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the server keeps its own list of visits."""


class WebServer:
    """A running server, used in a `with` block; `rewritten` lets a path behave as another, `targets` name addresses."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.rewritten: dict[str, str] = {}
        self.targets: dict[str, str] = {}
        self.sent = 0
        self.stopping = threading.Event()

    def __enter__(self) -> "WebServer":
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def at(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a page."""
        return f"http://{host}:{self._server.server_port}{path}"
