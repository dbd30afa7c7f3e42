"""HTTP itself: spellings of paths, methods, framing, sizes."""

from support import request
from support.check import row
from support.request import send

# The routes that need no key are `/api/health` and `/api/ready`, also below a workspace and with superfluous slashes.
SPELLINGS = [
    "//api/health", "/api/x/../health", "/api/%68ealth", "/api/health.", "/api/health%20", "/api/health;x", "/API/health",
    "/api/HEALTH", "/Api/Ready", "/api/health%00", "/api/health%2f", "/api/health%2e", "/api/./health", "/api/health/.",
    "/api/health/..", "/api/health/../flows/filter", "/api/health/flows/filter", "/api/ready/../me/workspaces",
    "/api/health;/flows/filter", "/api/%2e/health", "/api%2fhealth", "/api\\health", "/api/flows/filter?/health",
    "/api/flows/filter;/health", "/api/flows/filter%3f/health", "/api/flows/filter/health", "/api/flows/filter%2fhealth",
    "/api/health%0a", "/api/healthz", "/api/.health", "/api/ready,health",
]
REFUSED = (400, 401, 404, 405)


@row
def unusual_spellings_of_public_paths(site, check):
    """Other spellings of the public paths, and public paths in front of others, without a key"""
    for probe in ("/api/health", "/api/ready"):
        check.status(probe, send(site.server, "GET", probe), 200)
    for path in SPELLINGS:
        for method in ("GET", "POST"):
            check.status(f"{method} {path}", send(site.server, method, path), *REFUSED)


@row
def names_that_end_like_a_public_path(site, check):
    """Objects called health and ready, with doubled and trailing slashes, without a key"""
    base = site.ann.base
    for path in ("/flows/name/health", "/v2/concurrency_limits/ready", "/block_types/slug/health", "/flows/name/version"):
        for prefix in ("/api", base):
            for spelling in (path, path + "/", path + "//", path.replace("/", "//"), "//" + path):
                check.status(prefix + spelling, send(site.server, "GET", prefix + spelling), 401)


@row
def paths_that_climb(site, check):
    """Dots in the path, plain and encoded, and a path in upper case"""
    for path in (
        "/../../../../etc/passwd", "/pkg/..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/pkg/../../Cargo.toml",
        "/pkg/%2e%2e%2fmanifest.json", "/fonts/....//manifest.json", "/..\\..\\etc\\passwd", "/manifest.json",
        "/api/../api/flows/filter", "/api/%2e%2e/api/me/workspaces", "/api/health/%2e%2e/me/workspaces",
        "/API/ME/WORKSPACES", "/api/ME/workspaces", "/help/../my/api-keys", "/help/..%2fmy%2fapi-keys",
    ):
        answer = send(site.server, "GET", path)
        # A page that needs a session, by whatever path, sends a stranger to the sign-in.
        if answer.header("location") != "/sign-in?to=/my/api-keys":
            check.status(path, answer, *REFUSED)
        check("root:" not in answer.text and "[package]" not in answer.text, f"{path} returned a file")


@row
def other_methods(site, check):
    """A method in headers, query or body instead of the real one; methods that the server does not have"""
    name = site.name("limit")
    site.ann.create("/v2/concurrency_limits", {"name": name, "limit": 1})
    path = f"{site.ann.base}/v2/concurrency_limits/{name}"
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        check.status(header, send(site.server, "POST", path, [site.ann.bearer, (header, "DELETE")]), 404)
    check.status("in the query", send(site.server, "POST", path + "?_method=DELETE", [site.ann.bearer]), 404)
    check.status("in the body", send(site.server, "POST", path, [site.ann.bearer], b"_method=DELETE"), 404)
    check.status("the limit afterwards", site.ann.call("GET", f"/v2/concurrency_limits/{name}"), 200)
    for method in ("TRACE", "OPTIONS", "PUT", "PROPFIND", "get", "CONNECT"):
        check.status(f"{method} of the API", send(site.server, method, path, [site.ann.bearer]), 400, 404)
        check.status(f"{method} of a page", send(site.server, method, "/sign-in"), 400, 404, 405)


@row
def smuggled_request(site, check):
    """Content-Length and Transfer-Encoding together, in both orders, with a second request in the body"""
    inner = request.compose(site.server, "GET", "/api/health")
    body = b"0\r\n\r\n" + inner
    lengths = [("Content-Length", str(len(body))), ("Transfer-Encoding", "chunked")]
    for order in (lengths, lengths[::-1]):
        outer = request.compose(site.server, "POST", "/api/me/workspaces", [site.ann.bearer, *order], body)
        received, closed = request.exchange(site.server, outer)
        check(len(request.statuses(received)) == 1, f"{order}: {request.statuses(received)}")
        check(closed, f"{order}: the connection stays open")


@row
def malformed_heads(site, check):
    """Lengths that differ or are no number, encodings of bodies that are unknown or doubled, folded lines, NUL and CR in headers"""
    chunks = b"2\r\n{}\r\n0\r\n\r\n"
    for lines, body in [
        (b"Content-Length: 2\r\nContent-Length: 3", b"{} "),
        (b"Content-Length: 2, 2", b"{}"),
        (b"Content-Length: +2", b"{}"),
        (b"Content-Length: -1", b"{}"),
        (b"Content-Length: 0x2", b"{}"),
        (b"Content-Length: 99999999999999999999999", b"{}"),
        (b"Transfer-Encoding: xchunked", chunks),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", chunks),
        (b"Transfer-Encoding : chunked", chunks),
        (b"X-Folded: one\r\n two\r\nContent-Length: 2", b"{}"),
        (b"X-Nul: a\0b\r\nContent-Length: 2", b"{}"),
        (b"X-Return: a\rb\r\nContent-Length: 2", b"{}"),
    ]:
        refuses(site, check, lines, body, b"HTTP/1.1")
    refuses(site, check, b"Transfer-Encoding: chunked", chunks, b"HTTP/1.0")


def refuses(site, check, lines, body, version):
    head = b"POST %s/flows/filter %s\r\nHost: x\r\nAuthorization: Bearer %s\r\n" % (
        site.ann.base.encode(), version, site.ann.key.encode()
    )
    received, closed = request.exchange(site.server, head + lines + b"\r\n\r\n" + body)
    statuses = request.statuses(received)
    check(statuses == [400] or (not statuses and closed), f"{lines!r}: {statuses}, closed: {closed}")


@row
def huge_chunk_framing(site, check):
    """A chunk extension of 100 KB, 20,000 trailers, a chunk length of 17 digits"""
    for what, body in [
        ("extension", b"2;" + b"x" * 100_000 + b"\r\n{}\r\n0\r\n\r\n"),
        ("trailers", b"2\r\n{}\r\n0\r\n" + b"".join(b"x-%d: 1\r\n" % number for number in range(20_000)) + b"\r\n"),
        ("length", b"1" + b"0" * 16 + b"\r\n{}\r\n0\r\n\r\n"),
    ]:
        headers = [site.ann.bearer, ("Transfer-Encoding", "chunked")]
        data = request.compose(site.server, "POST", site.ann.base + "/flows/filter", headers, body)
        received, closed = request.exchange(site.server, data)
        statuses = request.statuses(received)
        refused = len(statuses) == 1 and 400 <= statuses[0] < 500
        check(refused or (not statuses and closed), f"{what}: {statuses}, closed: {closed}")


@row
def other_protocols(site, check):
    """HTTP/2 with and without an upgrade, HTTP/0.9, HTTP/3.0"""
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0"
    received, closed = request.exchange(site.server, preface)
    check(closed and set(request.statuses(received)) <= {400, 505}, f"preface: {received[:80]!r}, closed: {closed}")
    upgrade = [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQCAAAAAAIAAAAA")]
    received, _ = request.exchange(site.server, request.compose(site.server, "GET", "/api/health", upgrade), 1)
    check(request.statuses(received) == [200], f"h2c: {received[:80]!r}")
    for line in (b"GET /api/health\r\n\r\n", b"GET /api/health HTTP/3.0\r\nHost: x\r\n\r\n"):
        received, closed = request.exchange(site.server, line)
        check(closed and set(request.statuses(received)) <= {400, 505}, f"{line!r}: {received[:80]!r}, closed: {closed}")


@row
def huge_heads(site, check):
    """A header of 1 MB, 101 and 2,000 headers, a path of 70 KB"""
    many = [[(f"x-{number}", "1") for number in range(count)] for count in (101, 2_000)]
    for what, path, headers in [
        ("1 MB", "/api/health", [("x-long", "x" * 1_000_000)]),
        ("101 headers", "/api/health", many[0]),
        ("2,000 headers", "/api/health", many[1]),
        ("path", "/" + "x" * 70_000, []),
    ]:
        received, closed = request.exchange(site.server, request.compose(site.server, "GET", path, headers))
        statuses = request.statuses(received)
        check(closed and set(statuses) <= {400, 414, 431}, f"{what}: {statuses}, closed: {closed}")
