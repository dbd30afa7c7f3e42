"""The websockets: events of clients, and live updates of pages."""

import contextlib
import select
import time

from support import person, request, websocket
from support.check import row
from support.websocket import BINARY, CLOSE, CONTINUATION, PING, TEXT, Refused, Socket, StillOpen, frame, outcome

POLICY, INVALID, TOO_BIG, TRY_LATER = 1008, 1007, 1009, 1013
LIVE = "/ui/live"
SELF_INTRODUCING = ("Sec-WebSocket-Protocol", "prefect")
UNKNOWN = "ffc8be5d-17d2-4dfc-8b0b-223935274593"


def events(someone):
    return f"{someone.base}/events/in"


def auth(token):
    return frame(TEXT, b'{"type": "auth", "token": %s}' % token)


def quoted(text):
    return b'"%s"' % text.encode()


@row
def event_sockets_without_access(site, check):
    """No key, a wrong one, another person's and an unknown workspace, in the upgrade and in the first message"""
    ann, bob = site.ann, site.bob
    unknown = f"/api/accounts/{UNKNOWN}/workspaces/{UNKNOWN}/events/in"
    wrong = ("Authorization", "Bearer pnu_wrong")
    for what, path, headers, status in [
        ("no key", events(ann), [], 401),
        ("wrong key", events(ann), [wrong], 401),
        ("another's key", events(ann), [bob.bearer], 404),
        ("unknown workspace", unknown, [ann.bearer], 404),
        ("no key, bare path", "/api/events/in", [], 401),
        ("wrong key before a message", events(ann), [wrong, SELF_INTRODUCING], 401),
        ("another's key before a message", events(ann), [bob.bearer, SELF_INTRODUCING], 404),
    ]:
        code = outcome(site.server, path, headers)
        check(code == status, f"{what}: {code}, expected {status}")
    for what, path, token in [
        ("no token", events(ann), b"null"),
        ("wrong token", events(ann), b'"pnu_wrong"'),
        ("another's token", events(ann), quoted(bob.key)),
        ("unknown workspace", unknown, quoted(ann.key)),
    ]:
        code = outcome(site.server, path, [SELF_INTRODUCING], auth(token))
        check(code in (POLICY, 401, 404), f"{what} in the first message: {code}")
    with Socket(site.server, events(ann), [SELF_INTRODUCING]) as opened:
        opened.send(auth(quoted(ann.key)))
        check(b"auth_success" in opened.receive()[1], "the owner is not let in")


@row
def first_messages_that_are_no_introduction(site, check):
    """An event, null, duplicate keys, other types and binary as the first message"""
    ann = site.ann
    token = quoted(ann.key)
    for what, message in {
        "an event": frame(TEXT, b'{"event": "x", "resource": {"prefect.resource.id": "y"}}'),
        "null": frame(TEXT, b"null"),
        "an empty text": frame(TEXT),
        "duplicate keys": frame(TEXT, b'{"type": "auth", "token": "pnu_wrong", "token": %s}' % token),
        "another type": frame(TEXT, b'{"type": "filter", "token": %s}' % token),
        "a list": frame(TEXT, b'[{"type": "auth"}, {"token": %s}]' % token),
        "a number as token": auth(b"1"),
        "binary": frame(BINARY, b'{"type": "auth", "token": %s}' % token),
    }.items():
        code = outcome(site.server, events(ann), [SELF_INTRODUCING], message)
        check(code in (POLICY, 1003, 1007, 1002), f"{what}: {code}")


FRAMES = {
    "fragmented": frame(TEXT, b'{"a"', last=False) + frame(CONTINUATION, b': 1}'),
    "2^40 long": frame(TEXT, b"x", length=2**40),
    "2^63 long": frame(TEXT, b"x", length=2**63),
    "5 MB": frame(TEXT, b"x" * 5_000_000),
    "binary": frame(BINARY, b"{}"),
    "unmasked": frame(TEXT, b"{}", masked=False),
    "a reserved bit": frame(TEXT, b"{}", reserved=4),
    "invalid UTF-8": frame(TEXT, b'"\xff\xfe"'),
    "an unknown opcode": frame(5, b"{}"),
    "a long ping": frame(PING, b"x" * 126),
    "a fragmented ping": frame(PING, b"x", last=False),
    "a stray continuation": frame(CONTINUATION, b"{}"),
    "a text inside of a text": frame(TEXT, b"{", last=False) + frame(TEXT, b"}"),
    "a close of one byte": frame(CLOSE, b"\x03"),
    "a close with an invalid code": frame(CLOSE, b"\0\0"),
    "a close with invalid UTF-8": frame(CLOSE, b"\x03\xe8\xff\xfe"),
    "deep JSON": frame(TEXT, b"[" * 100_000),
    "300,000 fragments": frame(TEXT, b"[", last=False) + frame(CONTINUATION, b"1", last=False) * 300_000 + frame(CONTINUATION, b"]"),
}


@row
def invalid_frames(site, check):
    """Frames that are too long, unmasked, reserved, out of order or no text, to both sockets"""
    page = [("Cookie", site.ann.cookie), ("Origin", site.server.origin)]
    for path, headers in ((events(site.ann), [site.ann.bearer]), (LIVE, page)):
        for what, data in FRAMES.items():
            with Socket(site.server, path, headers) as opened:
                opened.send(data)
                try:
                    # Either the socket is closed, or the server has read past the frame.
                    opened.is_confirmed(15)
                    held = True
                except StillOpen:
                    held = False
                check(held, f"{path[-9:]}: {what}: neither answered nor closed")
            check.status(f"health after {what}", request.send(site.server, "GET", "/api/health"), 200)


@row
def pings_without_reading_the_pongs(site, check):
    """200 strangers' sockets and 50 of a key that send 20,000 pings each and never read"""
    pings = frame(PING, b"x" * 125) * 20_000
    before, files, strangers, known = site.server.memory(), site.server.open_files(), [], []
    try:
        for count, sockets, header in ((200, strangers, SELF_INTRODUCING), (50, known, site.bob.bearer)):
            for _ in range(count):
                with contextlib.suppress(Refused):
                    sockets.append(Socket(site.server, events(site.bob), [header], receive_buffer=4096))
        check(bool(strangers) and bool(known), f"{len(strangers)} and {len(known)} sockets were opened")
        slowest = flood(site, strangers + known, pings)
        grown = site.server.memory() - before
        check(slowest < 8, f"another person's request took {slowest:.1f} s")
        # Pongs that wait for their readers would be 2.5 MB a socket.
        check(grown < 1_000_000 * len(strangers + known), f"memory grew by {grown // 1_000_000} MB")
        # A few more files may be those of the database.
        left = open_after(site.server, files + len(known) + 10, 20)
        check(left == 0, f"about {left} of {len(strangers)} strangers are still connected")
    finally:
        for one in strangers + known:
            one.connection.close()


def flood(site, sockets, data):
    """Sends as much as the server takes in 10 s; returns the longest time of another person's request meanwhile."""
    rest = {one.connection.fileno(): (one.connection, memoryview(data)) for one in sockets}
    slowest, end, next_request, ready = 0.0, time.monotonic() + 10, 0.0, select.poll()
    for number, (connection, _) in rest.items():
        connection.setblocking(False)
        ready.register(number, select.POLLOUT)
    while time.monotonic() < end:
        for number, _ in ready.poll(200):
            connection, left = rest[number]
            try:
                left = left[connection.send(left[:262_144]) :]
            except OSError:
                left = b""
            rest[number] = (connection, left)
            if not left:
                ready.unregister(number)
                del rest[number]
        if time.monotonic() > next_request:
            start = time.monotonic()
            site.ann.call("POST", "/flows/filter", {})
            slowest, next_request = max(slowest, time.monotonic() - start), time.monotonic() + 1
    return slowest


def open_after(server, expected, seconds):
    """How many more files than these the server has open after this time. The end of a connection that is not read can't be seen."""
    end = time.monotonic() + seconds
    while server.open_files() > expected and time.monotonic() < end:
        time.sleep(0.2)
    return max(server.open_files() - expected, 0)


@row
def live_sockets_of_other_sites(site, check):
    """The live socket without Origin, with a foreign one, and without a session"""
    own, cookie = ("Origin", site.server.origin), ("Cookie", site.ann.cookie)
    for what, headers, codes in [
        ("no Origin", [cookie], (403,)),
        ("foreign Origin", [cookie, ("Origin", "http://evil.example")], (403,)),
        ("null", [cookie, ("Origin", "null")], (403,)),
        ("longer Origin", [cookie, ("Origin", site.server.origin + ".evil.example")], (403,)),
        ("no cookie", [own], (POLICY, 401, 403)),
        ("invented cookie", [own, ("Cookie", "provost=AAAAAAAAAAAAAAAAAAAAAA")], (POLICY, 401, 403)),
        ("a key", [own, site.ann.bearer], (POLICY, 401, 403)),
    ]:
        code = outcome(site.server, LIVE, headers)
        check(code in codes, f"{what}: {code}")


@row
def live_sockets_in_excess(site, check):
    """70 tabs of one session, messages of garbage and of 17 KB, 300 messages at once"""
    ann = site.person("tabs")
    headers = [("Cookie", ann.cookie), ("Origin", site.server.origin)]
    opened, refused = [], []
    try:
        for _ in range(70):
            try:
                opened.append(Socket(site.server, LIVE, headers))
            except Refused as refusal:
                refused.append(refusal.status)
        check(len(refused) >= 6 and set(refused) == {429}, f"{len(opened)} tabs were opened, the others got {set(refused)}")
    finally:
        for one in opened:
            one.connection.close()
    # The second message of the page's protocol, which unsubscribes from a topic.
    unsubscribe = frame(BINARY, b"\x01\x00")
    headers = [("Cookie", site.bob.cookie), ("Origin", site.server.origin)]
    for what, data in {
        "garbage": frame(BINARY, b"\xff" * 64),
        "more than a message": frame(BINARY, b"\x01\x00garbage"),
        "text": frame(TEXT, b"{}"),
        "17 KB": frame(BINARY, b"\0" * 17 * 1024),
        "300 messages": unsubscribe * 300,
    }.items():
        try:
            code = outcome(site.server, LIVE, headers, data, 5)
        except StillOpen:
            code = None
        check(code is not None, f"{what}: the socket stays open")
    with Socket(site.server, LIVE, headers) as one:
        one.send(unsubscribe * 100)
        check(one.is_confirmed(), "100 messages are too many")


@row
def live_socket_after_sign_out(site, check):
    """A live socket whose person signs out"""
    ann = site.person("leaver")
    with Socket(site.server, LIVE, [("Cookie", ann.cookie), ("Origin", site.server.origin)]) as opened:
        check(opened.is_confirmed(), "the socket is not open")
        person.post(site.server, "sign-out", {}, ann.cookie)
        try:
            check(opened.close_code(3) == POLICY, "closed with another code")
        except StillOpen:
            check(False, "still open after 3 s")
