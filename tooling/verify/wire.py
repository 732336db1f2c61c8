"""Messages between processes: JSON behind its length. Nothing is unpickled, so a reply cannot run code."""

import json
import socket
import struct
from typing import Any

MAX_BYTES = 1_000_000
_LENGTH = struct.Struct(">I")


class Hangup(Exception):
    """The other side is gone."""


def send(connection: socket.socket, message: Any) -> None:
    """Send one message; raises `Hangup` if nobody is there."""
    body = json.dumps(message).encode()
    try:
        connection.sendall(_LENGTH.pack(len(body)) + body)
    except OSError as error:
        raise Hangup from error


def receive(connection: socket.socket) -> Any:
    """The next message; raises `Hangup` at the end of the stream or for a message that is none."""
    (size,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if size > MAX_BYTES:
        raise Hangup
    try:
        return json.loads(_exactly(connection, size))
    except ValueError as error:
        raise Hangup from error


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        try:
            part = connection.recv(count)
        except OSError as error:
            raise Hangup from error
        if not part:
            raise Hangup
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
