"""Runs a command on a pseudo-terminal and answers it as a person would: waits for a text, then types.

    terminal.py STEPS COMMAND...

STEPS is JSON, a list of [text to wait for, what to type]: a line that ends in a newline, or a key for a program that reads
single keys. Prints what the terminal showed, without its control sequences, and ends as the command did.
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

LIMIT = 60
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


class Terminal:
    def __init__(self, command):
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.execvp(command[0], command)
        self.shown = ""
        self.read_up_to = 0
        self.deadline = time.monotonic() + LIMIT

    def read(self):
        """Takes what the command printed next; false at its end."""
        ready, _, _ = select.select([self.screen], [], [], max(0, self.deadline - time.monotonic()))
        if not ready:
            os.kill(self.process, signal.SIGKILL)
            sys.exit(f"nothing more within {LIMIT} s after:\n{self.text()}")
        try:
            printed = os.read(self.screen, 65536)
        except OSError:  # how Linux tells that the other side of a pseudo-terminal was closed
            return False
        self.shown += printed.decode(errors="replace")
        return bool(printed)

    def text(self):
        return CONTROL.sub("", self.shown)

    def wait_for(self, wanted):
        while (found := self.text().find(wanted, self.read_up_to)) < 0:
            if not self.read():
                sys.exit(f"ended before it showed {wanted!r}:\n{self.text()}")
        self.read_up_to = found + len(wanted)

    def type(self, text):
        if not text.endswith("\n"):
            self.wait_for_key_reader()
        os.write(self.screen, text.encode())

    def wait_for_key_reader(self):
        """A program about to read keys switches echo off and throws away what was typed before."""
        local_modes = 3
        while termios.tcgetattr(self.screen)[local_modes] & termios.ECHO:
            if time.monotonic() > self.deadline:
                sys.exit(f"reads no key:\n{self.text()}")
            time.sleep(0.01)

    def finish(self):
        while self.read():
            pass
        _, status = os.waitpid(self.process, 0)
        return os.waitstatus_to_exitcode(status)


def main(steps, *command):
    terminal = Terminal(command)
    for wanted, keys in json.loads(steps):
        terminal.wait_for(wanted)
        terminal.type(keys)
    code = terminal.finish()
    print(terminal.text())
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
