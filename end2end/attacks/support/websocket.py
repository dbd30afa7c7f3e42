"""Websockets by hand: frames that a library would refuse to send."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import time
from typing import Any, Iterable, Optional, Tuple

from . import request

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0
CLOSED_WITHOUT_CODE = 1006


class Refused(Exception):
    """The upgrade was answered with a status instead of a socket."""

    def __init__(self, answer: request.Answer):
        super().__init__(f"refused with {answer.status}")
        self.answer = answer
        self.status = answer.status


class StillOpen(Exception):
    """The server neither answered nor closed the socket in time."""


def frame(
    opcode: int,
    payload: bytes = b"",
    last: bool = True,
    masked: bool = True,
    reserved: int = 0,
    length: Optional[int] = None,
) -> bytes:
    """A frame; `length` may lie about the payload."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if last else 0) | reserved << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([mask_bit | size])
    elif size < 65536:
        head += bytes([mask_bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", size)
    # A mask of zeros is a valid mask, and leaves the payload readable.
    return head + (b"\0\0\0\0" if masked else b"") + payload


def upgrade(extra: Iterable[request.Header] = ()) -> list:
    """The headers of an upgrade request."""
    key = base64.b64encode(os.urandom(16)).decode()
    return [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", key),
        *extra,
    ]


class Socket:
    """An open websocket."""

    def __init__(
        self, server, path: str, headers: Iterable[request.Header] = (), receive_buffer: Optional[int] = None
    ):
        self.connection = request.connect(server, receive_buffer=receive_buffer)
        self.buffer = b""
        try:
            self.connection.sendall(request.compose(server, "GET", path, upgrade(headers)))
            self._read_head()
        except BaseException:
            self.connection.close()
            raise

    def _read_head(self) -> None:
        while b"\r\n\r\n" not in self.buffer:
            self._read_more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status = request.statuses(head)[0]
        if status == 101:
            return
        lines = [line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:]]
        headers = [(name, value) for name, value in lines]
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        while len(self.buffer) < length:
            self._read_more()
        raise Refused(request.Answer(status, headers, self.buffer))

    def _read_more(self) -> None:
        more = self.connection.recv(65536)
        if not more:
            raise ConnectionError("closed during the upgrade")
        self.buffer += more

    def __enter__(self) -> "Socket":
        return self

    def __exit__(self, *_: Any) -> None:
        self.connection.close()

    def send(self, data: bytes) -> None:
        """Sends bytes; the server may have closed the socket already, which reading then reports."""
        self.connection.settimeout(request.SECONDS)
        try:
            self.connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def send_json(self, value: Any) -> None:
        self.send(frame(TEXT, json.dumps(value).encode()))

    def receive(self, seconds: float = 10) -> Tuple[int, bytes]:
        """The next frame; a connection that ends counts as a close frame with the code 1006."""
        end = time.monotonic() + seconds
        head = self._take(2, end)
        size = head[1] & 0x7F
        if size == 126:
            size = struct.unpack("!H", self._take(2, end))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._take(8, end))[0]
        return head[0] & 0x0F, self._take(size, end)

    def _take(self, size: int, end: float) -> bytes:
        while len(self.buffer) < size:
            self.connection.settimeout(max(end - time.monotonic(), 0.001))
            try:
                more = self.connection.recv(65536)
            except socket.timeout:
                raise StillOpen() from None
            except OSError:
                more = b""
            if not more:
                raise ConnectionError("the server closed the connection")
            self.buffer += more
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def close_code(self, seconds: float = 10) -> int:
        """Reads until the server closes the socket and returns the code."""
        end = time.monotonic() + seconds
        while True:
            try:
                opcode, payload = self.receive(max(end - time.monotonic(), 0.001))
            except ConnectionError:
                return CLOSED_WITHOUT_CODE
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else CLOSED_WITHOUT_CODE

    def is_confirmed(self, seconds: float = 10) -> bool:
        """Sends a ping and waits for its pong, before which the server has stored all events."""
        self.send(frame(PING, b"proof"))
        end = time.monotonic() + seconds
        while True:
            try:
                opcode, payload = self.receive(max(end - time.monotonic(), 0.001))
            except ConnectionError:
                return False
            if opcode in (CLOSE, PONG):
                return opcode == PONG and payload == b"proof"


def outcome(server, path: str, headers: Iterable[request.Header] = (), first: bytes = b"", seconds: float = 10) -> int:
    """How the server ends the attempt to open a socket: the status of the refusal, or the code with which it closes the socket."""
    try:
        with Socket(server, path, headers) as opened:
            if first:
                opened.send(first)
            return opened.close_code(seconds)
    except Refused as refused:
        return refused.status
