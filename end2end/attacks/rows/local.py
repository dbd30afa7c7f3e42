"""Local mode, which lets every caller in: pages of other sites must not reach it through a browser."""

from support import request, server as servers, websocket
from support.check import row
from support.person import PLAIN


@row
def names_that_lead_here(site, check):
    """DNS rebinding: other names and addresses in Host, none, two, in the request line, in X-Forwarded-Host"""
    server, port = site.local, site.local.port
    hosts = [
        "evil.example", f"evil.example:{port}", "localhost.evil.example", "127.0.0.1.evil.example", f"127.0.0.1:{port}.evil.example",
        "192.0.2.1", "[::2]", "", "localhost.", "127.1", "0.0.0.0", "2130706433", "0x7f.0.0.1", "localhost@evil.example",
        "127.0.0.1, evil.example", "[::ffff:127.0.0.1]", "ｌocalhost", "localhost/evil.example",
    ]
    attempts = [[("Host", host)] for host in hosts]
    attempts += [[("Host", None)], [("Host", server.host), ("Host", "evil.example")], [("Host", "evil.example"), ("Host", server.host)]]
    attempts += [[("Host", "evil.example"), ("X-Forwarded-Host", "localhost")]]
    for path in ("/", "/api/flows/filter"):
        method = "POST" if path.startswith("/api") else "GET"
        check.status(f"localhost {path}", request.send(server, method, path, [("Host", f"localhost:{port}")]), 200)
        for headers in attempts:
            check.status(f"{headers} {path}", request.send(server, method, path, headers), 400, 403)
        absolute = f"http://evil.example:{port}{path}"
        check.status(absolute, request.send(server, method, absolute, [("Host", server.host)]), 400, 403)


@row
def pages_of_other_sites(site, check):
    """Foreign origins, at the API, the pages and both sockets"""
    server = site.local
    for origin in (
        "http://evil.example", "null", f"https://{server.host}", "http://127.0.0.1:1", "http://localhost.evil.example",
        f"{server.origin}.evil.example", f"{server.origin}/", "file://", f"http://evil.example:{server.port}", "chrome-extension://abc",
    ):
        header = ("Origin", origin)
        check.status(f"API {origin}", request.send(server, "POST", "/api/flows/filter", [header]), 403)
        check.status(f"page {origin}", request.send(server, "GET", "/", [header, ("Accept", PLAIN)]), 403)
        for path in ("/ui/live", "/api/events/in"):
            code = websocket.outcome(server, path, [header])
            check(code == 403, f"socket {path} {origin}: {code}")
    check.status("own page", request.send(server, "POST", "/api/flows/filter", [("Origin", server.origin)]), 200)


@row
def local_mode_for_other_machines(site, check):
    """Local mode on every address or with a public name; names at a server that was allowed to listen on any address"""
    folder = str(site.local.folder / "exposed")
    # The program must end before it listens; the address of the first is therefore never open.
    for flags in (
        ["--listen", f"0.0.0.0:{servers.free_port()}"],
        ["--listen", f"[::]:{servers.free_port()}"],
        ["--listen", f"127.0.0.1:{servers.free_port()}", "--public-url", "https://provost.example.org"],
    ):
        ended = servers.run(site.binary, "serve", "--local", "--data-dir", folder, *flags)
        check(ended.returncode not in (0, None), f"{flags}: {ended.returncode} {ended.stderr[:200]}")
        check("local" in ended.stderr, f"{flags}: the error does not name the setting: {ended.stderr[:200]}")
    server = site.start("--local", "--local-on-any-address")
    for host in ("evil.example", f"evil.example:{server.port}", "192.0.2.1.evil.example", "1.2.3", "[evil]"):
        check.status(host, request.send(server, "POST", "/api/flows/filter", [("Host", host)]), 400, 403)
    check.status("an address", request.send(server, "POST", "/api/flows/filter", [("Host", f"192.0.2.1:{server.port}")]), 200)
