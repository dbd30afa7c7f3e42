//! Paths, queries, version and authorization headers, and the bare paths of local mode.

use axum::body::Body;
use control::{changes::Change, local};
use http::{Request, header};
use serde_json::json;

use crate::client::Client;

testkit::on_both! {
    async fn slashes_and_the_case_of_ids_do_not_matter(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let flow = ann.post("/flows/", json!({"name": "f"})).await.expect(201);
        let id = flow["id"].as_str().unwrap();
        for path in [format!("/flows/{id}"), format!("//flows///{id}/"), format!("/flows/{}", id.to_uppercase().replace('-', ""))] {
            assert_eq!(ann.get(&path).await.expect(200)["id"], id, "{path}");
        }
        let base = ann.base.to_uppercase().replace("ACCOUNTS", "accounts").replace("WORKSPACES", "workspaces");
        assert_eq!(ann.call_at("GET", &format!("{base}/flows/{id}"), Body::empty()).await.expect(200)["id"], id);
    }

    async fn not_found_errors_name_what_is_missing(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        assert_eq!(ann.get("/flows/no-id").await.expect(404), json!({"detail": "Not Found"}));
        for (method, path) in [("GET", "/nothing/here"), ("PUT", "/flows")] {
            let detail = format!("Not Found: this server has no {method} {}{path}.", ann.base);
            assert_eq!(ann.call(method, path, Body::empty()).await.expect(404), json!({"detail": detail}));
        }
        let id = "ffc8be5d-17d2-4dfc-8b0b-223935274593";
        assert_eq!(ann.get(&format!("/flow_runs/{id}")).await.expect(404), json!({"detail": "Flow run not found"}));
        assert_eq!(ann.get(&format!("/task_runs/{id}")).await.expect(404), json!({"detail": "Task not found"}));
        for (runs, noun) in [("flow_runs", "Flow run"), ("task_runs", "Task run")] {
            let response = ann.post(&format!("/{runs}/{id}/set_state"), json!({"state": {"type": "RUNNING"}})).await;
            assert_eq!(response.expect(404), json!({"exception_message": format!("{noun} with id {id} not found")}));
        }
    }

    async fn invalid_queries_are_rejected_by_key(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        for (query, kind) in [("", "missing"), ("?flow_run_id=x", "value_error"), ("?flow_run_id=a%00b", "value_error")] {
            let error = ann.get(&format!("/flow_run_states{query}")).await.expect(422)["exception_detail"][0].clone();
            assert_eq!((&error["type"], &error["loc"]), (&json!(kind), &json!(["query", "flow_run_id"])), "{query}");
        }
    }

    async fn names_in_paths_are_decoded(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        ann.post("/flows", json!({"name": "my flow é"})).await.expect(201);
        assert_eq!(ann.get("/flows/name/my%20flow%20%C3%A9").await.expect(200)["name"], "my flow é");
        assert_eq!(ann.get("/flows/name/a%00b").await.expect(404), json!({"detail": "Not Found"}));
    }

    async fn clients_that_are_too_old_are_rejected(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let get = |path: &str, version: &str| {
            let request = Request::builder().uri(format!("{}{path}", ann.base)).header("x-prefect-api-version", version);
            let key = format!("Bearer {}", ann.key.clone().unwrap());
            ann.send(request.header(header::AUTHORIZATION, key).body(Body::empty()).unwrap())
        };
        let response = get("/hello", "0.7.0").await.expect(400);
        assert!(response["detail"].as_str().unwrap().contains("requires version 0.8.0"), "{response}");
        get("/hello", "0.8.0").await.expect(200);
        for probe in ["/health", "/ready", "/version"] {
            get(probe, "0.7.0").await.expect(200);
        }
        for no_probe in ["/admin/version", "/flows/name/health", "/nowhere/ready"] {
            get(no_probe, "0.7.0").await.expect(400);
        }
    }

    async fn the_bearer_scheme_is_case_insensitive(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        for (scheme, status) in [("Bearer ", 200), ("bearer ", 200), ("Basic ", 401), ("", 401)] {
            let key = format!("{scheme}{}", ann.key.as_deref().unwrap());
            let request = Request::builder().uri(format!("{}/hello", ann.base)).header(header::AUTHORIZATION, key);
            ann.send(request.body(Body::empty()).unwrap()).await.expect(status);
        }
    }

    async fn bare_paths_mean_the_only_workspace(app: TestApp) {
        let user = app.person("ann").await;
        let ann = Client::for_user(&app, &user).await;
        let flow = ann.post("/flows", json!({"name": "f"})).await.expect(201);
        let bare = format!("/flows/{}", flow["id"].as_str().unwrap());
        ann.call_at("GET", &bare, Body::empty()).await.expect(200);
        app.workspace(&user, "Second").await;
        let rejected = ann.call_at("GET", &bare, Body::empty()).await.expect(400);
        assert!(rejected["detail"].as_str().unwrap().contains(&ann.base), "{rejected}");
    }

    async fn local_calls_are_recorded_once_a_minute(app: TestApp) {
        let ann = Client::new(&app, "ann").await.with_key(None);
        let app = app.with(|settings| settings.local = true);
        control::local::ensure(&app.cx).await.unwrap();
        let local = Client { router: api::router::router(app.cx.clone()), ..ann };
        let ws = control::access::authorize_local(&app.cx).await.unwrap();
        let last_call = async || control::workspace::detail(&app.cx, ws).await.unwrap().last_call;
        assert_eq!(last_call().await, None, "opening a page is not an API call");
        for path in ["/me/workspaces", "/flows/"] {
            let mut changes = app.changes_of(local::PERSON);
            app.advance(60.0);
            let method = if path == "/flows/" { "POST" } else { "GET" };
            local.call_at(method, path, Body::from(r#"{"name": "f"}"#)).await;
            assert_eq!(last_call().await, Some(app.cx.clock.now()), "{path}");
            assert_eq!(changes.try_recv(), Ok(vec![Change::ClientCalled { person: local::PERSON }]), "{path}");
        }
        let recorded = last_call().await;
        app.advance(59.0);
        local.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        assert_eq!(last_call().await, recorded, "recorded once a minute");
    }

    async fn local_mode_needs_no_key_on_bare_paths_only(app: TestApp) {
        let ann = Client::new(&app, "ann").await.with_key(None);
        control::local::ensure(&app.cx).await.unwrap();
        let local = Client { router: api::router::router(app.with(|settings| settings.local = true).cx), ..ann.clone() };
        local.call_at("POST", "/flows/", Body::from(r#"{"name": "f"}"#)).await.expect(201);
        let workspaces = local.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        assert_eq!(workspaces[0]["workspace_handle"], "default");
        local.call("GET", "/hello", Body::empty()).await.expect(401);
        ann.call_at("POST", "/flows/", Body::from(r#"{"name": "f"}"#)).await.expect(401);
    }
}
