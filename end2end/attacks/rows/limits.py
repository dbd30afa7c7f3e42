"""Many connections, slow ones, and cheap requests in large numbers."""

import re
import select
import time

from support import request
from support.check import NotRun, row

MEGABYTE = 1_000_000


@row
def slow_readers_of_a_file(site, check):
    """200 strangers who ask for the largest file of the site and do not read it"""
    page = request.send(site.server, "GET", "/sign-in").text
    files = re.findall(r'"(/pkg/[^"]+\.wasm)"', page)
    if not files:
        raise NotRun("the program was built without the site's files")
    ask = request.compose(site.server, "GET", files[0])
    readers, source, before = [], site.address(), site.server.memory()
    try:
        for _ in range(200):
            readers.append(request.connect(site.server, source, receive_buffer=4096))
            readers[-1].sendall(ask)
        check(request.send(site.server, "GET", "/api/health", timeout=5).status == 200, "others get no answer")
        grown = site.server.memory() - before
        check(grown < 100 * MEGABYTE, f"memory grew by {grown // MEGABYTE} MB")
    finally:
        for reader in readers:
            reader.close()


@row
def connections_that_send_no_request(site, check):
    """A header each 0.9 s without an end, and a connection that sends nothing"""
    slow, silent = (request.connect(site.server, site.address()) for _ in range(2))
    start, ended = time.monotonic(), {}
    slow.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n")
    with slow, silent:
        while len(ended) < 2 and time.monotonic() - start < 15:
            waiting = [connection for connection in (slow, silent) if connection not in ended]
            for connection in select.select(waiting, [], [], 0.9)[0]:
                if is_closed(connection):
                    ended[connection] = time.monotonic() - start
            if slow not in ended:
                send_or_close(slow, ended, start)
    for what, connection in (("slow", slow), ("silent", silent)):
        seconds = ended.get(connection)
        check(seconds is not None and 8 < seconds < 13, f"the {what} connection was closed after {seconds} s, not 10")


def is_closed(connection):
    """Reads what has arrived, such as an answer before the end."""
    try:
        return not connection.recv(65536)
    except OSError:
        return True


def send_or_close(slow, ended, start):
    try:
        slow.sendall(b"x-more: 1\r\n")
    except OSError:
        ended[slow] = time.monotonic() - start


@row
def connections_from_one_address(site, check):
    """1,100 connections from one address"""
    source, opened = site.address(), []
    try:
        for _ in range(1_100):
            opened.append(request.connect(site.server, source))
        answer = request.send(site.server, "GET", "/api/health", source=site.address(), timeout=5)
        check(answer.status == 200, "another address gets no answer")
        closed = closed_within(opened, 3)
        check(closed >= 1_100 - 1_024, f"only {closed} of 1,100 were closed")
        check(closed < 1_100, "all were closed")
    finally:
        for connection in opened:
            connection.close()


def closed_within(connections, seconds):
    """How many of them the server closes."""
    watch = select.poll()
    for connection in connections:
        watch.register(connection, select.POLLIN)
    end, closed = time.monotonic() + seconds, set()
    while time.monotonic() < end:
        for number, _ in watch.poll(200):
            closed.add(number)
            watch.unregister(number)
    return len(closed)


@row
def cheap_requests_in_large_numbers(site, check):
    """201 requests at once over one connection, 200 pages, 200 unknown pages with paths of 30 KB"""
    before, source = site.server.memory(), site.address()
    ask = request.compose(site.server, "GET", "/api/health")
    last = request.compose(site.server, "GET", "/api/health", [("Connection", "close")])
    received, closed = request.exchange(site.server, ask * 200 + last, 20, source)
    check(closed and request.statuses(received) == [200] * 201, f"{len(request.statuses(received))} of 201 answers")
    start = time.monotonic()
    pages = {request.send(site.server, "GET", "/sign-in", source=source).status for _ in range(200)}
    check(pages == {200}, f"pages: {pages}")
    long_paths = {request.send(site.server, "GET", "/" + "x" * 30_000, source=source).status for _ in range(200)}
    check(long_paths <= {404, 414}, f"long paths: {long_paths}")
    seconds, grown = time.monotonic() - start, site.server.memory() - before
    check(seconds < 30, f"400 pages took {seconds:.1f} s")
    check(grown < 100 * MEGABYTE, f"memory grew by {grown // MEGABYTE} MB")
