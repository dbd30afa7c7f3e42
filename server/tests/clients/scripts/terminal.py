"""Runs a command on a pseudo-terminal and types into it as a person would: waits for a text, then types.

    terminal.py STEPS COMMAND...

STEPS is JSON, a list of [text to wait for, input]. The input is a line that ends in a newline, or a key for a program that
reads single keys. Prints the terminal's text without control sequences, and exits with the command's exit code.
"""

import json
import os
import pty
import re
import select
import signal
import sys
import termios
import time

TIMEOUT = 60
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


class Terminal:
    def __init__(self, command):
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.execvp(command[0], command)
        self.output = ""
        self.read_up_to = 0
        self.deadline = time.monotonic() + TIMEOUT

    def read(self):
        """Reads the next output of the command; false at its end."""
        ready, _, _ = select.select([self.screen], [], [], max(0, self.deadline - time.monotonic()))
        if not ready:
            os.kill(self.process, signal.SIGKILL)
            sys.exit(f"no more output within {TIMEOUT} s after:\n{self.text()}")
        try:
            output = os.read(self.screen, 65536)
        except OSError:  # Linux reports the end of a pseudo-terminal as an error
            return False
        self.output += output.decode(errors="replace")
        return bool(output)

    def text(self):
        return CONTROL.sub("", self.output)

    def wait_for(self, expected):
        while (found := self.text().find(expected, self.read_up_to)) < 0:
            if not self.read():
                sys.exit(f"ended before it output {expected!r}:\n{self.text()}")
        self.read_up_to = found + len(expected)

    def type(self, text):
        if not text.endswith("\n"):
            self.wait_for_key_reader()
        os.write(self.screen, text.encode())

    def wait_for_key_reader(self):
        """Waits until the program switches echo off to read keys, because that discards earlier input."""
        local_modes = 3
        while termios.tcgetattr(self.screen)[local_modes] & termios.ECHO:
            if time.monotonic() > self.deadline:
                sys.exit(f"does not read keys:\n{self.text()}")
            time.sleep(0.01)

    def finish(self):
        while self.read():
            pass
        _, status = os.waitpid(self.process, 0)
        return os.waitstatus_to_exitcode(status)


def main(steps, *command):
    terminal = Terminal(command)
    for expected, keys in json.loads(steps):
        terminal.wait_for(expected)
        terminal.type(keys)
    code = terminal.finish()
    print(terminal.text())
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
