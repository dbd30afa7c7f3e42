//! Bodies that nobody should send, to every route that takes one: always a clear refusal that leaves all tables as they were, never a
//! failure of the server.

use api::{body::LARGEST, route::Route};
use axum::body::Body;
use control::Cx;
use http::StatusCode;
use serde_json::{Value, json};
use testkit::tables::Tables;

use crate::{
    client::{Answer, Client},
    house::{House, NOBODY, name, with_bodies},
    mutation::{Mutant, Target, Wanted, mutants},
};

/// At least so many bad bodies go to each route.
const LEAST: usize = 40;

#[track_caller]
fn check(answer: &Answer, wanted: &Wanted, what: &str) {
    let problem = &answer.body["exception_detail"][0];
    match wanted {
        Wanted::Placed => {
            assert_eq!(
                (answer.status.as_u16(), &problem["type"]),
                (422, &json!("json_invalid")),
                "{what}: {}",
                answer.body
            );
            assert!(problem["ctx"]["line"].is_u64() && problem["ctx"]["column"].is_u64(), "{what}: {problem}");
        }
        Wanted::Field(place) => {
            let told = problem["loc"].as_array().unwrap_or_else(|| panic!("{what}: {} {}", answer.status, answer.body));
            // A list may be refused as a whole for what stands in it, and a value for a part of it.
            let shorter = told.len().min(place.len());
            let named = told[..shorter] == place[..shorter] && shorter + 1 >= place.len();
            assert!(
                answer.status == 422 && named,
                "{what} must be refused for {place:?}: {} {}",
                answer.status,
                answer.body
            );
        }
        Wanted::TooLarge => {
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{what}");
            let limit = format!("{LARGEST} bytes");
            assert!(answer.body["detail"].as_str().is_some_and(|detail| detail.contains(&limit)), "{}", answer.body);
        }
        Wanted::Taken => {
            // Or it was taken before.
            let there = answer.status == StatusCode::CONFLICT;
            assert!(answer.status.is_success() || there, "{what} must be taken: {} {}", answer.status, answer.body);
        }
    }
}

async fn send(client: &Client, route: &Route<Cx>, path: &str, mutant: &Mutant) {
    let answer = client.call(route.method.as_str(), path, Body::from(mutant.body.clone())).await;
    check(&answer, &mutant.wanted, &format!("{}: {}", name(route), mutant.what));
}

testkit::on_both! {
    async fn bad_bodies_are_refused_by_field_and_leave_nothing_behind(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let house = House::furnish(&ann, "house").await;
        let mut tables = Tables::of(&kit).await;
        for route in with_bodies() {
            let (path, good) = (house.path(&route), house.body(&route));
            let target = Target { route: &name(&route), payload: route.payload, good: &good };
            let (taken, refused): (Vec<_>, Vec<_>) =
                mutants(&target).into_iter().partition(|mutant| mutant.wanted == Wanted::Taken);
            assert!(taken.len() + refused.len() >= LEAST, "{}: only {}", name(&route), refused.len());
            let (rows, seen) = (tables.counts().await, house.look(&ann).await);
            for mutant in refused {
                send(&ann, &route, &path, &mutant).await;
                assert_eq!(tables.counts().await, rows, "{} wrote something: {}", name(&route), mutant.what);
            }
            assert_eq!(house.look(&ann).await, seen, "{} changed something", name(&route));
            // It was the one wrong thing that was refused: without it, the body is good.
            let answer = house.call(&ann, &route, &format!("{}{path}", ann.base)).await;
            assert!(answer.status.is_success(), "{}: {} {}", name(&route), answer.status, answer.body);
            for mutant in taken {
                send(&ann, &route, &path, &mutant).await;
            }
        }
    }

    async fn nul_is_dropped_from_log_lines_and_kept_in_json(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let line = json!([{"name": "n\0n", "level": 20, "message": "a\0b", "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": NOBODY}]);
        assert_eq!(ann.post("/logs", line).await.expect(201), Value::Null);
        let lines = ann.post("/logs/filter", json!({"logs": {"flow_run_id": {"any_": [NOBODY]}}})).await.expect(200);
        assert_eq!((&lines[0]["name"], &lines[0]["message"]), (&json!("nn"), &json!("ab")));
        let flow = ann.post("/flows", json!({"name": "f"})).await.expect(201);
        let free = json!({"a\0b": ["\0"]});
        let state = json!({"type": "PENDING", "name": "a\0b", "message": "\0", "data": free});
        let run = json!({"flow_id": flow["id"], "parameters": free, "context": free, "job_variables": free, "state": state});
        let run = ann.post("/flow_runs", run).await.expect(201);
        let run = ann.get(&format!("/flow_runs/{}", run["id"].as_str().unwrap())).await.expect(200);
        for kept in [&run["parameters"], &run["context"], &run["job_variables"], &run["state"]["data"]] {
            assert_eq!(*kept, free);
        }
        assert_eq!((&run["state"]["name"], &run["state"]["message"]), (&json!("ab"), &json!("")));
    }

    async fn one_bad_line_refuses_the_whole_batch(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let good = json!({"name": "n", "level": 20, "message": "good", "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": NOBODY});
        ann.post("/logs", json!([good, {"name": "n"}])).await.expect(422);
        assert_eq!(ann.post("/logs/filter", json!({})).await.expect(200), json!([]));
    }
}
