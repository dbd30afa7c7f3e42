"""Example flows of a harbour. The argument is a file name: the last flow runs until the file exists."""

import sys
import time
from pathlib import Path

from prefect import flow, get_run_logger, tags, task


@task
def measure(station):
    return len(station)


@task
def call(ship):
    if ship == "Aurora":
        raise ConnectionError("No pilot answers on channel 12")
    return ship


@flow(name="Tide tables")
def tides(port: str):
    get_run_logger().info("Tables for %s", port)
    return measure.map(["Leith", "Oban", "Wick"]).result()


@flow(name="Ship arrivals")
def arrivals():
    for ship in ("Nairn", "Aurora"):
        call(ship)


@flow(name="Water quality")
def quality():
    return measure.map([str(station) for station in range(24)]).result()


@flow(name="Harbour report")
def report():
    tides("Leith")


@flow(name="Dredging plan")
def dredging(until: str):
    measure("channel")
    while not Path(until).exists():
        time.sleep(0.1)


def run_all(until):
    for port in ("Leith", "Oban"):
        with tags("nightly", "tides"):
            tides(port)
    with tags("ships"):
        arrivals(return_state=True)
    with tags("nightly", "lab"):
        quality()
    report()
    for _ in range(2):
        with tags("ships"):
            arrivals(return_state=True)
        with tags("nightly", "lab"):
            quality()
    with tags("nightly", "tides"):
        tides("Wick")
    with tags("plan"):
        dredging(until)


if __name__ == "__main__":
    run_all(sys.argv[1])
