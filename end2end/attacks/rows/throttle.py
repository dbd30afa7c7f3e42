"""Guessing passwords: attempts by address, by account and at once, and addresses that are forged."""

import concurrent.futures
import re
import time

from support import person
from support.check import row

WRONG = "not the right one"


def guess(server, email, source, headers=()):
    return person.sign_in(server, email, WRONG, source, headers=headers, accept=person.SCRIPT)


def check_one_client(check, what, answers):
    """Of these attempts only a burst of three is let through. One more is allowed every 20 seconds."""
    statuses = [answer.status for answer in answers]
    check(statuses[:3] == [200] * 3 and statuses.count(429) >= len(statuses) - 4, f"{what}: {statuses}")
    last = answers[-1].header("retry-after")
    check(bool(re.fullmatch("[1-9][0-9]*", last)), f"{what}: 429 without Retry-After: {last!r}")


@row
def forged_addresses_without_a_proxy(site, check):
    """Another client address in a header for each guess, to a server that trusts no proxy"""
    for name, value in {
        "X-Forwarded-For": "9.9.9.{}",
        "X-Real-IP": "9.9.9.{}",
        "Forwarded": "for=9.9.9.{}",
        "X-Client-IP": "9.9.9.{}",
        "True-Client-IP": "9.9.9.{}",
    }.items():
        source, email = site.address(), f"{site.name('target')}@example.org"
        answers = [guess(site.server, email, source, [(name, value.format(number))]) for number in range(1, 8)]
        check_one_client(check, name, answers)


FORGED = {
    "the left part": lambda number, client: [("X-Forwarded-For", f"9.9.9.{number}, {client}")],
    "an earlier line": lambda number, client: [("X-Forwarded-For", f"9.9.9.{number}"), ("X-Forwarded-For", client)],
    "garbage before it": lambda number, client: [("X-Forwarded-For", f"unknown-{number}, _x, {client}")],
    "ports": lambda number, client: [("X-Forwarded-For", f"9.9.9.{number}, {client}:{4000 + number}")],
    "mapped IPv4": lambda number, client: [("X-Forwarded-For", f"::ffff:{client}" if number % 2 else client)],
    "the proxy itself": lambda number, client: [("X-Forwarded-For", f"9.9.9.{number}, {client}, 127.0.0.1")],
    "garbage after it": lambda number, client: [("X-Forwarded-For", f"9.9.9.{number}, {client}, {{}}")],
}


@row
def forged_addresses_behind_a_proxy(site, check):
    """Addresses that the client put into X-Forwarded-For before a trusted proxy added the real one"""
    for index, (what, headers) in enumerate(FORGED.items()):
        email = f"{site.name('target')}@example.org"
        client = f"198.51.100.{index + 1}"
        answers = [guess(site.proxied, email, "127.0.0.1", headers(number, client)) for number in range(1, 8)]
        check_one_client(check, what, answers)


@row
def one_ipv6_network(site, check):
    """Eight addresses of one IPv6 /64"""
    email = f"{site.name('target')}@example.org"
    header = "2001:db8:5:7:{:x}::1"
    answers = [guess(site.proxied, email, "127.0.0.1", [("X-Forwarded-For", header.format(number))]) for number in range(8)]
    check_one_client(check, "one /64", answers)


@row
def one_account_from_many_addresses(site, check):
    """34 guesses at one account, each from an address of its own"""
    email = site.person("guessed").email
    statuses = [guess(site.server, email, site.address()).status for _ in range(34)]
    check(statuses == [200] * 30 + [429] * 4, f"{statuses}")


@row
def many_sign_ins_at_once(site, check):
    """90 guesses at the same time from 90 addresses"""
    sources, names = [site.address() for _ in range(90)], [site.name("many") for _ in range(90)]

    def timed(source, name):
        start = time.monotonic()
        answer = guess(site.server, f"{name}@example.org", source)
        return answer, time.monotonic() - start

    with concurrent.futures.ThreadPoolExecutor(90) as pool:
        results = list(pool.map(timed, sources, names))
    statuses = [answer.status for answer, _ in results]
    check(set(statuses) <= {200, 429} and 200 in statuses, f"{sorted(set(statuses))}")
    check(all(answer.header("retry-after") for answer, _ in results if answer.status == 429), "429 without Retry-After")
    slowest = max(seconds for _, seconds in results)
    check(slowest < 12, f"the slowest took {slowest:.1f} s")
