"""One object of each kind in a person's workspace."""

from __future__ import annotations

import json
from typing import Any, Dict

from .person import Person

LOG_TIME = "2026-11-25T10:00:00Z"


class Objects:
    """Every object that has a name has the same one, so that an answer which leaks one of them contains the name."""

    def __init__(self, owner: Person, name: str):
        self.owner, self.name = owner, name
        self.flow = owner.create("/flows", {"name": name})["id"]
        self.flow_run = owner.create("/flow_runs", {"flow_id": self.flow, "name": name, "idempotency_key": name})["id"]
        task = {"flow_run_id": self.flow_run, "task_key": name, "dynamic_key": "0", "name": name}
        self.task_run = owner.create("/task_runs", task)["id"]
        owner.create("/logs", [self.log_line(self.flow_run)])
        self.limit = owner.create("/v2/concurrency_limits", {"name": name, "limit": 1})["id"]
        take = {"names": [name], "slots": 1}
        self.lease = owner.create("/v2/concurrency_limits/increment-with-lease", take)["lease_id"]
        self.block_type = owner.create("/block_types", {"name": name, "slug": name})["id"]
        schema = owner.create("/block_schemas", {"fields": {"title": name}, "block_type_id": self.block_type})
        self.block_schema, self.checksum = schema["id"], schema["checksum"]
        block = {"name": name, "data": {}, "block_schema_id": self.block_schema, "block_type_id": self.block_type}
        self.block_document = owner.create("/block_documents", block)["id"]

    def log_line(self, flow_run: str) -> Dict[str, Any]:
        return {"name": self.name, "level": 20, "message": self.name, "timestamp": LOG_TIME, "flow_run_id": flow_run}

    def snapshot(self) -> Dict[str, Any]:
        """What the owner reads of them, to see that nothing was changed. Estimates grow while a run waits, so they are left out."""
        reads = [
            f"/flows/{self.flow}",
            f"/flow_runs/{self.flow_run}",
            f"/task_runs/{self.task_run}",
            f"/flow_run_states?flow_run_id={self.flow_run}",
            f"/task_run_states?task_run_id={self.task_run}",
            f"/v2/concurrency_limits/{self.limit}",
            f"/block_types/slug/{self.name}",
            f"/block_schemas/checksum/{self.checksum}",
            f"/block_documents/{self.block_document}",
        ]
        lists = ["/flows/filter", "/flow_runs/filter", "/flow_runs/count", "/task_runs/filter", "/logs/filter"]
        answers = {path: self.owner.call("GET", path) for path in reads}
        answers.update({path: self.owner.call("POST", path, {}) for path in lists})
        return {path: (answer.status, without_estimates(json.loads(answer.body))) for path, answer in answers.items()}


def without_estimates(value: Any) -> Any:
    if isinstance(value, list):
        return [without_estimates(item) for item in value]
    if isinstance(value, dict):
        return {key: without_estimates(item) for key, item in value.items() if not key.startswith("estimated_")}
    return value
