//! Who may call what: every route of the table, with every kind of caller who may not.

use api::route::{Access, Method, Payload, Route, Scope};
use axum::body::Body;
use control::{Cx, access::Origin, api_key};
use http::StatusCode;
use serde_json::json;

use crate::client::Client;

/// The routes that are open to everybody; one that is not on this list must refuse strangers.
const PUBLIC: [&str; 2] = ["GET /health", "GET /ready"];

fn name(route: &Route<Cx>) -> String {
    format!("{} {}", route.method.as_str(), route.path)
}

fn guarded() -> Vec<Route<Cx>> {
    api::routes::all().into_iter().filter(|route| route.access != Access::Public).collect()
}

/// What exists in the workspace of somebody else, by the route that would show it.
struct Theirs {
    flow: String,
    flow_run: String,
    task_run: String,
    limit: String,
    lease: String,
    block_type: String,
    block_document: String,
}

impl Theirs {
    async fn make(owner: &Client) -> Self {
        let id = |body: &serde_json::Value, key: &str| body[key].as_str().expect("an id").to_owned();
        let flow = id(&owner.post("/flows", json!({"name": "theirs"})).await.expect(201), "id");
        let flow_run = id(&owner.post("/flow_runs", json!({"flow_id": flow})).await.expect(201), "id");
        let task = json!({"flow_run_id": flow_run, "task_key": "t", "dynamic_key": "0"});
        let task_run = id(&owner.post("/task_runs", task).await.expect(201), "id");
        let limit = json!({"name": "theirs", "limit": 5});
        let limit = id(&owner.post("/v2/concurrency_limits", limit).await.expect(201), "id");
        let take = json!({"names": ["theirs"], "slots": 1});
        let lease = id(&owner.post("/v2/concurrency_limits/increment-with-lease", take).await.expect(200), "lease_id");
        let block_type = id(&owner.get("/block_types/slug/local-file-system").await.expect(200), "id");
        let fields = json!({"title": "LocalFileSystem", "type": "object", "properties": {}, "secret_fields": []});
        let schema = json!({"fields": fields, "block_type_id": block_type});
        let schema = id(&owner.post("/block_schemas", schema).await.expect(201), "id");
        let block = json!({"name": "theirs", "data": {}, "block_schema_id": schema, "block_type_id": block_type});
        let block_document = id(&owner.post("/block_documents", block).await.expect(201), "id");
        Self { flow, flow_run, task_run, limit, lease, block_type, block_document }
    }

    /// The path of a route with the id of something that exists over there.
    fn path(&self, route: &Route<Cx>) -> String {
        let path = route.path;
        let id = match path.split('/').nth(1).expect("a first segment") {
            "flows" => &self.flow,
            "flow_runs" => &self.flow_run,
            "task_runs" => &self.task_run,
            "block_types" => &self.block_type,
            "block_documents" => &self.block_document,
            "v2" => &self.lease,
            _ if path.contains("{id}") => panic!("what stands for {{id}} in {path}?"),
            _ => "",
        };
        let name = if path.starts_with("/v2") { self.limit.as_str() } else { "theirs" };
        let query = match path {
            "/flow_run_states" => format!("?flow_run_id={}", self.flow_run),
            "/task_run_states" => format!("?task_run_id={}", self.task_run),
            _ => String::new(),
        };
        format!("{}{query}", path.replace("{id}", id).replace("{name}", name))
    }

    fn body(&self, route: &Route<Cx>) -> Body {
        match (route.method, route.path) {
            (_, "/flow_runs/{id}/set_state" | "/task_runs/{id}/set_state") => {
                Body::from(json!({"state": {"type": "RUNNING"}}).to_string())
            }
            (_, "/v2/concurrency_limits/decrement-with-lease") => {
                Body::from(json!({"lease_id": self.lease}).to_string())
            }
            (_, _) if route.payload == Payload::None || route.payload == Payload::Frames => Body::empty(),
            _ => Body::from("{}"),
        }
    }
}

async fn call(caller: &Client, route: &Route<Cx>, theirs: &Theirs) -> crate::client::Answer {
    let base = if route.scope == Scope::Workspace { caller.base.as_str() } else { "" };
    let path = format!("{base}{}", theirs.path(route));
    caller.call_at(route.method.as_str(), &path, theirs.body(route)).await
}

#[test]
fn the_public_doors_are_these_and_no_others() {
    let open: Vec<_> = api::routes::all().iter().filter(|route| route.access == Access::Public).map(name).collect();
    assert_eq!(open, PUBLIC);
}

testkit::on_both! {
    async fn whoever_shows_no_good_key_is_let_in_nowhere(kit: Kit) {
        let somebody = kit.person("ann").await;
        let ann = Client::of(&kit, &somebody).await;
        let theirs = Theirs::make(&ann).await;
        let deleted = kit.key(&somebody, "deleted").await;
        api_key::delete(&kit.cx, somebody.caller, deleted.key.id, Origin::default()).await.unwrap();
        let end = kit.cx.clock.now().plus_seconds(60.0);
        let short = api_key::NewKey { name: "short".into(), expires: Some(end) };
        let expired = api_key::create(&kit.cx, somebody.caller, short, Origin::default()).await.unwrap();
        kit.advance(61.0);
        let unknown = kit.key(&somebody, "unknown").await.secret.reveal().replace(char::is_numeric, "Q");
        let keys = [
            ("no key", None),
            ("a text that is no key", Some("pnu_wrong")),
            ("a key that nobody has", Some(unknown.as_str())),
            ("an expired key", Some(expired.secret.reveal())),
            ("a deleted key", Some(deleted.secret.reveal())),
        ];
        for (what, key) in keys {
            let stranger = ann.with_key(key);
            for route in guarded() {
                let answer = call(&stranger, &route, &theirs).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what} at {}: {}", name(&route), answer.body);
                assert_eq!(answer.body, json!({"exception_message": "Unauthorized"}), "{}", name(&route));
            }
        }
    }

    async fn a_good_key_opens_no_other_workspace(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let theirs = Theirs::make(&ann).await;
        let bob = Client::new(&kit, "bob").await;
        let intruder = ann.with_key(bob.key.as_deref());
        for route in guarded().into_iter().filter(|route| route.scope == Scope::Workspace) {
            let answer = call(&intruder, &route, &theirs).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}: {}", name(&route), answer.body);
        }
    }

    async fn ids_of_another_workspace_name_nothing_in_ones_own(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let theirs = Theirs::make(&ann).await;
        let bob = Client::new(&kit, "bob").await;
        for route in guarded().into_iter().filter(|route| route.path.contains('{')) {
            let name = name(&route);
            // Built-in types are everybody's; renewing wants a body of its own.
            let answer = match route.path {
                "/v2/concurrency_limits/leases/{id}/renew" => {
                    bob.post(&theirs.path(&route), json!({"lease_duration": 60})).await
                }
                _ => call(&bob, &route, &theirs).await,
            };
            let refused = [StatusCode::NOT_FOUND, StatusCode::GONE];
            assert!(refused.contains(&answer.status), "{name}: {} {}", answer.status, answer.body);
        }
        for (list, filter) in [
            ("/flows/filter", json!({"flows": {"id": {"any_": [theirs.flow]}}})),
            ("/flow_runs/filter", json!({"flow_runs": {"id": {"any_": [theirs.flow_run]}}})),
            ("/task_runs/filter", json!({"task_runs": {"id": {"any_": [theirs.task_run]}}})),
            ("/logs/filter", json!({"logs": {"flow_run_id": {"any_": [theirs.flow_run]}}})),
        ] {
            assert_eq!(bob.post(list, filter).await.expect(200), json!([]), "{list}");
        }
        let count = json!({"flow_runs": {"id": {"any_": [theirs.flow_run]}}});
        assert_eq!(bob.post("/flow_runs/count", count).await.expect(200), json!(0));
        for (what, path) in [("flow_run", "/flow_run_states?flow_run_id="), ("task_run", "/task_run_states?task_run_id=")] {
            let id = if what == "flow_run" { &theirs.flow_run } else { &theirs.task_run };
            assert_eq!(bob.get(&format!("{path}{id}")).await.expect(200), json!([]), "{what}");
        }
        // And nothing of theirs was changed by trying.
        let run = ann.get(&format!("/flow_runs/{}", theirs.flow_run)).await.expect(200);
        assert_eq!((&run["state_type"], &run["run_count"]), (&json!("PENDING"), &json!(0)));
        ann.get(&format!("/v2/concurrency_limits/{}", theirs.limit)).await.expect(200);
    }
}

#[test]
fn what_changes_something_wants_more_than_reading() {
    use model::permission::Permission::{ReadBlocks, ReadLimits, ReadRuns};
    for route in guarded() {
        let reads = matches!(route.access, Access::Member(ReadRuns | ReadBlocks | ReadLimits));
        let asks = route.method == Method::Get || route.path.ends_with("/filter") || route.path.ends_with("/count");
        if !asks {
            assert!(!reads, "{} changes something and asks for reading alone", name(&route));
        }
    }
}
