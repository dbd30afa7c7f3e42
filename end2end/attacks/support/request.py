"""HTTP/1.1 by hand: no library may correct what an attack sends."""

from __future__ import annotations

import dataclasses
import http.client
import json
import re
import socket
import time
from typing import Any, Iterable, List, Optional, Tuple, Union

# A header whose value is None is left out: `("Host", None)` sends none.
Header = Tuple[str, Union[str, bytes, None]]

SECONDS = 30
HERE = "127.0.0.1"


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    headers: List[Tuple[str, str]]
    body: bytes

    def all(self, name: str) -> List[str]:
        return [value for known, value in self.headers if known.lower() == name.lower()]

    def header(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def cookie(self, name: str) -> Optional[str]:
        """The whole text of the `Set-Cookie` for this name."""
        return next((text for text in self.all("set-cookie") if text.startswith(f"{name}=")), None)


def connect(server, source: str = HERE, timeout: float = SECONDS, receive_buffer: Optional[int] = None) -> socket.socket:
    """A connection from this loopback address. Limits count addresses, so each attack on a limit takes one of its own."""
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(timeout)
    try:
        connection.bind((source, 0))
        connection.connect((HERE, server.port))
    except BaseException:
        connection.close()
        raise
    return connection


def _bytes(text: Union[str, bytes]) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8")


def compose(server, method: str, path: Union[str, bytes], headers: Iterable[Header] = (), body: Optional[bytes] = None) -> bytes:
    """The bytes of a request. `Host` and the length are added unless they are among the headers."""
    headers = list(headers)
    names = {name.lower() for name, _ in headers}
    if "host" not in names:
        headers.insert(0, ("Host", server.host))
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        headers.append(("Content-Length", str(len(body))))
    lines = [_bytes(name) + b": " + _bytes(value) for name, value in headers if value is not None]
    return b"\r\n".join([_bytes(method) + b" " + _bytes(path) + b" HTTP/1.1", *lines, b"", body or b""])


def read_answer(connection: socket.socket, method: str = "GET") -> Answer:
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        return Answer(response.status, response.getheaders(), response.read())
    except http.client.HTTPException as error:
        raise ConnectionError(f"no answer in HTTP: {error!r}") from error
    finally:
        response.close()


def send(
    server,
    method: str,
    path: Union[str, bytes],
    headers: Iterable[Header] = (),
    body: Optional[bytes] = None,
    source: str = HERE,
    timeout: float = SECONDS,
) -> Answer:
    """Sends one request over a connection of its own."""
    if body is None and method in ("POST", "PUT", "PATCH"):
        body = b""
    data = compose(server, method, path, [*headers, ("Connection", "close")], body)
    with connect(server, source, timeout) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The server may answer before it has read everything.
        return read_answer(connection, method)


def drain(connection: socket.socket, seconds: float) -> Tuple[bytes, bool]:
    """What arrives within this time, and whether the server closed the connection."""
    end, received = time.monotonic() + seconds, b""
    while time.monotonic() < end:
        connection.settimeout(max(end - time.monotonic(), 0.001))
        try:
            more = connection.recv(65536)
        except socket.timeout:
            break
        except OSError:
            return received, True
        if not more:
            return received, True
        received += more
    return received, False


def exchange(server, data: bytes, seconds: float = 5, source: str = HERE) -> Tuple[bytes, bool]:
    """Sends these very bytes; returns what came back until the connection was closed or the time was over."""
    with connect(server, source) as connection:
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return drain(connection, seconds)


def statuses(received: bytes) -> List[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})[ \r]", received)]
