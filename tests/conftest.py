"""What holds for every test: no network but this machine's, nothing from a model hub, and no browser unless asked."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest

# before any test imports the stack: it would ask a hub for what is not in its cache
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["NO_MKDOCS_2_WARNING"] = "1"

LOCAL = {"127.0.0.1", "::1", "localhost"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave tests/browser out unless the command names it: it needs Chromium."""
    asked = any("browser" in argument for argument in config.args)
    return True if collection_path.name == "browser" and not asked else None


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections that leave this machine, with the address in the message."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            raise PermissionError(f"a test wanted to connect to {address[0]}; tests use servers on 127.0.0.1 only")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
