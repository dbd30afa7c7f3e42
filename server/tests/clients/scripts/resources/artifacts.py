"""Artifacts in flows, in tasks and outside of runs, by the functions, the class and the command."""

import asyncio
import json
from uuid import UUID, uuid4

from prefect import artifacts, flow, get_client, task
from prefect.artifacts import Artifact, create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.client.schemas.filters import (
    ArtifactCollectionFilter,
    ArtifactCollectionFilterKey,
    ArtifactFilter,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterId,
    TaskRunFilter,
    TaskRunFilterId,
)
from prefect.client.schemas.sorting import ArtifactSort
from prefect.runtime import flow_run, task_run

from check import IS_2, equal, raises, rejected, wait_for
from process import call, fails, succeeds

ROWS = [{"quarter": 1, "sold": 12.5}, {"quarter": 2, "sold": float("nan")}]
STORED_ROWS = [{"quarter": 1, "sold": 12.5}, {"quarter": 2, "sold": None}]


def check():
    call(outside_of_runs)
    call(in_runs)
    call(in_an_asynchronous_flow)
    call(get_or_create)
    if not IS_2:
        call(progress_and_image)
    call(invalid)
    call(delete_all)
    call(history)
    history_by_command(call(ids, "report"))
    delete_by_command(call(ids, "report"))


def run(function):
    """Passes a client to the function and returns its result."""

    async def connected():
        async with get_client() as client:
            return await function(client)

    return asyncio.run(connected())


def of_key(key, **more):
    """The artifacts of the key, newest first."""
    keys = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
    return run(lambda client: client.read_artifacts(artifact_filter=keys, sort=ArtifactSort.UPDATED_DESC, **more))


def only(key):
    (artifact,) = of_key(key)
    return artifact


def latest(key):
    """The newest artifact of the key, as the list of the newest artifacts has it."""
    keys = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=[key]))
    (artifact,) = run(lambda client: client.read_latest_artifacts(artifact_filter=keys))
    return artifact


def ids(key):
    return [str(artifact.id) for artifact in of_key(key)]


def content(artifact):
    return artifact.type, artifact.data, artifact.description


def runs(artifact):
    return artifact.flow_run_id, artifact.task_run_id


def outside_of_runs():
    equal(create_markdown_artifact("# Tïtle", key="a-text", description="Outside"), only("a-text").id)
    equal(content(only("a-text")), ("markdown", "# Tïtle", "Outside"))
    equal(runs(only("a-text")), (None, None))
    create_link_artifact("https://example.org/a", link_text="A page", key="a-link")
    equal(content(only("a-link")), ("markdown", "[A page](https://example.org/a)", None))
    create_link_artifact("https://example.org/b", key="bare-link")
    equal(only("bare-link").data, "[https://example.org/b](https://example.org/b)")
    create_table_artifact({"quarter": [1, 2], "sold": [3, 4]}, key="columns")
    equal(json.loads(only("columns").data), {"quarter": [1, 2], "sold": [3, 4]})
    without_key = create_markdown_artifact("No key")
    equal(run(lambda client: client._client.get(f"/artifacts/{without_key}")).json()["data"], "No key")


@task
def publish_in_task():
    create_table_artifact(ROWS, key="in-a-task", description="By quarter")
    return task_run.id


@flow
def publish():
    create_markdown_artifact("From a flow", key="in-a-flow")
    return flow_run.id, publish_in_task()


def in_runs():
    flow_run_id, task_run_id = map(UUID, publish())
    equal(runs(only("in-a-flow")), (flow_run_id, None))
    table = only("in-a-task")
    equal(runs(table), (flow_run_id, task_run_id))
    equal((table.type, json.loads(table.data), table.description), ("table", STORED_ROWS, "By quarter"))

    async def read(client):
        of_flow_run = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
        of_task_run = TaskRunFilter(id=TaskRunFilterId(any_=[task_run_id]))
        other = FlowRunFilter(id=FlowRunFilterId(any_=[uuid4()]))
        by_flow_run = await client.read_artifacts(flow_run_filter=of_flow_run, sort=ArtifactSort.KEY_ASC)
        equal([artifact.key for artifact in by_flow_run], ["in-a-flow", "in-a-task"])
        # Clients of 3.x send task runs in the background.
        by_task_run = await wait_for(lambda: client.read_artifacts(task_run_filter=of_task_run))
        equal([artifact.key for artifact in by_task_run], ["in-a-task"])
        newest = await client.read_latest_artifacts(flow_run_filter=of_flow_run, task_run_filter=of_task_run)
        equal([artifact.latest_id for artifact in newest], [table.id])
        equal(await client.read_artifacts(flow_run_filter=other), [])
        equal(await client.read_latest_artifacts(flow_run_filter=other), [])

    run(read)


@flow
async def publish_asynchronously():
    if IS_2:
        return await create_markdown_artifact("Later", key="asynchronous"), flow_run.id
    await artifacts.acreate_link_artifact("https://example.org/c", key="asynchronous-link")
    await artifacts.acreate_table_artifact(ROWS, key="asynchronous-table")
    return await artifacts.acreate_markdown_artifact("Later", key="asynchronous"), flow_run.id


def in_an_asynchronous_flow():
    artifact_id, flow_run_id = asyncio.run(publish_asynchronously())
    artifact = only("asynchronous")
    equal((artifact.id, artifact.data, runs(artifact)), (artifact_id, "Later", (UUID(flow_run_id), None)))
    if not IS_2:
        equal(only("asynchronous-link").data, "[https://example.org/c](https://example.org/c)")
        equal(json.loads(only("asynchronous-table").data), STORED_ROWS)


def get_or_create():
    equal(Artifact.get("counted"), None)
    created, was_created = Artifact.get_or_create(key="counted", description="Once", data={"n": 1}, type="custom")
    equal((was_created, content(created)), (True, ("custom", '{"n": 1}', "Once")))
    found, was_created = Artifact.get_or_create(key="counted", description="Twice", data={"n": 2}, type="custom")
    equal((was_created, found), (False, created))
    equal(Artifact.get("counted"), created)
    equal(only("counted"), created)
    newer = Artifact(key="counted", type="custom", data={"n": 3}).create()
    equal(Artifact.get("counted"), newer)
    equal(ids("counted"), [str(newer.id), str(created.id)])
    if not IS_2:
        equal(Artifact.get(), newer)
        equal(asyncio.run(Artifact.aget("counted")), newer)


@flow
def report_progress():
    bar = artifacts.create_progress_artifact(12.5, key="progress", description="Started")
    equal(content(only("progress")), ("progress", 12.5, "Started"))
    artifacts.update_progress_artifact(bar, 50.0)
    equal(content(only("progress")), ("progress", 50.0, "Started"))
    artifacts.update_progress_artifact(bar, 250.0, description="Done")
    equal(content(only("progress")), ("progress", 100.0, "Done"))
    equal((latest("progress").latest_id, content(latest("progress"))), (bar, ("progress", 100.0, "Done")))
    artifacts.create_image_artifact("https://example.org/plot.png", key="image", description="A plot")
    return flow_run.id


def progress_and_image():
    flow_run_id = UUID(report_progress())
    equal(content(only("image")), ("image", "https://example.org/plot.png", "A plot"))
    equal((runs(only("image")), runs(only("progress"))), ((flow_run_id, None), (flow_run_id, None)))

    async def asynchronously():
        bar = await artifacts.acreate_progress_artifact(0.0, key="later-progress")
        await artifacts.aupdate_progress_artifact(bar, 75.0)
        await artifacts.acreate_image_artifact("https://example.org/b.png", key="later-image")

    asyncio.run(asynchronously())
    equal((only("later-progress").data, only("later-image").data), (75.0, "https://example.org/b.png"))


def invalid():
    raises(ValueError, "key", create_markdown_artifact, "x", key="Not A Key")
    artifact_id = only("a-text").id

    async def send(client):
        before = len(await client.read_artifacts())
        await rejected(client, "POST", "/artifacts/", {"key": "Not A Key", "data": "x"}, "key")
        await rejected(client, "POST", "/artifacts/", {"flow_run_id": "no id"}, "flow_run_id")
        await rejected(client, "PATCH", f"/artifacts/{artifact_id}", {"metadata_": "no object"}, "metadata_")
        equal(len(await client.read_artifacts()), before)

    run(send)
    equal(only("a-text").data, "# Tïtle")


def delete_all():
    async def delete(client):
        for artifact in await client.read_artifacts():
            await client.delete_artifact(artifact.id)
        equal(await client.read_latest_artifacts(), [])

    run(delete)


@flow
def history():
    for text in ("first", "second", "third"):
        create_markdown_artifact(text, key="report", description=f"The {text} one")
    create_table_artifact(ROWS, key="table")


def rows(table):
    """Id, key and type of each row of the table that `ls` prints."""
    cells = ([cell.strip() for cell in line.split("│")[1:4]] for line in table.splitlines() if "│" in line)
    return [tuple(row) for row in cells if row[0].count("-") == 4]


def history_by_command(newest_first):
    newest = newest_first[0]
    listed = rows(succeeds("artifact", "ls"))
    equal((listed[0], [key for _, key, _ in listed]), ((newest, "report", "markdown"), ["report", "table"]))
    equal(len(rows(succeeds("artifact", "ls", "--limit", "1"))), 1)
    every = rows(succeeds("artifact", "ls", "--all"))
    equal([key for _, key, _ in every], ["report", "report", "report", "table"])
    equal({row[0] for row in every[:3]}, set(newest_first))

    inspected = succeeds("artifact", "inspect", "report")
    positions = [inspected.index(f"'id': '{artifact}'") for artifact in newest_first]
    equal(positions, sorted(positions))
    assert all(f"'data': '{text}'" in inspected for text in ("first", "second", "third")), inspected
    limited = succeeds("artifact", "inspect", "report", "--limit", "1")
    assert f"'id': '{newest}'" in limited and limited.count("'id'") == 1, limited
    fails("Artifact 'missing' not found.", "artifact", "inspect", "missing")
    if not IS_2:
        found = json.loads(succeeds("artifact", "inspect", "report", "--output", "json", "--limit", "2"))
        equal([(row["id"], row["data"]) for row in found], list(zip(newest_first, ["third", "second"])))
        listed = json.loads(succeeds("artifact", "ls", "--output", "json"))
        equal([(row["key"], row["type"]) for row in listed], [("report", "markdown"), ("table", "table")])
        equal((listed[0]["latest_id"], listed[0]["data"]), (newest, "third"))


def delete_by_command(newest_first):
    newest, second, first = newest_first
    # The command of 3.x asks only on a terminal.
    typed = "y\n" if IS_2 else ""
    if IS_2:
        fails("Deletion aborted.", "artifact", "delete", "--id", newest, typed="n\n")
    deleted = succeeds("artifact", "delete", "--id", newest, typed=typed)
    assert f"Deleted artifact with id '{newest}'." in deleted, deleted
    fails(f"Artifact with id '{newest}' not found!", "artifact", "delete", "--id", newest, typed=typed)
    equal(rows(succeeds("artifact", "ls")), [(second, "report", "markdown"), *table_row()])
    equal(call(ids, "report"), [second, first])

    deleted = succeeds("artifact", "delete", "report", typed=typed)
    assert "Deleted 2 artifact(s) with key 'report'." in deleted, deleted
    fails("Artifact with key 'report' not found.", "artifact", "delete", "report", typed=typed)
    equal(rows(succeeds("artifact", "ls", "--all")), table_row())
    fails("either a key or an artifact_id but not both", "artifact", "delete", "table", "--id", newest, typed=typed)


def table_row():
    (table,) = call(ids, "table")
    return [(table, "table", "table")]
