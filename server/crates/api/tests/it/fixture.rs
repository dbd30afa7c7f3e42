//! A workspace with everything in it that a route can name, and one good call of each route about it. A route without one fails the tests
//! that walk the table.

use std::collections::BTreeMap;

use api::route::{Access, Method, Payload, Route, Scope};
use axum::body::Body;
use control::Cx;
use serde_json::{Value, json};

use crate::client::{Answer, Client};

/// An id that nothing has.
pub const NOBODY: &str = "ffc8be5d-17d2-4dfc-8b0b-223935274593";

/// What it is called, and the ids of what lies in it.
pub struct House {
    pub called: &'static str,
    pub flow: String,
    pub flow_run: String,
    pub task_run: String,
    pub limit: String,
    /// Two, so that one is there still when the other was given back.
    pub leases: [String; 2],
    pub block_type: String,
    pub block_schema: String,
    pub checksum: String,
    pub block_document: String,
}

/// A route in words: `POST /flows/filter`.
pub fn name(route: &Route<Cx>) -> String {
    format!("{} {}", route.method.as_str(), route.path)
}

/// The routes that not everybody may call.
pub fn guarded() -> Vec<Route<Cx>> {
    api::routes::all().into_iter().filter(|route| route.access != Access::Public).collect()
}

/// The routes that read JSON.
pub fn with_bodies() -> Vec<Route<Cx>> {
    let takes_one = |route: &Route<Cx>| matches!(route.payload, Payload::Required | Payload::Optional);
    api::routes::all().into_iter().filter(takes_one).collect()
}

/// A route's addresses: below a workspace, and the bare one.
pub fn spellings(route: &Route<Cx>, base: &str, path: &str) -> Vec<String> {
    match route.scope {
        Scope::Workspace => vec![format!("{base}{path}"), path.to_owned()],
        Scope::Root => vec![path.to_owned()],
    }
}

impl House {
    /// Makes one of each thing in somebody's workspace. Whatever has a name is called `called`.
    pub async fn furnish(owner: &Client, called: &'static str) -> Self {
        let made = async |path: &str, body: Value| {
            let answer = owner.post(path, body).await;
            assert!(answer.status.is_success(), "{path}: {}", answer.body);
            answer.body
        };
        let id = |body: &Value, key: &str| body[key].as_str().expect("an id").to_owned();
        let flow = id(&made("/flows", json!({"name": called})).await, "id");
        let flow_run = id(&made("/flow_runs", json!({"flow_id": flow, "name": called})).await, "id");
        let task = json!({"flow_run_id": flow_run, "task_key": called, "dynamic_key": "0", "name": called});
        let task_run = id(&made("/task_runs", task).await, "id");
        let line = json!({"name": called, "level": 20, "message": called, "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": flow_run});
        made("/logs", json!([line])).await;
        let limit = id(&made("/v2/concurrency_limits", json!({"name": called, "limit": 100})).await, "id");
        let take = json!({"names": [called], "slots": 1});
        let lease = async || id(&made("/v2/concurrency_limits/increment-with-lease", take.clone()).await, "lease_id");
        let leases = [lease().await, lease().await];
        let block_type = id(&made("/block_types", json!({"name": called, "slug": called})).await, "id");
        let schema = made("/block_schemas", json!({"fields": {"title": called}, "block_type_id": block_type})).await;
        let (block_schema, checksum) = (id(&schema, "id"), id(&schema, "checksum"));
        let block = json!({"name": called, "data": {}, "block_schema_id": block_schema, "block_type_id": block_type});
        let block_document = id(&made("/block_documents", block).await, "id");
        Self { called, flow, flow_run, task_run, limit, leases, block_type, block_schema, checksum, block_document }
    }

    /// A route's path, about what lies in here.
    pub fn path(&self, route: &Route<Cx>) -> String {
        let path = route.path;
        let id = match path.split('/').nth(1).expect("a first segment") {
            "flows" => &self.flow,
            "flow_runs" => &self.flow_run,
            "task_runs" => &self.task_run,
            "block_types" => &self.block_type,
            "block_documents" => &self.block_document,
            "v2" => &self.leases[0],
            _ if path.contains("{id}") => panic!("what stands for {{id}} in {path}?"),
            _ => "",
        };
        let name = match path {
            "/flows/name/{name}" | "/block_types/slug/{name}" => self.called,
            "/block_schemas/checksum/{name}" => &self.checksum,
            "/v2/concurrency_limits/{name}" => &self.limit,
            _ if path.contains("{name}") => panic!("what stands for {{name}} in {path}?"),
            _ => "",
        };
        let query = match path {
            "/flow_run_states" => format!("?flow_run_id={}", self.flow_run),
            "/task_run_states" => format!("?task_run_id={}", self.task_run),
            _ => String::new(),
        };
        format!("{}{query}", path.replace("{id}", id).replace("{name}", name))
    }

    /// A body that a route takes, with each field that clients may fill. What it makes is not there yet.
    pub fn body(&self, route: &Route<Cx>) -> Value {
        match name(route).as_str() {
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
                "task_run_id": self.task_run, "worker_id": NOBODY,
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
                "names": [self.called], "slots": 1, "mode": "concurrency", "lease_duration": 60.0,
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
            other => panic!("what is a good body of {other}?"),
        }
    }

    /// Calls a route at `path` about what lies in here.
    pub async fn call(&self, caller: &Client, route: &Route<Cx>, path: &str) -> Answer {
        let body = match route.payload {
            Payload::Required | Payload::Optional => Body::from(self.body(route).to_string()),
            Payload::None | Payload::Frames => Body::empty(),
        };
        caller.call_at(route.method.as_str(), path, body).await
    }

    /// What its owner reads of it over all routes that read: the same as before, if nothing was changed meanwhile.
    pub async fn look(&self, owner: &Client) -> BTreeMap<String, Value> {
        let mut seen = BTreeMap::new();
        for route in guarded() {
            let reads = route.method == Method::Get && route.payload == Payload::None;
            let lists = route.path.ends_with("/filter") || route.path.ends_with("/count");
            if route.scope == Scope::Workspace && (reads || lists) {
                let body = if lists { Body::from("{}") } else { Body::empty() };
                let answer = owner.call(route.method.as_str(), &self.path(&route), body).await;
                seen.insert(name(&route), answer.body);
            }
        }
        seen
    }

    fn state(&self, state_type: &str) -> Value {
        json!({
            "type": state_type, "name": "Named", "message": "m",
            "state_details": {
                "flow_run_id": self.flow_run, "task_run_id": self.task_run, "child_flow_run_id": self.flow_run,
                "scheduled_time": "2026-11-25T10:00:00Z", "cache_key": "c", "cache_expiration": "2026-11-25T10:00:00Z",
                "deferred": false, "untrackable_result": false, "pause_timeout": "2026-11-25T10:00:00Z",
                "pause_reschedule": false, "pause_key": "p", "refresh_cache": false, "retriable": true,
                "transition_id": NOBODY, "task_parameters_id": NOBODY, "traceparent": "t",
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
            "operator": "and_", "id": {"any_": [self.flow], "not_any_": [NOBODY]}, "name": {"any_": [self.called], "like_": self.called},
            "tags": tags_filter(),
        })
    }

    fn flow_run_filter(&self) -> Value {
        json!({
            "operator": "or_", "id": {"any_": [self.flow_run], "not_any_": [NOBODY]}, "name": {"any_": [self.called], "like_": self.called},
            "tags": tags_filter(), "deployment_id": {"operator": "and_", "any_": [NOBODY], "is_null_": true},
            "state": state_filter(), "start_time": time_filter(), "end_time": time_filter(),
            "expected_start_time": time_filter(), "next_scheduled_start_time": time_filter(),
            "parent_task_run_id": {"operator": "and_", "any_": [self.task_run], "is_null_": false},
        })
    }

    fn task_run_filter(&self) -> Value {
        json!({
            "operator": "or_", "id": {"any_": [self.task_run], "not_any_": [NOBODY]}, "name": {"any_": [self.called], "like_": self.called},
            "tags": tags_filter(), "state": state_filter(), "start_time": time_filter(),
            "flow_run_id": {"operator": "and_", "any_": [self.flow_run], "is_null_": false},
            "subflow_runs": {"exists_": false},
        })
    }

    fn log_filter(&self) -> Value {
        json!({
            "operator": "or_", "level": {"ge_": 0, "le_": 50}, "timestamp": time_filter(),
            "flow_run_id": {"any_": [self.flow_run], "not_any_": [NOBODY]},
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
