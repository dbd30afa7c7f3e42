"""One running `provost`, on a free port of this machine and with a data folder of its own."""

from __future__ import annotations

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from typing import Dict, Mapping, Optional, Sequence

from . import request

START_SECONDS = 60
COMMAND_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(settings: Mapping[str, str] = {}) -> Dict[str, str]:
    """The environment without the settings of whoever runs the attacks."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PROVOST_")}
    return {**kept, **{f"PROVOST_{key.upper()}": value for key, value in settings.items()}}


class Provost:
    """A server. `settings` are variables, `flags` are added to `serve`, `data` is the data folder if it must be a certain one."""

    def __init__(self, binary: str, flags: Sequence[str] = (), settings: Mapping[str, str] = {}, data: Optional[str] = None):
        self.binary = binary
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="provost-attacks-"))
        # The server creates it, with the permissions that one of the attacks looks at.
        self.data = pathlib.Path(data) if data else self.folder / "data"
        self.log_file = self.folder / "log"
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.origin = f"http://{self.host}"
        self.cookie_name = "provost"
        command = [binary, "serve", "--listen", self.host, "--data-dir", str(self.data), *flags]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=environment(settings), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.is_running():
            try:
                if request.send(self, "GET", "/api/ready", timeout=2).status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start; its log:\n{self.log()}")

    def is_running(self) -> bool:
        return self.process.poll() is None

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def memory(self) -> int:
        """The resident memory in bytes."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("the server has no resident memory")

    def open_files(self) -> int:
        """How many files and connections the server has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def admin(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess:
        """Runs `provost admin`."""
        return run(self.binary, "admin", *arguments, "--data-dir", str(self.data), typed=typed)

    def stop(self) -> None:
        """Kills the server, whose data nobody needs any more."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def run(binary: str, *arguments: str, settings: Mapping[str, str] = {}, typed: str = "") -> subprocess.CompletedProcess:
    """Runs the program to its end; one that does not end has the exit code None."""
    process = subprocess.Popen(
        [binary, *arguments],
        env=environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        output, errors = process.communicate(typed.encode(), timeout=COMMAND_SECONDS)
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
        code = None
    return subprocess.CompletedProcess(arguments, code, output.decode(errors="replace"), errors.decode(errors="replace"))
