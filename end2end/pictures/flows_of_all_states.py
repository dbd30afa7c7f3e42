"""The flows of `flows.py`, with what the other pages show: runs in other states, variables, artifacts."""

import sys
from datetime import datetime, timedelta, timezone

import flows
from prefect import flow, get_run_logger, tags
from prefect.artifacts import (
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
)
from prefect.client.orchestration import get_client
from prefect.states import Paused, Pending, Running, Scheduled
from prefect.variables import Variable

TABLE = [{"Port": "Leith", "High water": "14:12", "Height in m": 5.6}, {"Port": "Wick", "High water": "11:03", "Height in m": 3.4}]
FORECAST = """# Load forecast

The peak is **61.4 GW** at 18:30.

- Wind: 12.1 GW
- Tides: 0.4 GW

```python
peak = max(loads)
```
"""
IMAGE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 60'%3E"
    "%3Cpath d='M0 40Q15 0 30 30T60 30T90 30T120 20' fill='none' stroke='teal' stroke-width='3'/%3E%3C/svg%3E"
)


@flow(name="Harbour master")
def master(port: str, days: list, settings: dict):
    logger = get_run_logger()
    logger.debug("Settings: %s", settings)
    logger.info("The day of %s begins", port)
    flows.tides(port)
    for day in days:
        logger.info("Day %s: the pilots know their ships", day)
    logger.warning("The lamp at the pier smokes")
    flows.arrivals()


@flow(name="train-and-publish-the-model-of-water-levels-for-every-harbour-of-the-north-coast")
def model():
    get_run_logger().info("Nothing to train")


@flow(name="Load forecast")
def forecast():
    create_markdown_artifact(FORECAST, key="load-forecast", description="For tomorrow")
    create_table_artifact(TABLE, key="tide-table", description="High water of today")
    create_link_artifact("https://example.org/tides", key="source", link_text="Where the heights come from")
    create_progress_artifact(62.0, key="download")
    create_image_artifact(IMAGE, key="curve", description="Water levels")


def create_variables():
    Variable.set("market_close", "17:30", tags=["finance"])
    Variable.set("batch_size", 5000)
    Variable.set("tariff_zones", {"north": {"peak": [7, 19], "rate": 0.3142}, "south": {"peak": [8, 20], "rate": 0.2718}}, tags=["ingest"])
    Variable.set("the_name_of_a_variable_that_a_team_chose_to_be_as_clear_as_possible", "short")


def create_waiting_runs():
    now = datetime.now(timezone.utc)
    due = lambda **time: Scheduled(scheduled_time=now + timedelta(**time))
    with get_client(sync_client=True) as client:
        for hours in range(1, 8):
            client.create_flow_run(flows.tides, name=f"planned-heron-{hours}", parameters={"port": "Oban"}, tags=["nightly"], state=due(hours=20 + hours))
        client.create_flow_run(flows.quality, name="late-heron", tags=["lab"], state=due(minutes=-13))
        client.create_flow_run(flows.quality, name="pending-heron", state=Pending())
        paused = client.create_flow_run(flows.report, name="paused-heron", state=Pending())
        client.set_flow_run_state(paused.id, Running())
        client.set_flow_run_state(paused.id, Paused(timeout_seconds=2 * 24 * 3600))


if __name__ == "__main__":
    create_variables()
    with tags("forecast"):
        forecast()
    with tags("nightly", "harbour", "a-tag-that-is-longer-than-the-others"):
        master("Leith", [1, 2, 3], {"tide": {"unit": "m", "step": 0.1}}, return_state=True)
    model()
    create_waiting_runs()
    flows.run_all(sys.argv[1])
