"""What a person can reach of another person's workspace with ids that are known."""

from support.check import row
from support.objects import LOG_TIME, Objects
from support.websocket import Socket

UNKNOWN = "ffc8be5d-17d2-4dfc-8b0b-223935274593"


def pair(site, stem):
    """Objects of two people, who have the same names for theirs only by accident."""
    return Objects(site.person("hers"), site.name(f"hers-{stem}")), Objects(site.person("his"), site.name(f"his-{stem}"))


def calls_about(hers):
    """Method, path and body of calls that name objects of hers, all of which he must be told do not exist."""
    state = {"state": {"type": "RUNNING"}}
    take = {"lease_duration": 60.0}
    return [
        ("GET", f"/flows/{hers.flow}", None),
        ("GET", f"/flows/name/{hers.name}", None),
        ("GET", f"/flow_runs/{hers.flow_run}", None),
        ("PATCH", f"/flow_runs/{hers.flow_run}", {"name": "taken"}),
        ("POST", f"/flow_runs/{hers.flow_run}/set_state", state),
        ("GET", f"/task_runs/{hers.task_run}", None),
        ("POST", f"/task_runs/{hers.task_run}/set_state", state),
        ("GET", f"/block_types/slug/{hers.name}", None),
        ("PATCH", f"/block_types/{hers.block_type}", {"description": "taken"}),
        ("GET", f"/block_schemas/checksum/{hers.checksum}", None),
        ("GET", f"/block_documents/{hers.block_document}", None),
        ("GET", f"/v2/concurrency_limits/{hers.limit}", None),
        ("GET", f"/v2/concurrency_limits/{hers.name}", None),
        ("DELETE", f"/v2/concurrency_limits/{hers.limit}", None),
        ("DELETE", f"/v2/concurrency_limits/{hers.name}", None),
        ("POST", f"/v2/concurrency_limits/leases/{hers.lease}/renew", take),
        ("POST", "/flow_runs", {"flow_id": hers.flow}),
        ("POST", "/task_runs", {"flow_run_id": hers.flow_run, "task_key": "t", "dynamic_key": "0"}),
        ("POST", "/block_schemas", {"fields": {}, "block_type_id": hers.block_type}),
    ]


def lists_about(hers):
    """Lists that ask for objects of hers, all of which he must find empty."""
    run, flow, task = [hers.flow_run], [hers.flow], [hers.task_run]
    return [
        ("GET", f"/flow_run_states?flow_run_id={hers.flow_run}", None),
        ("GET", f"/task_run_states?task_run_id={hers.task_run}", None),
        ("POST", "/flows/filter", {"flows": {"id": {"any_": flow}}}),
        ("POST", "/flows/filter", {"flows": {"name": {"any_": [hers.name]}}}),
        ("POST", "/flow_runs/filter", {"flow_runs": {"id": {"any_": run}}}),
        ("POST", "/flow_runs/filter", {"flows": {"id": {"any_": flow}}}),
        ("POST", "/flow_runs/filter", {"flow_runs": {"parent_task_run_id": {"any_": task}}}),
        ("POST", "/flow_runs/count", {"flow_runs": {"id": {"any_": run}}}),
        ("POST", "/task_runs/filter", {"task_runs": {"id": {"any_": task}}}),
        ("POST", "/task_runs/filter", {"task_runs": {"flow_run_id": {"any_": run}}}),
        ("POST", "/logs/filter", {"logs": {"flow_run_id": {"any_": run}}}),
        ("POST", "/logs/filter", {"logs": {"task_run_id": {"any_": task}}}),
    ]


@row
def ids_of_another_workspace(site, check):
    """31 calls with another workspace's ids in path, body, filter and query; the same below the other workspace"""
    hers, his = pair(site, "calls")
    before = hers.snapshot()
    for method, path, body in calls_about(hers):
        for base in (his.owner.base, "/api"):
            check.status(f"{method} {path}", his.owner.call(method, path, body, base), 404, 410)
        check.status(f"hers: {method} {path}", his.owner.call(method, path, body, hers.owner.base), 404)
    for method, path, body in lists_about(hers):
        for base in (his.owner.base, "/api"):
            answer = his.owner.call(method, path, body, base)
            check(answer.status == 200 and answer.json in ([], 0), f"{method} {path} {body}: {answer.status} {answer.text[:200]}")
        check.status(f"hers: {method} {path}", his.owner.call(method, path, body, hers.owner.base), 404)
    check(hers.snapshot() == before, "objects of hers were changed")


@row
def leases_of_another_workspace(site, check):
    """Renewing and releasing the lease of another workspace"""
    hers, his = pair(site, "lease")
    check.status("renew", his.owner.call("POST", f"/v2/concurrency_limits/leases/{hers.lease}/renew", {}), 404, 410)
    release = his.owner.call("POST", "/v2/concurrency_limits/decrement-with-lease", {"lease_id": hers.lease})
    check.status("release", release, 204, 404, 410)
    take = hers.owner.call("POST", "/v2/concurrency_limits/increment-with-lease", {"names": [hers.name], "slots": 1})
    check.status("the only slot of hers", take, 423)
    check.status("renew by her", hers.owner.call("POST", f"/v2/concurrency_limits/leases/{hers.lease}/renew", {}), 204)


@row
def references_to_another_workspace(site, check):
    """A parent, a block, an infrastructure, a log line, an idempotency key and an id of another workspace"""
    hers, his = pair(site, "references")
    before = hers.snapshot()
    run, block = {"flow_id": his.flow}, {"name": "b", "data": {}, "block_schema_id": his.block_schema, "block_type_id": his.block_type}
    reference = {"inner": {"$ref": {"block_document_id": hers.block_document}}}
    for what, path, body in [
        ("parent task run", "/flow_runs", {**run, "parent_task_run_id": hers.task_run}),
        ("infrastructure", "/flow_runs", {**run, "infrastructure_document_id": hers.block_document}),
        ("block reference", "/block_documents", {**block, "data": reference}),
        ("block type", "/block_documents", {**block, "block_type_id": hers.block_type}),
        ("block schema", "/block_documents", {**block, "block_schema_id": hers.block_schema}),
    ]:
        answer = his.owner.call("POST", path, body)
        check.status(what, answer, 400, 404)
        check(f'"{hers.name}"' not in answer.text, f"{what}: {answer.text[:200]}")
    answer = his.owner.call("POST", "/flow_runs", {**run, "idempotency_key": hers.name})
    check(answer.status == 201 and answer.json["id"] != hers.flow_run, f"idempotency key: {answer.status} {answer.text[:100]}")
    answer = his.owner.call("POST", "/task_runs", {"id": hers.task_run, "task_key": "his", "dynamic_key": "0"})
    check(answer.status in (201, 404, 409), f"the same id: {answer.status}")
    his.owner.call("POST", "/logs", [his.log_line(hers.flow_run)])
    check(hers.snapshot() == before, "objects of hers were changed")
    task = hers.owner.call("GET", f"/task_runs/{hers.task_run}").json
    check(task["task_key"] == hers.name, f"her task run is now {task['task_key']}")


@row
def events_about_another_workspace(site, check):
    """An event about another person's task run, with that workspace's ids inside"""
    hers, his = pair(site, "events")
    before = hers.snapshot()
    task = {"task_key": "taken", "dynamic_key": "0", "name": "taken", "run_count": 9, "tags": []}
    event = {
        "occurred": LOG_TIME,
        "event": "prefect.task-run.Failed",
        "resource": {"prefect.resource.id": f"prefect.task-run.{hers.task_run}", "prefect.orchestration": "client",
                     "prefect.state-type": "FAILED", "prefect.state-name": "Failed"},
        "related": [{"prefect.resource.id": f"prefect.flow-run.{hers.flow_run}", "prefect.resource.role": "flow-run"}],
        "payload": {"validated_state": {"type": "FAILED", "name": "Failed"}, "task_run": task, "workspace": hers.owner.workspace},
        "account": hers.owner.account,
        "workspace": hers.owner.workspace,
        "id": UNKNOWN,
    }
    with Socket(site.server, f"{his.owner.base}/events/in", [his.owner.bearer]) as opened:
        opened.send_json(event)
        check(opened.is_confirmed(), "the event is not confirmed, so nothing was tried")
    check(hers.snapshot() == before, "objects of hers were changed")
    check.status("his", his.owner.call("GET", f"/task_runs/{hers.task_run}"), 404)


@row
def mixed_workspace_paths(site, check):
    """The account of one person with the workspace of another; wildcards and NUL in place of ids"""
    ann, bob = site.ann, site.bob
    for account, workspace in [
        (ann.account, bob.workspace), (bob.account, ann.workspace), (bob.account, bob.workspace), (ann.workspace, ann.account),
        ("~", "~"), ("*", "*"), (ann.account, "*"), (ann.account, "~"), ("%00", "%00"), (ann.account, ann.workspace + "%00"),
        (ann.account, "%2e%2e"), (ann.handle, ann.workspace), (UNKNOWN, ann.workspace), (ann.account, UNKNOWN), ("%25", "%25"),
    ]:
        base = f"/api/accounts/{account}/workspaces/{workspace}"
        for method, path, body in (("POST", "/flows/filter", {}), ("POST", "/flows", {"name": "x"}), ("GET", "/hello", None)):
            check.status(f"{base}{path}", ann.call(method, path, body, base), 404)
    for page in (f"/account/{ann.account}/workspace/{bob.workspace}", bob.site):
        for path in ("/runs", "/settings", "/first-run", ""):
            check.status(page + path, ann.page(page + path), 404)
    check.status("her own", ann.call("POST", "/flows/filter", {}), 200)
