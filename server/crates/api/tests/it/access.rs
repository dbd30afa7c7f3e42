//! Access control: every route, under each of its paths, called by every kind of caller who has no access.

use api::route::{Access, Method, Mount, Payload, Route};
use axum::body::Body;
use control::{Cx, access::ClientInfo, api_key};
use http::StatusCode;
use identity::{ApiKey, KeyKind};
use model::permission::Role;
use serde_json::{Value, json};

use crate::{
    client::{Client, TestResponse},
    fixture::{WorkspaceFixture, is_query, mounted_paths, node::Node, non_public_routes, operation, routes_with_body},
    mutation::{Target, replace_at},
    nouns,
};

/// The routes that need no key. All others must reject callers without one.
const PUBLIC: [&str; 3] = ["GET /health", "GET /ready", "GET /openapi.json"];

/// The routes whose path names what this server does not look up: an unknown resource owns no automation.
const WITHOUT_LOOK_UP: [&str; 1] = ["DELETE /automations/owned-by/{name}"];

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
            let has_parameter = route.path.contains('{');
            let foreign = hers.paths(&route);
            if foreign == his.paths(&route) {
                assert!(!has_parameter, "{} is not tried with an id of hers", operation(&route));
                continue;
            }
            for path in foreign.iter().flat_map(|path| mounted_paths(&route, &bob.base, path)) {
                let response = his.call(&bob, &route, &path).await;
                if WITHOUT_LOOK_UP.contains(&&*operation(&route)) {
                    assert_eq!(response.expect(202), Value::Null, "{path}");
                } else if has_parameter {
                    let hidden = [StatusCode::NOT_FOUND, StatusCode::GONE].contains(&response.status);
                    assert!(hidden, "{} {path}: {} {}", operation(&route), response.status, response.body);
                } else {
                    // Her id is in the query of a list.
                    assert_eq!(response.expect(200), json!([]), "{path}");
                }
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
        for route in routes_with_body() {
            for (node, body) in foreign_bodies(&route, &his, &hers) {
                for path in mounted_paths(&route, &bob.base, &his.path(&route)) {
                    let response = bob.call_at(route.method.as_str(), &path, Body::from(body.to_string())).await;
                    check_foreign(&route, &node, &response, &hers);
                }
            }
        }
        assert_eq!(hers.snapshot(&ann).await, before, "her leases and runs are unchanged");
    }

    async fn task_run_ids_are_separate_for_each_workspace(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let hers = WorkspaceFixture::populate(&ann, "hers").await;
        let bob = Client::new(&app, "bob").await;
        let before = hers.snapshot(&ann).await;
        let body = json!({"id": hers.id("task_run"), "task_key": "his", "dynamic_key": "0", "state": {"type": "RUNNING"}});
        let his = bob.post("/task_runs", body).await.expect(201);
        assert_eq!((&his["id"], &his["task_key"]), (&json!(hers.id("task_run")), &json!("his")));
        assert_eq!(hers.snapshot(&ann).await, before);
    }
}

/// Variants of his body of a route, each with one value of hers in it, for every value in which their bodies differ.
fn foreign_bodies(route: &Route<Cx>, his: &WorkspaceFixture, hers: &WorkspaceFixture) -> Vec<(Node, Value)> {
    let (own, foreign) = (Target::of(his, route, true), Target::of(hers, route, true));
    let body = &own.nodes[0].value;
    let pairs = own.nodes.iter().zip(&foreign.nodes);
    // The name in an update is the new name of the object itself.
    let is_own_name = |node: &Node| {
        node.fields.last().is_some_and(|field| field.keys().iter().any(|key| key.ends_with("Update.name")))
    };
    let differ = pairs.filter(|(own, foreign)| own.is_leaf() && own.value != foreign.value && !is_own_name(own));
    differ.map(|(own, foreign)| (own.clone(), replace_at(body, &own.loc, foreign.value.clone()))).collect()
}

#[track_caller]
fn check_foreign(route: &Route<Cx>, node: &Node, response: &TestResponse, hers: &WorkspaceFixture) {
    let (route_name, loc) = (operation(route), &node.loc);
    let what = format!("{route_name} with a value of hers at {loc:?}: {} {}", response.status, response.body);
    if is_query(route) {
        assert_eq!(response.status, StatusCode::OK, "{what}");
        // Her ids may be in rows that he wrote himself; her name is only in her own objects.
        assert!(!response.body.to_string().contains(&format!("\"{}\"", hers.name)), "{what}");
    } else if nouns::is_unchecked(&node.fields) {
        assert!(response.status.is_success(), "{what}");
    } else if nouns::is_rejected_with_400(&node.fields) {
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{what}");
    } else {
        assert_eq!(response.status, StatusCode::NOT_FOUND, "{what}");
    }
}

#[test]
fn writing_routes_require_a_write_permission() {
    for route in non_public_routes().into_iter().filter(|route| route.payload != Payload::Frames) {
        let viewer_may = matches!(route.access, Access::Member(permission) if Role::Viewer.may(permission));
        let reads = route.method == Method::Get || is_query(&route);
        assert!(reads || !viewer_may, "{} writes, and a viewer may call it", operation(&route));
    }
}
