//! A workspace with one object of each kind, and one valid call of each route about them. A route without a valid call here fails the
//! tests that iterate over all routes.

use std::collections::BTreeMap;

use api::route::{Access, Method, Mount, Payload, Route};
use axum::body::Body;
use control::Cx;
use serde_json::{Value, json};

use crate::client::{Client, TestResponse};

/// An id that no object has.
pub const UNKNOWN_ID: &str = "ffc8be5d-17d2-4dfc-8b0b-223935274593";

/// The ids of the objects in the workspace.
pub struct WorkspaceFixture {
    /// The name of every object that has one.
    pub name: &'static str,
    pub flow: String,
    pub flow_run: String,
    pub task_run: String,
    pub limit: String,
    /// Two, so that one remains when a test releases the other.
    pub leases: [String; 2],
    pub block_type: String,
    pub block_schema: String,
    pub checksum: String,
    pub block_document: String,
}

/// Method and path of a route: `POST /flows/filter`.
pub fn operation(route: &Route<Cx>) -> String {
    format!("{} {}", route.method.as_str(), route.path)
}

/// The routes that require a key.
pub fn non_public_routes() -> Vec<Route<Cx>> {
    api::routes::all().into_iter().filter(|route| route.access != Access::Public).collect()
}

/// The routes that read JSON.
pub fn routes_with_body() -> Vec<Route<Cx>> {
    let reads_json = |route: &Route<Cx>| matches!(route.payload, Payload::Required | Payload::Optional);
    api::routes::all().into_iter().filter(reads_json).collect()
}

/// A route's complete paths: below a workspace, and bare.
pub fn mounted_paths(route: &Route<Cx>, base: &str, path: &str) -> Vec<String> {
    match route.mount {
        Mount::Workspace => vec![format!("{base}{path}"), path.to_owned()],
        Mount::Root => vec![path.to_owned()],
    }
}

impl WorkspaceFixture {
    /// Creates one object of each kind in the client's workspace. Each that has a name is called `name`.
    pub async fn populate(owner: &Client, name: &'static str) -> Self {
        let create = async |path: &str, body: Value| {
            let response = owner.post(path, body).await;
            assert!(response.status.is_success(), "{path}: {}", response.body);
            response.body
        };
        let id = |body: &Value, key: &str| body[key].as_str().expect("an id").to_owned();
        let flow = id(&create("/flows", json!({"name": name})).await, "id");
        let flow_run = id(&create("/flow_runs", json!({"flow_id": flow, "name": name})).await, "id");
        let task = json!({"flow_run_id": flow_run, "task_key": name, "dynamic_key": "0", "name": name});
        let task_run = id(&create("/task_runs", task).await, "id");
        let line = json!({"name": name, "level": 20, "message": name, "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": flow_run});
        create("/logs", json!([line])).await;
        let limit = id(&create("/v2/concurrency_limits", json!({"name": name, "limit": 100})).await, "id");
        let take = json!({"names": [name], "slots": 1});
        let lease = async || id(&create("/v2/concurrency_limits/increment-with-lease", take.clone()).await, "lease_id");
        let leases = [lease().await, lease().await];
        let block_type = id(&create("/block_types", json!({"name": name, "slug": name})).await, "id");
        let schema = create("/block_schemas", json!({"fields": {"title": name}, "block_type_id": block_type})).await;
        let (block_schema, checksum) = (id(&schema, "id"), id(&schema, "checksum"));
        let block = json!({"name": name, "data": {}, "block_schema_id": block_schema, "block_type_id": block_type});
        let block_document = id(&create("/block_documents", block).await, "id");
        Self { name, flow, flow_run, task_run, limit, leases, block_type, block_schema, checksum, block_document }
    }

    /// The path of a route, with ids of the objects here.
    pub fn path(&self, route: &Route<Cx>) -> String {
        let path = route.path;
        let id = match path.split('/').nth(1).expect("a first segment") {
            "flows" => &self.flow,
            "flow_runs" => &self.flow_run,
            "task_runs" => &self.task_run,
            "block_types" => &self.block_type,
            "block_documents" => &self.block_document,
            "v2" => &self.leases[0],
            _ if path.contains("{id}") => panic!("no id for {path}"),
            _ => "",
        };
        let name_param = match path {
            "/flows/name/{name}" | "/block_types/slug/{name}" => self.name,
            "/block_schemas/checksum/{name}" => &self.checksum,
            "/v2/concurrency_limits/{name}" => &self.limit,
            _ if path.contains("{name}") => panic!("no name for {path}"),
            _ => "",
        };
        let query = match path {
            "/flow_run_states" => format!("?flow_run_id={}", self.flow_run),
            "/task_run_states" => format!("?task_run_id={}", self.task_run),
            _ => String::new(),
        };
        format!("{}{query}", path.replace("{id}", id).replace("{name}", name_param))
    }

    /// A valid body of a route, with a value for each field that clients may send. It creates an object that does not exist yet.
    pub fn body(&self, route: &Route<Cx>) -> Value {
        match operation(route).as_str() {
            "POST /flows" => json!({"name": "new", "tags": ["t"], "labels": {"team": "x"}}),
            "POST /flow_runs" => self.new_flow_run(),
            "PATCH /flow_runs/{id}" => json!({
                "name": "renamed", "flow_version": "2", "parameters": {"x": 2}, "empirical_policy": flow_policy(), "tags": ["u"],
                "infrastructure_pid": "1", "job_variables": {"j": 2},
            }),
            "POST /flow_runs/{id}/set_state" | "POST /task_runs/{id}/set_state" => {
                json!({"state": self.state("RUNNING"), "force": false})
            }
            "POST /task_runs" => self.new_task_run(),
            "POST /logs" => json!([{
                "name": "new", "level": 20, "message": "new", "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": self.flow_run,
                "task_run_id": self.task_run, "worker_id": UNKNOWN_ID,
            }]),
            "POST /block_types" => json!({
                "name": "new", "slug": "new", "logo_url": "l", "documentation_url": "d", "description": "d", "code_example": "c",
            }),
            "PATCH /block_types/{id}" => {
                json!({"logo_url": "l", "documentation_url": "d", "description": "d", "code_example": "c"})
            }
            "POST /block_schemas" => json!({
                "fields": {"title": "new"}, "block_type_id": self.block_type, "capabilities": ["c"], "version": "2",
            }),
            "POST /block_documents" => json!({
                "name": "new", "data": {"inner": {"$ref": {"block_document_id": self.block_document}}},
                "block_schema_id": self.block_schema, "block_type_id": self.block_type, "is_anonymous": false,
            }),
            "POST /v2/concurrency_limits" => json!({
                "name": "new", "limit": 1, "active": true, "active_slots": 0, "denied_slots": 0, "slot_decay_per_second": 0.0,
            }),
            "POST /v2/concurrency_limits/increment-with-lease" => json!({
                "names": [self.name], "slots": 1, "mode": "concurrency", "lease_duration": 60.0,
                "holder": {"type": "task_run", "id": self.task_run},
            }),
            "POST /v2/concurrency_limits/decrement-with-lease" => json!({"lease_id": self.leases[1]}),
            "POST /v2/concurrency_limits/leases/{id}/renew" => json!({"lease_duration": 60.0}),
            "POST /flows/filter" => json!({"flows": self.flow_filter(), "sort": "NAME_ASC", "limit": 10, "offset": 0}),
            "POST /flow_runs/filter" | "POST /flow_runs/count" => json!({
                "flows": self.flow_filter(), "flow_runs": self.flow_run_filter(), "sort": "ID_DESC", "limit": 10, "offset": 0,
            }),
            "POST /task_runs/filter" => {
                json!({"task_runs": self.task_run_filter(), "sort": "ID_DESC", "limit": 10, "offset": 0})
            }
            "POST /logs/filter" => {
                json!({"logs": self.log_filter(), "sort": "TIMESTAMP_ASC", "limit": 10, "offset": 0})
            }
            other => panic!("no valid body for {other}"),
        }
    }

    /// Calls a route at `path` with its valid body.
    pub async fn call(&self, caller: &Client, route: &Route<Cx>, path: &str) -> TestResponse {
        let body = match route.payload {
            Payload::Required | Payload::Optional => Body::from(self.body(route).to_string()),
            Payload::None | Payload::Frames => Body::empty(),
        };
        caller.call_at(route.method.as_str(), path, body).await
    }

    /// The responses of all routes that read. Tests compare two snapshots to check that nothing was changed.
    pub async fn snapshot(&self, owner: &Client) -> BTreeMap<String, Value> {
        let mut responses = BTreeMap::new();
        for route in non_public_routes() {
            let reads = route.method == Method::Get && route.payload == Payload::None;
            let lists = route.path.ends_with("/filter") || route.path.ends_with("/count");
            if route.mount == Mount::Workspace && (reads || lists) {
                let body = if lists { Body::from("{}") } else { Body::empty() };
                let response = owner.call(route.method.as_str(), &self.path(&route), body).await;
                responses.insert(operation(&route), response.body);
            }
        }
        responses
    }

    fn state(&self, state_type: &str) -> Value {
        json!({
            "type": state_type, "name": "Named", "message": "m",
            "state_details": {
                "flow_run_id": self.flow_run, "task_run_id": self.task_run, "child_flow_run_id": self.flow_run,
                "scheduled_time": "2026-11-25T10:00:00Z", "cache_key": "c", "cache_expiration": "2026-11-25T10:00:00Z",
                "deferred": false, "untrackable_result": false, "pause_timeout": "2026-11-25T10:00:00Z",
                "pause_reschedule": false, "pause_key": "p", "refresh_cache": false, "retriable": true,
                "transition_id": UNKNOWN_ID, "task_parameters_id": UNKNOWN_ID, "traceparent": "t",
                "deployment_concurrency_lease_id": self.leases[0],
            },
        })
    }

    fn new_flow_run(&self) -> Value {
        json!({
            "name": "new", "flow_id": self.flow, "state": self.state("PENDING"), "deployment_id": null, "flow_version": "1",
            "parameters": {"x": 1}, "context": {"c": 1}, "parent_task_run_id": self.task_run,
            "infrastructure_document_id": self.block_document, "empirical_policy": flow_policy(), "tags": ["t"],
            "labels": {"team": "x"}, "idempotency_key": "new", "work_pool_name": null, "work_queue_name": null,
            "job_variables": {"j": 1},
        })
    }

    fn new_task_run(&self) -> Value {
        let policy = json!({
            "max_retries": 0, "retry_delay_seconds": 0.0, "retries": 0, "retry_delay": 0, "retry_jitter_factor": 0.5,
        });
        json!({
            "id": "01a20bc2-0710-7e1c-9497-408fb5b68b29", "name": "new", "state": self.state("PENDING"),
            "flow_run_id": self.flow_run, "task_key": "new", "dynamic_key": "0", "cache_key": "c",
            "cache_expiration": "2026-11-25T10:00:00Z", "task_version": "1", "empirical_policy": policy, "tags": ["t"],
            "labels": {"team": "x"},
            "task_inputs": {"x": [{"input_type": "parameter", "name": "n"}, {"input_type": "task_run", "id": self.task_run}]},
        })
    }

    fn flow_filter(&self) -> Value {
        json!({
            "operator": "and_", "id": {"any_": [self.flow], "not_any_": [UNKNOWN_ID]}, "name": {"any_": [self.name], "like_": self.name},
            "tags": tags_filter(),
        })
    }

    fn flow_run_filter(&self) -> Value {
        json!({
            "operator": "or_", "id": {"any_": [self.flow_run], "not_any_": [UNKNOWN_ID]}, "name": {"any_": [self.name], "like_": self.name},
            "tags": tags_filter(), "deployment_id": {"operator": "and_", "any_": [UNKNOWN_ID], "is_null_": true},
            "state": state_filter(), "start_time": time_filter(), "end_time": time_filter(),
            "expected_start_time": time_filter(), "next_scheduled_start_time": time_filter(),
            "parent_task_run_id": {"operator": "and_", "any_": [self.task_run], "is_null_": false},
        })
    }

    fn task_run_filter(&self) -> Value {
        json!({
            "operator": "or_", "id": {"any_": [self.task_run], "not_any_": [UNKNOWN_ID]}, "name": {"any_": [self.name], "like_": self.name},
            "tags": tags_filter(), "state": state_filter(), "start_time": time_filter(),
            "flow_run_id": {"operator": "and_", "any_": [self.flow_run], "is_null_": false},
            "subflow_runs": {"exists_": false},
        })
    }

    fn log_filter(&self) -> Value {
        json!({
            "operator": "or_", "level": {"ge_": 0, "le_": 50}, "timestamp": time_filter(),
            "flow_run_id": {"any_": [self.flow_run], "not_any_": [UNKNOWN_ID]},
            "task_run_id": {"operator": "and_", "any_": [self.task_run], "is_null_": false},
        })
    }
}

fn flow_policy() -> Value {
    json!({
        "max_retries": 0, "retry_delay_seconds": 0.0, "retries": 0, "retry_delay": 0, "pause_keys": ["p"], "resuming": false,
        "retry_type": "in_process",
    })
}

fn tags_filter() -> Value {
    json!({"operator": "and_", "all_": ["t"], "any_": ["t"], "is_null_": false})
}

fn state_filter() -> Value {
    json!({"operator": "and_", "type": {"any_": ["PENDING"]}, "name": {"any_": ["Pending"]}})
}

fn time_filter() -> Value {
    json!({"before_": "2026-11-26T10:00:00Z", "after_": "2026-11-24T10:00:00Z"})
}
