"""A model hub on 127.0.0.1: serves the files of one folder as a repository, the way `huggingface_hub` asks for them."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """A server of `folder` under the name `repository`; `asked` are the paths that were asked for, in order."""

    def __init__(self, folder: Path, repository: str) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.repository = repository
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        """The address of the hub."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers for the files of the repository and for its description; everything else is not found."""

    server: Hub

    def do_HEAD(self) -> None:
        """The facts of a file."""
        self._answer(body=False)

    def do_GET(self) -> None:
        """A file or the description."""
        self._answer(body=True)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0].strip("/")
        self.server.asked.append(path)
        content = self._content(path)
        self.send_response(404 if content is None else 200)
        if content is None:
            known = path.startswith((self.server.repository, f"api/models/{self.server.repository}"))
            self.send_header("X-Error-Code", "EntryNotFound" if known else "RepoNotFound")
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha256(content or b"").hexdigest()[:40]}"')
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if body and content:
            self.wfile.write(content)

    def _content(self, path: str) -> bytes | None:
        names = sorted(file.name for file in self.server.folder.iterdir())
        if path in (f"api/models/{self.server.repository}", f"api/models/{self.server.repository}/revision/main"):
            facts = {"id": self.server.repository, "sha": COMMIT, "siblings": [{"rfilename": name} for name in names]}
            return json.dumps(facts).encode()
        if path.startswith(f"api/models/{self.server.repository}/tree/"):
            return json.dumps([self._entry(name) for name in names]).encode()
        for revision in ("main", COMMIT):
            start = f"{self.server.repository}/resolve/{revision}/"
            if path.startswith(start) and path.removeprefix(start) in names:
                return (self.server.folder / path.removeprefix(start)).read_bytes()
        return None

    def _entry(self, name: str) -> dict[str, object]:
        size = (self.server.folder / name).stat().st_size
        return {"type": "file", "path": name, "size": size, "oid": "0" * 40}


@contextmanager
def hub(folder: Path, repository: str) -> Iterator[Hub]:
    """A running hub, stopped at the end."""
    with Hub(folder, repository) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
