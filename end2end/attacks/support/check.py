"""The verdict on one attack."""

from __future__ import annotations

import dataclasses
from typing import Callable, Collection, List


class NotRun(Exception):
    """The machine lacks what the attack needs, such as the right to mount a file system."""


class Check:
    """Collects what did not hold, so that one attack reports all of its variants and not only the first."""

    def __init__(self) -> None:
        self.count = 0
        self.broken: List[str] = []

    def __call__(self, held: bool, reason: str) -> None:
        self.count += 1
        if not held:
            self.broken.append(reason)

    def status(self, what: str, answer, *allowed: int) -> None:
        self(answer.status in allowed, f"{what}: {answer.status}, expected {_list(allowed)}: {answer.text[:120]!r}")


def _list(statuses: Collection[int]) -> str:
    return " or ".join(str(status) for status in statuses)


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    what: str
    run: Callable


def row(function: Callable) -> Callable:
    """Marks a function as an attack. Its arguments are the site and the check, the first line of its text says what is attempted."""
    what = (function.__doc__ or "").strip().splitlines()[0].rstrip(".")
    function.row = Row(f"{function.__module__.rpartition('.')[2]}.{function.__name__}", what, function)
    return function


def rows_of(module) -> List[Row]:
    """The attacks of a module, in the order of the file."""
    return [value.row for value in vars(module).values() if hasattr(value, "row")]
