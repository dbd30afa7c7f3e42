"""What a page of another site can do through a person's browser: cookies, origins, redirects, headers."""

import base64
import json
import urllib.parse

from support import person, request
from support.check import row
from support.html import Page
from support.person import PASSWORD, PLAIN

EVIL = "http://evil.example"


def workspaces(someone):
    return someone.call("GET", "/me/workspaces", base="/api").json


@row
def forms_from_other_sites(site, check):
    """A form with the person's cookie from another origin, from none, by other paths and by GET"""
    ann = site.person("victim")
    server, before = site.server, workspaces(ann)
    fields = urllib.parse.urlencode({"account": ann.account, "name": "forged"}).encode()
    usual = [("Content-Type", person.FORM), ("Accept", PLAIN), ("Cookie", ann.cookie)]
    for headers in (
        [],
        [("Origin", EVIL)],
        [("Origin", "null")],
        [("Origin", "")],
        [("Origin", server.origin + ".evil.example")],
        [("Origin", server.origin.upper())],
        [("Origin", server.origin.replace("http:", "https:"))],
        [("Origin", "http://127.0.0.1")],
        [("Origin", server.origin + "/")],
        [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site")],
        [("Sec-Fetch-Site", "none")],
        [("Origin", EVIL), ("Sec-Fetch-Site", "cross-site")],
        [("Referer", server.origin + "/workspaces/new")],
    ):
        answer = request.send(server, "POST", "/ui/create-workspace", usual + headers, fields)
        check.status(f"{headers}", answer, 403)
    for path in ("//ui/create-workspace", "/api/../ui/create-workspace", "/ui/create-workspace/", "/api//../ui/create-workspace"):
        check.status(path, request.send(server, "POST", path, usual, fields), 403, 404, 405)
    for function in ("create-workspace", "sign-out", "delete-workspace", "star-workspace", "create-api-key"):
        answer = request.send(server, "GET", f"/ui/{function}?{fields.decode()}", usual)
        check.status(f"GET {function}", answer, 403, 404, 405)
    check(workspaces(ann) == before, "a workspace was made")
    check(person.is_signed_in(server, ann.cookie), "the person was signed out")
    answer = request.send(server, "POST", "/ui/create-workspace", [*usual, ("Origin", server.origin)], fields)
    check(len(workspaces(ann)) == len(before) + 1, f"the server's own page can't make one either: {answer.status}")


@row
def sign_in_from_another_site(site, check):
    """A sign-in as the attacker, by a form on another site"""
    for origin in (EVIL, "null"):
        fields = {"email": site.bob.email, "password": PASSWORD, "to": ""}
        answer = person.post(site.server, "sign-in", fields, headers=[("Origin", None)])
        check(person.session_of(site.server, answer) is not None, f"the password is wrong: {answer.status}")
        foreign = [("Content-Type", person.FORM), ("Accept", PLAIN), ("Origin", origin)]
        answer = request.send(site.server, "POST", "/ui/sign-in", foreign, urllib.parse.urlencode(fields).encode())
        check.status(origin, answer, 403)
        check(person.session_of(site.server, answer) is None, f"{origin}: a session began")


def host_of(location, origin):
    """The host to which a browser goes. Browsers drop tabs and line ends, and read a backslash as a slash."""
    text = "".join(letter for letter in location if letter not in "\t\r\n").strip("\0 ").replace("\\", "/")
    joined = urllib.parse.urlsplit(urllib.parse.urljoin(origin + "/sign-in", text))
    return f"{joined.scheme}://{joined.netloc}"


@row
def redirects_to_other_sites(site, check):
    """A link to the sign-in page that leads elsewhere afterwards, in 13 forms"""
    for to in (
        "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
        "/\0/evil.example", " //evil.example", "http://evil.example", "javascript:alert(1)", "/%2f%2fevil.example",
        "evil.example", "https:evil.example",
    ):
        fields = {"email": site.bob.email, "password": PASSWORD, "to": to}
        answer = person.post(site.server, "sign-in", fields, source=site.address())
        location = answer.header("location")
        check(answer.status == 303 and host_of(location, site.server.origin) == site.server.origin, f"{to!r}: {location!r}")
        page = request.send(site.server, "GET", "/sign-in?" + urllib.parse.urlencode({"to": to}), [("Accept", PLAIN)])
        away = [link for link in Page(page).links() if host_of(link, site.server.origin) != site.server.origin]
        check(page.status == 200 and not away, f"{to!r}: {page.status}, links to {away}")


@row
def forged_host_headers(site, check):
    """Another host or protocol in Host, X-Forwarded-Host, X-Forwarded-Proto and Forwarded"""
    for headers in (
        [("Host", "evil.example")],
        [("X-Forwarded-Host", "evil.example")],
        [("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "444")],
        [("Forwarded", "host=evil.example;proto=https")],
        [("X-Original-URL", "/evil.example"), ("X-Rewrite-URL", "/evil.example")],
    ):
        page = request.send(site.server, "GET", "/help", [("Accept", PLAIN), *headers])
        check(page.status == 200 and f"{site.server.origin}/api" in page.text, f"{headers}: the page lacks the public URL")
        check("evil.example" not in page.text and "https://127" not in page.text, f"{headers}: the page uses it")
        redirect = request.send(site.server, "GET", "/my/api-keys", [("Accept", PLAIN), *headers])
        check(redirect.header("location").startswith("/sign-in"), f"{headers}: {redirect.header('location')}")
        cookie = person.sign_in(site.server, site.bob.email, PASSWORD, headers=headers).cookie("provost")
        check(cookie is not None and "Secure" not in cookie, f"{headers}: {cookie}")


@row
def scripts_of_other_origins(site, check):
    """A CORS preflight and a simple request from another origin"""
    ask = [("Origin", EVIL), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization")]
    for path in ("/api/me/workspaces", site.ann.base + "/flows/filter", "/ui/workspaces", "/sign-in", "/api/health"):
        for method, headers in (("OPTIONS", ask), ("GET", ask[:1]), ("POST", ask[:1])):
            answer = request.send(site.server, method, path, headers)
            allowed = [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
            check(not allowed, f"{method} {path}: {allowed}")


@row
def forged_form_cookie(site, check):
    """Markup in the cookie that carries the errors of a form"""
    markup = '"><img src=x onerror=alert(1)></script><script>alert(1)</script>'
    field = {"loc": ["name"], "msg": markup, "message": markup, "type": markup, "kind": markup}
    for end in ({"Refused": {"Whole": markup}}, {"Refused": {"Fields": [field]}}, {"Failed": {"Refused": markup}}):
        flash = {"form": "/ui/register", "end": end, "typed": {"name": markup, "email": markup, "handle": markup}}
        value = base64.urlsafe_b64encode(json.dumps(flash).encode()).decode().rstrip("=")
        answer = request.send(site.server, "GET", "/register", [("Accept", PLAIN), ("Cookie", f"provost-form={value}")])
        page = Page(answer)
        check(not page.dangers(), f"{end}: {page.dangers()}")
        check(all(attributes.get("src") != "x" for _, attributes in page.elements), f"{end}: an element was added")
        check(answer.status < 500, f"{end}: {answer.status}")


@row
def headers_against_embedding(site, check):
    """Pages in a frame, types that are guessed, addresses that leak, answers from a cache, a first visit without encryption"""
    for server in (site.server, site.https):
        for path in ("/sign-in", "/help", "/nowhere", "/api/health", "/api/me/workspaces", "/ui/nothing", "/my/api-keys"):
            answer = request.send(server, "GET", path, [("Accept", PLAIN)])
            policy = answer.header("content-security-policy")
            for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
                check(part in policy, f"{path}: {part} is missing")
            check("unsafe-inline" not in policy and "*" not in policy and "'unsafe-eval'" not in policy, f"{path}: {policy}")
            for name, value in {
                "x-frame-options": "DENY",
                "x-content-type-options": "nosniff",
                "referrer-policy": "same-origin",
                "cross-origin-opener-policy": "same-origin",
                "cache-control": "no-store",
            }.items():
                check(answer.all(name) == [value], f"{path}: {name} is {answer.all(name)}")
            expected = ["max-age=31536000"] if server is site.https else []
            check(answer.all("strict-transport-security") == expected, f"{path}: HSTS {answer.all('strict-transport-security')}")
