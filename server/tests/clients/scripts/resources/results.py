"""Results of runs: the client writes them to files, and reads where they are from the states of the runs."""

import asyncio
from uuid import UUID

from prefect import flow, get_client, task
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterType, FlowRunFilter, FlowRunFilterId

from check import IS_2, equal, wait_for
from process import call

RESULT = [42, "of the flow"]
TASK_RESULT = {"doubled": 42}


def check():
    flow_run_id = call(compute)
    call(read, flow_run_id)
    call(artifacts_of_results, flow_run_id)


@task(persist_result=True)
def double(number):
    return {"doubled": number * 2}


@flow(persist_result=True)
def persisted(number):
    return [double(number)["doubled"], "of the flow"]


@flow
def not_persisted():
    return "kept by the process"


def compute():
    not_persisted()
    state = persisted(21, return_state=True)
    return str(state.state_details.flow_run_id)


def of_flow_run(flow_run_id):
    return FlowRunFilter(id=FlowRunFilterId(any_=[UUID(flow_run_id)]))


async def completed_task_run(client, flow_run_id):
    """Waits for the end of the task run, which clients of 3.x send in the background."""

    async def completed():
        runs = await client.read_task_runs(flow_run_filter=of_flow_run(flow_run_id))
        return [run for run in runs if run.state.is_completed()]

    (run,) = await wait_for(completed)
    return run


def result_of(state):
    return state.result(fetch=True) if IS_2 else state.result()


def read(flow_run_id):
    """Reads the results in a process that did not compute them, by the states that the server returns."""

    async def states():
        async with get_client() as client:
            history = await client.read_flow_run_states(flow_run_id)
            current = (await client.read_flow_run(flow_run_id)).state
            return history, current, (await completed_task_run(client, flow_run_id)).state

    history, current, of_task = asyncio.run(states())
    equal([state.type.value for state in history], ["PENDING", "RUNNING", "COMPLETED"])
    equal(result_of(history[-1]), RESULT)
    equal(result_of(current), RESULT)
    equal(result_of(of_task), TASK_RESULT)


def artifacts_of_results(flow_run_id):
    async def run():
        async with get_client() as client:
            state = (await client.read_flow_run(flow_run_id)).state
            task_run = await completed_task_run(client, flow_run_id)
            found = await client.read_artifacts(flow_run_filter=of_flow_run(flow_run_id))
            by_task_run = {artifact.task_run_id: artifact for artifact in found}
            equal(len(by_task_run), len(found))
            described(by_task_run.pop(None), state, "list")
            if IS_2:
                described(by_task_run.pop(task_run.id), task_run.state, "dict")
            equal(by_task_run, {})
            await by_type(client, len(found))

    asyncio.run(run())


def described(artifact, state, type_of_result):
    """2.x describes results. 3.x does not, and sends task runs as events; the results in these have no artifacts."""
    equal(artifact.data["storage_key"], state.data.storage_key)
    equal((artifact.key, artifact.type), (None, "result" if IS_2 else None))
    if IS_2:
        start = f"Result of type `{type_of_result}` persisted to: `"
        assert artifact.description.startswith(start), artifact.description
    else:
        equal(artifact.description, None)


async def by_type(client, results):
    """Only the artifacts of 2.x have a type; the flow whose result was not persisted has no artifact."""
    of_type = ArtifactFilter(type=ArtifactFilterType(any_=["result"]))
    equal(len(await client.read_artifacts(artifact_filter=of_type)), results if IS_2 else 0)
    of_other_types = ArtifactFilter(type=ArtifactFilterType(not_any_=["result"]))
    equal([found.type for found in await client.read_artifacts(artifact_filter=of_other_types)], ["table"])
