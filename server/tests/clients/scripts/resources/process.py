"""Runs functions and `prefect` commands, each in a fork of this process: it has imported prefect, which takes seconds.

This process has no other thread, because a fork does not have the threads of its parent: it calls no server itself.
"""

import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from importlib.metadata import distribution
from typing import NamedTuple

TIMEOUT = 90


class Output(NamedTuple):
    code: int
    text: str


def entry_point():
    """The function behind the command `prefect`."""
    (found,) = (entry for entry in distribution("prefect").entry_points if entry.name == "prefect")
    return found.load()


COMMAND = entry_point()


def call(function, *arguments):
    """Returns what the function returns, which must be JSON; fails if it fails."""
    with tempfile.TemporaryFile("w+") as result:

        def write():
            json.dump(function(*arguments), result)
            result.flush()

        code = fork(write)
        assert code == 0, f"{function.__module__}.{function.__name__} failed"
        result.seek(0)
        return json.load(result)


def captured(function, typed=""):
    """Calls the function with the text as standard input; returns the exit code and what was written."""
    with tempfile.TemporaryFile("w+") as standard_input, tempfile.TemporaryFile("w+") as output:
        standard_input.write(typed)
        standard_input.seek(0)

        def run():
            for number, file in enumerate((standard_input, output, output)):
                os.dup2(file.fileno(), number)
            function()

        code = fork(run)
        output.seek(0)
        return Output(code, output.read())


def prefect(*arguments, typed=""):
    """Runs `prefect …` with the text as its standard input."""

    def run():
        sys.argv = ["prefect", *arguments]
        COMMAND()

    return captured(run, typed)


def succeeds(*arguments, typed=""):
    """Runs `prefect …`, which must succeed; returns its output."""
    code, text = prefect(*arguments, typed=typed)
    assert code == 0, f"prefect {' '.join(arguments)} ended with {code}:\n{text}"
    return text


def fails(message, *arguments, typed=""):
    """Runs `prefect …`, which must fail with this message."""
    code, text = prefect(*arguments, typed=typed)
    assert code == 1 and message in text, f"prefect {' '.join(arguments)} ended with {code}:\n{text}"


def fork(function):
    """Calls the function in a fork; returns the fork's exit code."""
    assert threading.active_count() == 1, threading.enumerate()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os._exit(exit_code(function))
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(TIMEOUT)
    _, status = os.waitpid(child, 0)
    signal.alarm(0)
    return os.waitstatus_to_exitcode(status)


def exit_code(function):
    code = 0
    try:
        function()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code
