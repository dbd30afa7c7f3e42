"""Sessions, passwords and registration."""

import concurrent.futures
import re
import statistics
import time

from support import person, request
from support.check import row
from support.person import PASSWORD

FOREIGN_ID = "AAAAAAAAAAAAAAAAAAAAAA"


@row
def session_fixation_and_replay(site, check):
    """A session id that the attacker chose; ids from before a sign-in and from after a sign-out"""
    server, ann = site.server, site.person("fixated")
    chosen = f"provost={FOREIGN_ID}"
    check(not person.is_signed_in(server, chosen), "an invented id is signed in")
    ids = [ann.cookie]
    for start in (chosen, ann.cookie):
        answer = person.sign_in(server, ann.email, PASSWORD, cookie=start)
        ids.append(person.session_of(server, answer))
        check(ids[-1] is not None and ids[-1] not in ids[:-1] + [chosen], f"the sign-in has no new id: {answer.headers}")
    check(not person.is_signed_in(server, chosen), "the chosen id is signed in")
    check(not person.is_signed_in(server, ann.cookie), "the id from before the sign-in is still good")
    check(person.is_signed_in(server, ids[-1]), "the new id is no session")
    person.post(server, "sign-out", {}, ids[-1])
    check(not person.is_signed_in(server, ids[-1]), "the id is good after the sign-out")
    check(person.is_signed_in(server, ids[1]), "the session of another browser ended too")


@row
def flags_of_the_session_cookie(site, check):
    """A session cookie that scripts, other sites or unencrypted pages can read"""
    for server, expected, absent in (
        (site.server, {"HttpOnly", "SameSite=Lax", "Path=/"}, {"Secure"}),
        (site.https, {"HttpOnly", "SameSite=Lax", "Path=/", "Secure"}, set()),
    ):
        answer = person.register(server, site.name("cookie"), site.address())
        text = answer.cookie(server.cookie_name) or ""
        flags = set(text.split("; ")[1:])
        check(expected <= flags and not absent & flags, f"{server.cookie_name}: {text}")
        check("Domain" not in text, f"{server.cookie_name} has a domain: {text}")
        check(len(answer.all("set-cookie")) == 1, f"{answer.all('set-cookie')}")


@row
def timing_of_unknown_addresses(site, check):
    """Whether the time or the bytes of a failed sign-in tell who is registered: 40 interleaved pairs"""
    known, times = [site.person("timed").email for _ in range(2)], {"known": [], "unknown": []}
    answers = set()
    for pair in range(40):
        source = site.address()
        emails = {"known": known[pair % 2], "unknown": f"nobody-{pair:03}@example.org"}
        for kind in ("known", "unknown") if pair % 2 else ("unknown", "known"):
            start = time.monotonic()
            answer = person.sign_in(site.server, emails[kind], "not the right one", source, accept=person.SCRIPT)
            times[kind].append(time.monotonic() - start)
            changing = ("date", "x-request-id")
            headers = tuple(header for header in answer.headers if header[0].lower() not in changing)
            answers.add((answer.status, headers, answer.body))
    check(len(answers) == 1, f"the answers differ: {answers}")
    medians = {kind: statistics.median(values) for kind, values in times.items()}
    ratio = max(medians.values()) / min(medians.values())
    check(ratio < 1.5, f"{ {kind: f'{1000 * value:.1f} ms' for kind, value in medians.items()} }")
    check(min(medians.values()) > 0.002, f"no password was hashed: {medians}")


WEAK = [
    "", "short", "123456789", "password", "1234567890", "password123", "qwertyuiop", "aaaaaaaaaa", "iloveyou12", "letmein123",
    "provost1234", "weakling prefect", "weakling12", "weakling@example.org", "violet\totter lamp", "x" * 129,
]


@row
def unsuitable_passwords(site, check):
    """Passwords of 60 KB and 70 KB, and 16 that are short, common, or about the person"""
    source = site.address()
    for size in (60_000, 70_000):
        start = time.monotonic()
        answer = person.sign_in(site.server, site.ann.email, "x" * size, source, accept=person.SCRIPT)
        check(answer.status < 500 and person.session_of(site.server, answer) is None, f"{size}: {answer.status}")
        check(time.monotonic() - start < 5, f"{size} bytes took {time.monotonic() - start:.1f} s")
        answer = person.register(site.server, site.name("long"), source, password="x" * size)
        check(answer.status < 500 and person.session_of(site.server, answer) is None, f"{size}: {answer.status}")
    for password in WEAK:
        typed = {"name": "weakling", "email": "weakling@example.org", "password": password}
        answer = person.register(site.server, "weakling", source, **typed)
        registered = person.session_of(site.server, answer) is not None
        check(answer.status < 500 and not registered, f"{password[:20]!r}: {answer.status}, registered: {registered}")


@row
def unsuitable_handles(site, check):
    """Handles in another alphabet or case, with NUL or a path, and words that the server needs"""
    for handle in (
        "аnn-cyrillic", "ANN", "Ann", "an\0n", "../x", "ann/x", "ann%2fx", "ann.x", "-ann", "ann-", "a", "x" * 40, "ann x", "ａｎｎ",
        "admin", "api", "root", "provost", "login", "security", "status", "me", "ui", "settings",
    ):
        answer = person.register(site.server, site.name("handle"), site.address(), handle=handle)
        registered = person.session_of(site.server, answer) is not None
        check(answer.status < 500 and not registered, f"{handle!r}: {answer.status}, registered: {registered}")


@row
def many_registrations_at_once(site, check):
    """24 registrations at the same time from one address"""
    source, handles = site.address(), [site.name("crowd") for _ in range(24)]
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda handle: person.register(site.server, handle, source, person.SCRIPT), handles))
    registered = [answer for answer in answers if person.session_of(site.server, answer)]
    refused = [answer for answer in answers if answer.status == 429]
    # One more is let in every ten seconds.
    check(0 < len(registered) <= 22 and len(registered) + len(refused) == 24, f"{[answer.status for answer in answers]}")
    check(all(re.fullmatch("[1-9][0-9]*", answer.header("retry-after")) for answer in refused), "429 without Retry-After")

