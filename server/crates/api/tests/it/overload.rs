//! What clients are told by a server whose database has too much to do: what they may try again, and what nobody knows.

use std::time::Duration;

use axum::body::Body;
use control::{api_key, bus::Change};
use http::header;
use model::api_key::KeySort;
use serde_json::json;
use testkit::{Backend, Kit, on_both};

use crate::client::{Answer, Client};

/// The same client before a server that gives writes no time at all.
async fn hurried(kit: &Kit, client: &Client) -> Client {
    let kit = kit.with_write_time(Duration::ZERO).await;
    Client { router: api::router::router(kit.cx), ..client.clone() }
}

fn retry_after(answer: &Answer) -> u64 {
    answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap()
}

on_both! {
    async fn a_write_that_was_given_up_is_worth_another_try(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let refused = hurried(&kit, &ann).await.post("/flows/", json!({"name": "f"})).await;
        assert_eq!(retry_after(&refused), 2);
        refused.expect(429);
        // Not 200: nothing was kept of the first.
        ann.post("/flows/", json!({"name": "f"})).await.expect(201);
    }

    async fn a_call_that_can_not_be_noted_is_answered_all_the_same(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let keyless = Client { router: api::router::router(kit.with(|settings| settings.local = true).cx), ..ann.with_key(None) };
        control::local::ensure(&kit.cx).await.unwrap();
        ann.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        keyless.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        kit.advance(60.0);
        let mut bus = kit.cx.bus.listen();
        let stuck = hurried(&kit, &ann).await;
        stuck.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        stuck.post("/flow_runs/filter", json!({})).await.expect(200);
        let kit = kit.with(|settings| settings.local = true);
        hurried(&kit, &keyless).await.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        assert!(bus.try_recv().is_err(), "what was not noted is not told");
        ann.post("/flow_runs/filter", json!({})).await.expect(200);
        assert!(matches!(bus.try_recv(), Ok(Change::Called { .. })));
    }

    async fn a_batch_of_lines_that_failed_half_way_is_there_once_when_it_comes_again(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let line = |message: String| json!({"name": "flow", "level": 20, "message": message, "timestamp": "2026-11-25T10:00:00Z"});
        let batch = json!((0..2_499).map(|n| line(format!("line {n}"))).chain([line("poison".into())]).collect::<Vec<_>>());
        let stored = async || {
            let (mut messages, mut page) = (Vec::new(), Vec::new());
            while messages.is_empty() || !page.is_empty() {
                let asked = json!({"offset": messages.len(), "limit": 200});
                page = ann.post("/logs/filter", asked).await.expect(200).as_array().unwrap().clone();
                messages.extend(page.iter().map(|line| line["message"].as_str().unwrap().to_owned()));
            }
            messages
        };
        kit.poison("INSERT", "log", "message").await;
        assert_ne!(ann.post("/logs/", batch.clone()).await.status, 201);
        kit.cure("log").await;
        // Once because it failed, once more because its answer was lost.
        for _ in 0..2 {
            ann.post("/logs/", batch.clone()).await.expect(201);
            let messages = stored().await;
            assert_eq!(messages.len(), 2_500);
            assert!(messages.iter().take(2_499).enumerate().all(|(n, message)| *message == format!("line {n}")), "in their order");
        }
    }

    async fn of_many_calls_at_once_one_is_noted(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let mut bus = kit.cx.bus.listen();
        let calls = (0..64).map(|_| ann.post("/flow_runs/filter", json!({})));
        for answer in futures::future::join_all(calls).await {
            answer.expect(200);
        }
        assert!(matches!(bus.try_recv(), Ok(Change::Called { .. })));
        assert!(bus.try_recv().is_err());
    }

    async fn a_call_that_is_not_let_in_is_not_noted(kit: Kit) {
        let (ann, bob) = (kit.person("ann").await, Client::new(&kit, "bob").await);
        let of_ann = kit.key(&ann, "laptop").await;
        let stranger = bob.with_key(Some(of_ann.secret.reveal()));
        let last_used = async || api_key::list(&kit.cx, ann.caller, "", KeySort::Newest).await.unwrap().keys[0].last_used;
        stranger.post("/flow_runs/filter", json!({})).await.expect(404);
        stranger.call_at("POST", "/flow_runs/filter", Body::from("{}")).await.expect(404);
        assert_eq!(last_used().await, None);
        stranger.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        assert_eq!(last_used().await, Some(kit.cx.clock.now()));
    }
}

#[test]
fn a_commit_that_is_not_answered_is_no_refusal() {
    testkit::kit::run(Backend::Postgres, |kit| async move {
        let ann = Client::new(&kit, "ann").await;
        kit.linger("flow", 4.0).await;
        let silence = ann.post("/flows/", json!({"name": "f"})).await;
        assert!(retry_after(&silence) > 0);
        let body = silence.expect(503);
        assert!(body["exception_message"].as_str().unwrap().contains("may have been done"), "{body}");
        // As it was in this case.
        let done = async { while ann.get("/flows/name/f").await.status != 200 {} };
        tokio::time::timeout(Duration::from_secs(30), done).await.expect("the flow is there in the end");
    });
}
