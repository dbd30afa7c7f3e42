"""API keys: where they are read from, and what is no key."""

from support.check import row
from support.request import send


@row
def keys_in_other_places(site, check):
    """Two Authorization headers; the key by Basic, in the query, in a cookie, without or with another scheme"""
    key, path = site.ann.key, "/api/me/workspaces"
    good, bad = ("Authorization", f"Bearer {key}"), ("Authorization", "Bearer pnu_wrong")
    check.status("the key", send(site.server, "GET", path, [good]), 200)
    check.status("the key second", send(site.server, "GET", path, [bad, good]), 400, 401)
    for what, value in {
        "Basic": f"Basic {key}",
        "no scheme": key,
        "no space": f"Bearer{key}",
        "a tab": f"Bearer\t{key}",
        "a list": f"Bearer pnu_wrong, Bearer {key}",
        "a colon": f"Bearer: {key}",
        "quotes": f'Bearer "{key}"',
        "Token": f"Token {key}",
    }.items():
        check.status(what, send(site.server, "GET", path, [("Authorization", value)]), 401)
    for query in ("key", "api_key", "token", "access_token", "authorization"):
        check.status(f"?{query}", send(site.server, "GET", f"{path}?{query}={key}"), 401)
    for cookie in (f"provost={key}", f"Authorization={key}", f"api_key={key}", site.ann.cookie):
        check.status(f"cookie {cookie.split('=')[0]}", send(site.server, "GET", path, [("Cookie", cookie)]), 401)
    for header in ("X-Api-Key", "Proxy-Authorization", "X-Authorization"):
        check.status(header, send(site.server, "GET", path, [(header, f"Bearer {key}")]), 401)


@row
def texts_that_resemble_a_key(site, check):
    """Another checksum, case, length or prefix of a key that exists"""
    key = site.ann.key
    for what, other in {
        "checksum": key[:-1] + ("a" if key[-1] != "a" else "b"),
        "case": key[:4] + key[4:].swapcase(),
        "suffix": key + "x",
        "shorter": key[:-1],
        "prefix": "pnb_" + key[4:],
        "prefix in upper case": "PNU_" + key[4:],
        "a space inside": key[:20] + " " + key[20:],
        "a wildcard": key[:-6] + "%%%%%%",
        "a quote": key[:-6] + "' OR 1",
        "nothing": "",
    }.items():
        answer = send(site.server, "GET", "/api/me/workspaces", [("Authorization", f"Bearer {other}")])
        check.status(what, answer, 401)
