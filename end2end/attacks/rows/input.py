"""Bodies: JSON that is malformed or means something else to another parser, encodings, sizes, filters."""

import gzip
import json
import time

from support import person, request
from support.check import row
from support.objects import Objects


@row
def compressed_bodies(site, check):
    """Bodies with Content-Encoding: gzip, to the API and to a form"""
    name = site.name("gzipped")
    bomb = gzip.compress(json.dumps({"name": name}).encode())
    headers = [site.ann.bearer, ("Content-Type", "application/json"), ("Content-Encoding", "gzip")]
    check.status("API", request.send(site.server, "POST", site.ann.base + "/flows", headers, bomb), 400, 415, 422)
    check.status("flow", site.ann.call("GET", f"/flows/name/{name}"), 404)
    form = gzip.compress(b"email=a%40example.org&password=x&to=")
    check.status("form", person.post(site.server, "sign-in", form, headers=[("Content-Encoding", "gzip")]), 400, 415, 422)


MALFORMED = {
    "depth of 100,000": b'{"name": "a", "labels": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "duplicate keys": b'{"name": "a", "name": "b"}',
    "NaN": b'{"name": NaN}',
    "1e400": b'{"name": "a", "labels": {"x": 1e400}}',
    "a lone surrogate": b'{"name": "\\ud800"}',
    "NUL": b'{"name": "a\\u0000b"}',
    "a raw NUL": b'{"name": "a\0b"}',
    "invalid UTF-8": b'{"name": "\xff\xfe"}',
    "a byte order mark": b'\xef\xbb\xbf{"name": "a"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "trailing data": b'{"name": "a"} {"name": "b"}',
    "__proto__": b'{"name": "a", "__proto__": {"is_admin": true}}',
    "another case": b'{"Name": "a"}',
    "an array": b'["a"]',
}


@row
def malformed_json(site, check):
    """JSON that is too deep, doubled, not finite, not UTF-8, or has keys that are not known"""
    for what, body in MALFORMED.items():
        answer = site.ann.call("POST", "/flows", body)
        check.status(what, answer, 422)
        place = answer.json.get("exception_detail", [{}])[0].get("loc") if answer.status == 422 else ["body"]
        check(bool(place) and place[0] == "body", f"{what}: the answer names no place: {answer.text[:200]}")


@row
def declared_length_beyond_the_limit(site, check):
    """A body whose declared length is 9 MB"""
    headers = [site.ann.bearer, ("Content-Length", "9000000")]
    received, _ = request.exchange(site.server, request.compose(site.server, "POST", site.ann.base + "/flows", headers), 5)
    check(request.statuses(received) == [413], f"{request.statuses(received)}")


@row
def sql_in_filters(site, check):
    """SQL as a sort, wildcards and quotes in a search, 20,000 and 100,000 values, huge offsets"""
    Objects(site.ann, site.name("sql"))
    count = len(site.ann.call("POST", "/flow_runs/filter", {}).json)
    check(count > 0, "there is no run to be found")

    def asks(what, body, *allowed):
        start = time.monotonic()
        answer = site.ann.call("POST", "/flow_runs/filter", body)
        check.status(what, answer, *allowed)
        check(answer.status != 200 or answer.json == [], f"{what} finds {answer.text[:200]}")
        check(time.monotonic() - start < 3, f"{what} took {time.monotonic() - start:.1f} s")

    for sort in ("ID_DESC; DROP TABLE flow_run", "(SELECT 1)", "name", "ID_DESC--"):
        asks(f"sort {sort}", {"sort": sort}, 422)
    for part in ("%", "_", "' OR 1=1 --", "\\", "%' OR '1'='1", '"; SELECT 1'):
        asks(f"like {part}", {"flow_runs": {"name": {"like_": part}}}, 200)
        asks(f"name {part}", {"flow_runs": {"name": {"any_": [part]}}}, 200)
    for number in (20_000, 100_000):
        asks(f"{number} values", {"flow_runs": {"name": {"any_": ["x"] * number}}}, 413, 422)
    asks("a huge offset", {"offset": 10**12}, 200)
    asks("an offset beyond 64 bits", {"offset": 10**30}, 422)
    after = len(site.ann.call("POST", "/flow_runs/filter", {}).json)
    check(after == count, f"{count} runs before, {after} after")


@row
def fields_that_only_the_server_sets(site, check):
    """More fields than a form and a call have: administrator, ids, workspace, author"""
    handle = site.name("climber")
    extra = {"is_admin": "true", "role": "owner", "id": "1", "account": site.ann.account, "workspace": site.ann.workspace}
    answer = person.register(site.server, handle, site.address(), **extra)
    cookie = person.session_of(site.server, answer)
    check(cookie is not None or answer.status == 422, f"registration: {answer.status}")
    if cookie:
        headers = [("Cookie", cookie), ("Accept", person.PLAIN)]
        check.status("services", request.send(site.server, "GET", "/server/services", headers), 404)
        check.status("her runs", request.send(site.server, "GET", site.ann.site + "/runs", headers), 404)
    flow = site.ann.create("/flows", {"name": site.name("flow")})["id"]
    for field, value in {
        "id": "01a20bc2-0710-7e1c-9497-408fb5b68b2a",
        "workspace_id": site.bob.workspace,
        "created_by": {"id": None, "type": "USER", "display_value": "root"},
        "auto_scheduled": True,
        "created": "2001-01-01T00:00:00Z",
        "run_count": 99,
    }.items():
        answer = site.ann.call("POST", "/flow_runs", {"flow_id": flow, field: value})
        kept = answer.status == 201 and answer.json.get(field) == value
        check(answer.status == 422 or (answer.status == 201 and not kept), f"{field}: {answer.status} {answer.text[:200]}")
