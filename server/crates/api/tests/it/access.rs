//! Access control: every route, under each of its paths, called by every kind of caller who has no access.

use api::route::{Access, Method, Mount, Payload, Route};
use axum::body::Body;
use control::{Cx, access::ClientInfo, api_key};
use http::StatusCode;
use identity::{ApiKey, KeyKind};
use serde_json::{Value, json};

use crate::{
    client::{Client, TestResponse},
    fixture::{WorkspaceFixture, mounted_paths, non_public_routes, operation, routes_with_body},
    mutation::{is_leaf, is_within, locations, replace_at},
};

/// The routes that need no key. All others must reject callers without one.
const PUBLIC: [&str; 2] = ["GET /health", "GET /ready"];

/// The routes whose bodies reference no other object.
const WITHOUT_REFERENCES: [&str; 6] = [
    "PATCH /block_types/{id}",
    "PATCH /flow_runs/{id}",
    "POST /block_types",
    "POST /flows",
    "POST /v2/concurrency_limits",
    "POST /v2/concurrency_limits/leases/{id}/renew",
];

#[test]
fn only_listed_routes_are_public() {
    let public: Vec<_> =
        api::routes::all().iter().filter(|route| route.access == Access::Public).map(operation).collect();
    assert_eq!(public, PUBLIC);
}

testkit::on_both! {
    async fn requests_without_a_valid_key_get_401(app: TestApp) {
        let user = app.person("ann").await;
        let ann = Client::for_user(&app, &user).await;
        let fixture = WorkspaceFixture::populate(&ann, "hers").await;
        let deleted = app.key(&user, "deleted").await;
        api_key::delete(&app.cx, user.caller, deleted.key.id, ClientInfo::default()).await.unwrap();
        let end = app.cx.clock.now().plus_seconds(60.0);
        let short = api_key::NewKey { name: "short".into(), expires: Some(end) };
        let expired = api_key::create(&app.cx, user.caller, short, ClientInfo::default()).await.unwrap();
        app.advance(61.0);
        let unknown = ApiKey::mint(KeyKind::User, |bytes| bytes.fill(7));
        let keys = [
            ("no key", None),
            ("a malformed key", Some("pnu_wrong")),
            ("an unknown key", Some(unknown.reveal())),
            ("an expired key", Some(expired.secret.reveal())),
            ("a deleted key", Some(deleted.secret.reveal())),
        ];
        let before = fixture.snapshot(&ann).await;
        for (what, key) in keys {
            let unauthenticated = ann.with_key(key);
            for route in non_public_routes() {
                for path in mounted_paths(&route, &ann.base, &fixture.path(&route)) {
                    let response = fixture.call(&unauthenticated, &route, &path).await;
                    assert_eq!(response.status, StatusCode::UNAUTHORIZED, "{what} at {} {path}: {}", operation(&route), response.body);
                    assert_eq!(response.body, json!({"exception_message": "Unauthorized"}), "{} {path}", operation(&route));
                }
            }
        }
        assert_eq!(fixture.snapshot(&ann).await, before, "the failed calls must change nothing");
    }

    async fn a_key_does_not_open_another_workspace(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let fixture = WorkspaceFixture::populate(&ann, "hers").await;
        let bob = Client::new(&app, "bob").await;
        let intruder = ann.with_key(bob.key.as_deref());
        let before = fixture.snapshot(&ann).await;
        for route in non_public_routes().into_iter().filter(|route| route.mount == Mount::Workspace) {
            let response = fixture.call(&intruder, &route, &format!("{}{}", ann.base, fixture.path(&route))).await;
            assert_eq!(response.status, StatusCode::NOT_FOUND, "{}: {}", operation(&route), response.body);
        }
        assert_eq!(fixture.snapshot(&ann).await, before, "the failed calls must change nothing");
    }

    async fn paths_do_not_reach_objects_of_other_workspaces(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let hers = WorkspaceFixture::populate(&ann, "hers").await;
        let bob = Client::new(&app, "bob").await;
        let his = WorkspaceFixture::populate(&bob, "his").await;
        let before = hers.snapshot(&ann).await;
        for route in non_public_routes() {
            let mut foreign = hers.path(&route);
            if foreign == his.path(&route) {
                assert!(!route.path.contains('{'), "{} is not tried with an id of hers", operation(&route));
                continue;
            }
            for _ in 0..2 {
                for path in mounted_paths(&route, &bob.base, &foreign) {
                    let response = his.call(&bob, &route, &path).await;
                    if route.path.ends_with("_states") {
                        assert_eq!(response.expect(200), json!([]), "{path}");
                    } else {
                        let hidden = [StatusCode::NOT_FOUND, StatusCode::GONE].contains(&response.status);
                        assert!(hidden, "{} {path}: {} {}", operation(&route), response.status, response.body);
                    }
                }
                // A limit is addressed by its id or its name.
                foreign = foreign.replace(&hers.limit, hers.name);
            }
        }
        assert_eq!(hers.snapshot(&ann).await, before, "the failed calls must change nothing");
    }

    async fn bodies_can_not_reference_other_workspaces(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let hers = WorkspaceFixture::populate(&ann, "hers").await;
        let bob = Client::new(&app, "bob").await;
        let his = WorkspaceFixture::populate(&bob, "his").await;
        let before = hers.snapshot(&ann).await;
        let mut without_references = Vec::new();
        for route in routes_with_body() {
            let bodies = foreign_bodies(&route, &his, &hers);
            if bodies.is_empty() {
                without_references.push(operation(&route));
            }
            for (loc, body) in bodies {
                for path in mounted_paths(&route, &bob.base, &his.path(&route)) {
                    let response = bob.call_at(route.method.as_str(), &path, Body::from(body.to_string())).await;
                    check_foreign(&route, &loc, &response, &hers);
                }
            }
        }
        without_references.sort_unstable();
        assert_eq!(without_references, WITHOUT_REFERENCES);
        assert_eq!(hers.snapshot(&ann).await, before, "her leases and runs are unchanged");
    }

    async fn task_run_ids_are_separate_for_each_workspace(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let hers = WorkspaceFixture::populate(&ann, "hers").await;
        let bob = Client::new(&app, "bob").await;
        let before = hers.snapshot(&ann).await;
        let body = json!({"id": hers.task_run, "task_key": "his", "dynamic_key": "0", "state": {"type": "RUNNING"}});
        let his = bob.post("/task_runs", body).await.expect(201);
        assert_eq!((&his["id"], &his["task_key"]), (&json!(hers.task_run), &json!("his")));
        assert_eq!(hers.snapshot(&ann).await, before);
    }
}

/// Variants of his body of a route, each with one value of hers in it, for every location where their bodies differ.
fn foreign_bodies(route: &Route<Cx>, his: &WorkspaceFixture, hers: &WorkspaceFixture) -> Vec<(Vec<Value>, Value)> {
    let (own, foreign) = (his.body(route), hers.body(route));
    let pairs = locations(&own, |_| true).into_iter().zip(locations(&foreign, |_| true));
    let differ = pairs.filter(|((_, own), (_, foreign))| is_leaf(own) && own != foreign);
    differ.map(|((loc, _), (_, foreign))| (loc.clone(), replace_at(&own, &loc, foreign))).collect()
}

#[track_caller]
fn check_foreign(route: &Route<Cx>, loc: &[Value], response: &TestResponse, hers: &WorkspaceFixture) {
    let what = format!("{} with a value of hers at {loc:?}: {} {}", operation(route), response.status, response.body);
    if route.path.ends_with("/filter") || route.path.ends_with("/count") {
        assert_eq!(response.status, StatusCode::OK, "{what}");
        // Her ids may be in rows that he wrote himself; her name is only in her own objects.
        assert!(!response.body.to_string().contains(&format!("\"{}\"", hers.name)), "{what}");
    } else if is_unchecked(route, loc) {
        assert!(response.status.is_success(), "{what}");
    } else if operation(route) == "POST /block_documents" {
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{what}");
    } else {
        assert_eq!(response.status, StatusCode::NOT_FOUND, "{what}");
    }
}

/// Whether the server stores the value without a look-up, so that any value is valid. Releasing an unknown lease changes nothing, and an
/// unknown limit does not limit.
fn is_unchecked(route: &Route<Cx>, loc: &[Value]) -> bool {
    let unchecked = ["state_details", "task_inputs", "holder", "names", "lease_id"];
    route.path == "/logs" || unchecked.into_iter().any(|name| is_within(loc, name))
}

#[test]
fn writing_routes_require_a_write_permission() {
    use model::permission::Permission::{ReadBlocks, ReadLimits, ReadRuns};
    for route in non_public_routes().into_iter().filter(|route| route.payload != Payload::Frames) {
        let reads = matches!(route.access, Access::Member(ReadRuns | ReadBlocks | ReadLimits));
        let is_query = route.method == Method::Get || route.path.ends_with("/filter") || route.path.ends_with("/count");
        if !is_query {
            assert!(!reads, "{} writes but requires only a read permission", operation(&route));
        }
    }
}
