//! How addresses may be spelled, and what stands at none.

use axum::body::Body;
use control::bus::Change;
use http::{Request, header};
use serde_json::json;

use crate::client::Client;

testkit::on_both! {
    async fn slashes_and_the_case_of_ids_do_not_matter(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let flow = ann.post("/flows/", json!({"name": "f"})).await.expect(201);
        let id = flow["id"].as_str().unwrap();
        for path in [format!("/flows/{id}"), format!("//flows///{id}/"), format!("/flows/{}", id.to_uppercase().replace('-', ""))] {
            assert_eq!(ann.get(&path).await.expect(200)["id"], id, "{path}");
        }
        let base = ann.base.to_uppercase().replace("ACCOUNTS", "accounts").replace("WORKSPACES", "workspaces");
        assert_eq!(ann.call_at("GET", &format!("{base}/flows/{id}"), Body::empty()).await.expect(200)["id"], id);
    }

    async fn what_is_nowhere_is_said_plainly(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        assert_eq!(ann.get("/flows/no-id").await.expect(404), json!({"detail": "Not Found"}));
        for (method, path) in [("GET", "/nothing/here"), ("PUT", "/flows")] {
            let told = format!("Not Found: this server has no {method} {}{path}.", ann.base);
            assert_eq!(ann.call(method, path, Body::empty()).await.expect(404), json!({"detail": told}));
        }
        let id = "ffc8be5d-17d2-4dfc-8b0b-223935274593";
        assert_eq!(ann.get(&format!("/flow_runs/{id}")).await.expect(404), json!({"detail": "Flow run not found"}));
        assert_eq!(ann.get(&format!("/task_runs/{id}")).await.expect(404), json!({"detail": "Task not found"}));
        let answer = ann.post(&format!("/flow_runs/{id}/set_state"), json!({"state": {"type": "RUNNING"}})).await;
        assert_eq!(answer.expect(404), json!({"exception_message": format!("Flow run with id {id} not found")}));
    }

    async fn a_query_is_refused_by_key(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        for (query, kind) in [("", "missing"), ("?flow_run_id=x", "value_error"), ("?flow_run_id=a%00b", "value_error")] {
            let problem = ann.get(&format!("/flow_run_states{query}")).await.expect(422)["exception_detail"][0].clone();
            assert_eq!((&problem["type"], &problem["loc"]), (&json!(kind), &json!(["query", "flow_run_id"])), "{query}");
        }
    }

    async fn names_in_paths_are_decoded(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        ann.post("/flows", json!({"name": "my flow é"})).await.expect(201);
        assert_eq!(ann.get("/flows/name/my%20flow%20%C3%A9").await.expect(200)["name"], "my flow é");
        assert_eq!(ann.get("/flows/name/a%00b").await.expect(404), json!({"detail": "Not Found"}));
    }

    async fn clients_that_are_too_old_are_refused(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let ask = |path: &str, version: &str| {
            let request = Request::builder().uri(format!("{}{path}", ann.base)).header("x-prefect-api-version", version);
            let key = format!("Bearer {}", ann.key.clone().unwrap());
            ann.send(request.header(header::AUTHORIZATION, key).body(Body::empty()).unwrap())
        };
        let answer = ask("/hello", "0.7.0").await.expect(400);
        assert!(answer["detail"].as_str().unwrap().contains("requires version 0.8.0"), "{answer}");
        ask("/hello", "0.8.0").await.expect(200);
        for probe in ["/health", "/ready", "/version"] {
            ask(probe, "0.7.0").await.expect(200);
        }
        for no_probe in ["/admin/version", "/flows/name/health", "/nowhere/ready"] {
            ask(no_probe, "0.7.0").await.expect(400);
        }
    }

    async fn a_key_comes_as_a_bearer_whatever_the_case(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        for (scheme, status) in [("Bearer ", 200), ("bearer ", 200), ("Basic ", 401), ("", 401)] {
            let key = format!("{scheme}{}", ann.key.as_deref().unwrap());
            let request = Request::builder().uri(format!("{}/hello", ann.base)).header(header::AUTHORIZATION, key);
            ann.send(request.body(Body::empty()).unwrap()).await.expect(status);
        }
    }

    async fn the_bare_address_means_the_only_workspace(kit: Kit) {
        let somebody = kit.person("ann").await;
        let ann = Client::of(&kit, &somebody).await;
        let flow = ann.post("/flows", json!({"name": "f"})).await.expect(201);
        let bare = format!("/flows/{}", flow["id"].as_str().unwrap());
        ann.call_at("GET", &bare, Body::empty()).await.expect(200);
        kit.workspace(&somebody, "Second").await;
        let refused = ann.call_at("GET", &bare, Body::empty()).await.expect(400);
        assert!(refused["detail"].as_str().unwrap().contains(&ann.base), "{refused}");
    }

    async fn the_first_call_in_local_mode_is_told_to_its_workspaces(kit: Kit) {
        let ann = Client::new(&kit, "ann").await.with_key(None);
        let kit = kit.with(|settings| settings.local = true);
        control::local::ensure(&kit.cx).await.unwrap();
        let local = Client { router: api::router::router(kit.cx.clone()), ..ann };
        let here = control::access::enter_local(&kit.cx).await.unwrap();
        let first_call = async || control::workspace::detail(&kit.cx, here).await.unwrap().last_call;
        assert_eq!(first_call().await, None, "a look at a page is no call");
        for path in ["/me/workspaces", "/flows/"] {
            let mut bus = kit.cx.bus.listen();
            kit.advance(60.0);
            let method = if path == "/flows/" { "POST" } else { "GET" };
            local.call_at(method, path, Body::from(r#"{"name": "f"}"#)).await;
            assert_eq!(first_call().await, Some(kit.cx.clock.now()), "{path}");
            assert_eq!(bus.try_recv(), Ok(Change::Called { person: control::local::PERSON }), "{path}");
        }
        let noted = first_call().await;
        kit.advance(59.0);
        local.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        assert_eq!(first_call().await, noted, "noted once a minute");
    }

    async fn local_mode_needs_no_key_at_the_bare_address_alone(kit: Kit) {
        let ann = Client::new(&kit, "ann").await.with_key(None);
        control::local::ensure(&kit.cx).await.unwrap();
        let local = Client { router: api::router::router(kit.with(|settings| settings.local = true).cx), ..ann.clone() };
        local.call_at("POST", "/flows/", Body::from(r#"{"name": "f"}"#)).await.expect(201);
        let workspaces = local.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        assert_eq!(workspaces[0]["workspace_handle"], "default");
        local.call("GET", "/hello", Body::empty()).await.expect(401);
        ann.call_at("POST", "/flows/", Body::from(r#"{"name": "f"}"#)).await.expect(401);
    }
}
