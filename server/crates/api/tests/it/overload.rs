//! Responses of a server with an overloaded database: which calls clients may retry, and which are in doubt.

use std::time::Duration;

use axum::body::Body;
use control::{api_key, changes::Change, local};
use http::header;
use model::api_key::KeySort;
use serde_json::json;
use testkit::{Backend, TestApp, on_both};

use crate::client::{Client, TestResponse};

/// The same client, of a server whose writes time out at once.
async fn without_write_time(app: &TestApp, client: &Client) -> Client {
    let app = app.with_write_limit(Duration::ZERO).await;
    Client { router: api::router::router(app.cx), ..client.clone() }
}

/// Copies of the only log line, so long and so many that a search of them takes seconds.
async fn copy_line(app: &TestApp) {
    let (id, message) = match app.backend {
        Backend::Sqlite => ("randomblob(16)", "hex(zeroblob(500))"),
        Backend::Postgres => ("gen_random_uuid()", "repeat('0', 1000)"),
    };
    app.execute_raw(&format!(
        "INSERT INTO log (workspace_id, id, name, level, message, timestamp, created)
         WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 8000)
         SELECT workspace_id, {id}, name, level, {message}, timestamp, created FROM log, numbers"
    ))
    .await;
}

fn retry_after(response: &TestResponse) -> u64 {
    response.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap()
}

on_both! {
    async fn a_write_without_time_left_gets_429_and_can_be_retried(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let rejected = without_write_time(&app, &ann).await.post("/flows/", json!({"name": "f"})).await;
        assert_eq!(retry_after(&rejected), 2);
        rejected.expect(429);
        // 201 and not 200, because the first call stored nothing.
        ann.post("/flows/", json!({"name": "f"})).await.expect(201);
    }

    async fn a_list_that_is_too_slow_gets_422_and_names_a_filter(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let line = json!({"name": "flow", "level": 20, "message": "a", "timestamp": "2026-11-25T10:00:00Z"});
        ann.post("/logs/", json!([line])).await.expect(201);
        copy_line(&app).await;
        let slow = app.with_read_limit(Duration::from_millis(300)).await;
        let slow = Client { router: api::router::router(slow.cx), ..ann.clone() };
        let search = |text: &str| json!({"logs": {"text": {"query": text}}});
        // At each of the line's characters the database compares the whole word.
        let word = "0".repeat(150) + "x";
        // On a busy machine the key's look-up may take too long as well.
        let mut rejected = slow.post("/logs/filter", search(&word)).await;
        while rejected.status == 429 {
            rejected = slow.post("/logs/filter", search(&word)).await;
        }
        assert!(!rejected.headers.contains_key(header::RETRY_AFTER), "the same call would be as slow again");
        let body = rejected.expect(422);
        assert!(body["detail"].as_str().unwrap().contains("Add the filter logs.flow_run_id"), "{body}");
        assert_eq!(ann.post("/logs/filter", search("a")).await.expect(200).as_array().unwrap().len(), 1);
    }

    async fn requests_succeed_if_key_usage_is_not_recorded(app: TestApp) {
        let user = app.person("ann").await;
        let ann = Client::for_user(&app, &user).await;
        let keyless = Client { router: api::router::router(app.with(|settings| settings.local = true).cx), ..ann.with_key(None) };
        control::local::ensure(&app.cx).await.unwrap();
        ann.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        keyless.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        app.advance(60.0);
        let slow = app.with_write_limit(Duration::ZERO).await;
        let mut unrecorded = [slow.changes_of(user.person.id), slow.changes_of(local::PERSON)];
        let overloaded = Client { router: api::router::router(slow.cx.clone()), ..ann.clone() };
        overloaded.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        overloaded.post("/flow_runs/filter", json!({})).await.expect(200);
        let slow = slow.with(|settings| settings.local = true);
        let keyless = Client { router: api::router::router(slow.cx), ..keyless };
        keyless.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        for changes in &mut unrecorded {
            assert_eq!(changes.try_recv(), Ok(Vec::new()), "no change is published without a record");
        }
        let mut changes = app.changes_of(user.person.id);
        ann.post("/flow_runs/filter", json!({})).await.expect(200);
        assert_eq!(changes.try_recv(), Ok(vec![Change::ClientCalled { person: user.person.id }]));
    }

    async fn a_retried_log_batch_is_stored_once_and_in_order(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let line = |message: String| json!({"name": "flow", "level": 20, "message": message, "timestamp": "2026-11-25T10:00:00Z"});
        let batch = json!((0..2_499).map(|n| line(format!("line {n}"))).chain([line("poison".into())]).collect::<Vec<_>>());
        let stored = async || {
            let (mut messages, mut page) = (Vec::new(), Vec::new());
            while messages.is_empty() || !page.is_empty() {
                let query = json!({"offset": messages.len(), "limit": 200});
                page = ann.post("/logs/filter", query).await.expect(200).as_array().unwrap().clone();
                messages.extend(page.iter().map(|line| line["message"].as_str().unwrap().to_owned()));
            }
            messages
        };
        app.poison("INSERT", "log", "message").await;
        assert_ne!(ann.post("/logs/", batch.clone()).await.status, 201);
        app.remove_poison("log").await;
        // Clients retry after an error, and also after a lost response.
        for _ in 0..2 {
            ann.post("/logs/", batch.clone()).await.expect(201);
            let messages = stored().await;
            assert_eq!(messages.len(), 2_500);
            assert!(messages.iter().take(2_499).enumerate().all(|(n, message)| *message == format!("line {n}")), "in the order of the batch");
        }
    }

    async fn concurrent_calls_record_key_usage_once(app: TestApp) {
        let user = app.person("ann").await;
        let ann = Client::for_user(&app, &user).await;
        let mut changes = app.changes_of(user.person.id);
        let calls = (0..64).map(|_| ann.post("/flow_runs/filter", json!({})));
        for response in futures::future::join_all(calls).await {
            response.expect(200);
        }
        assert_eq!(changes.try_recv(), Ok(vec![Change::ClientCalled { person: user.person.id }]));
    }

    async fn a_rejected_call_does_not_record_key_usage(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, Client::new(&app, "bob").await);
        let ann_key = app.key(&ann, "laptop").await;
        let intruder = bob.with_key(Some(ann_key.secret.reveal()));
        let last_used = async || api_key::list(&app.cx, ann.caller, "", KeySort::Newest).await.unwrap().keys[0].last_used;
        intruder.post("/flow_runs/filter", json!({})).await.expect(404);
        intruder.call_at("POST", "/flow_runs/filter", Body::from("{}")).await.expect(404);
        assert_eq!(last_used().await, None);
        intruder.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        assert_eq!(last_used().await, Some(app.cx.clock.now()));
    }
}

#[test]
fn an_unanswered_commit_gets_503_and_is_in_doubt() {
    testkit::app::run(Backend::Postgres, |app| async move {
        let ann = Client::new(&app, "ann").await;
        app.delay_commit("flow", 4.0).await;
        let response = ann.post("/flows/", json!({"name": "f"})).await;
        assert!(retry_after(&response) > 0);
        let body = response.expect(503);
        assert!(body["exception_message"].as_str().unwrap().contains("may or may not have been saved"), "{body}");
        // In this test the flow is stored.
        let stored = async { while ann.get("/flows/name/f").await.status != 200 {} };
        tokio::time::timeout(Duration::from_secs(30), stored).await.expect("the flow is stored");
    });
}
