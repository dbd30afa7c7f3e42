"""The servers and people that the attacks share. Each is started when the first attack needs it."""

from __future__ import annotations

import functools
import itertools
from typing import Any, List

from .person import Person
from .server import Provost

# Not on this machine: pages and cookies of a server behind a TLS proxy.
HTTPS_URL = "https://provost.example.org"


class Site:
    def __init__(self, binary: str):
        self.binary = binary
        self.servers: List[Provost] = []
        self._addresses = itertools.count(1)
        self._names = itertools.count(1)

    def start(self, *flags: str, **more: Any) -> Provost:
        """A server of one attack alone."""
        server = Provost(self.binary, flags, **more)
        self.servers.append(server)
        return server

    def address(self) -> str:
        """A loopback address that no other attack comes from: limits count addresses."""
        number = next(self._addresses)
        return f"127.9.{number // 250}.{number % 250 + 1}"

    def name(self, stem: str) -> str:
        """A name that no other attack uses."""
        return f"{stem}-{next(self._names)}"

    def person(self, stem: str = "visitor") -> Person:
        """A new person on the server with sign-in."""
        return Person(self.server, self.name(stem), self.address())

    @functools.cached_property
    def server(self) -> Provost:
        """With sign-in and default settings."""
        return self.start()

    @functools.cached_property
    def local(self) -> Provost:
        """Local mode: whoever reaches the API is let in."""
        return self.start("--local")

    @functools.cached_property
    def https(self) -> Provost:
        """Behind a proxy with TLS, for browsers."""
        server = self.start("--public-url", HTTPS_URL)
        server.origin, server.cookie_name = HTTPS_URL, "__Host-provost"
        return server

    @functools.cached_property
    def proxied(self) -> Provost:
        """Behind a proxy on this machine whose `X-Forwarded-For` is trusted."""
        return self.start(settings={"trusted_proxies": "127.0.0.1"})

    @functools.cached_property
    def ann(self) -> Person:
        return self.person("ann")

    @functools.cached_property
    def bob(self) -> Person:
        return self.person("bob")

    def faults(self) -> List[str]:
        """What no attack may cause: a server that ended, a panic, or an answer with 500."""
        found = []
        for server in self.servers:
            if not server.is_running():
                found.append(f"the server ended with {server.process.returncode}")
            log = server.log() if server.log_file.exists() else ""
            found += [f"log: {line.strip()[:300]}" for line in log.splitlines() if "panicked" in line or "status=500" in line]
        return found

    def stop(self) -> None:
        for server in self.servers:
            server.stop()
