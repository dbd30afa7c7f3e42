"""Serving a flow fails: the server has no deployments and no automations yet, and the client's error names the operation."""

import asyncio
import os
from pathlib import Path
from uuid import uuid4

from prefect import flow, get_client
from prefect.events import DeploymentEventTrigger
from prefect.exceptions import PrefectHTTPStatusError

from check import IS_2, equal
from process import call, captured

TRIGGER = DeploymentEventTrigger(name="On order", expect=["order.placed"])
# What the client calls first: 2.x creates the deployment, 3.x looks it up.
FIRST = "POST /deployments" if IS_2 else "GET /deployments/name/{flow_name}/{deployment_name}"


def check():
    fails_to_serve()
    fails_to_serve(triggers=[TRIGGER])
    call(create_trigger)


@flow
def served():
    pass


def serve(**options):
    # The client stores the path of the flow's file relative to the current folder.
    os.chdir(Path(__file__).parent)
    served.serve(name="nightly", **options)


def missing(operation):
    return f"Not implemented: this server does not have {operation} yet."


def fails_to_serve(**options):
    code, text = captured(lambda: serve(**options))
    equal(code, 1)
    assert "polling for scheduled runs" not in text, text
    error = text[text.rindex("\nprefect.") + 1 :]
    if IS_2:
        equal(error, f"prefect.deployments.runner.DeploymentApplyError: {missing(FIRST)}\n")
    else:
        kind, _ = error.split(" for url ")
        equal(kind, "prefect.exceptions.PrefectHTTPStatusError: Server error '501 Not Implemented'")
        assert f"Response: {{'detail': '{missing(FIRST)}'}}" in error, error


def create_trigger():
    """What the client does for a trigger after it has created the deployment."""

    async def run():
        TRIGGER.set_deployment_id(uuid4())
        async with get_client() as client:
            await client.delete_resource_owned_automations(f"prefect.deployment.{uuid4()}")
            try:
                await client.create_automation(TRIGGER.as_automation())
            except PrefectHTTPStatusError as error:
                equal(error.response.status_code, 501)
                equal(error.response.json(), {"detail": missing("POST /automations")})
            else:
                raise AssertionError("the server created an automation")

    asyncio.run(run())
