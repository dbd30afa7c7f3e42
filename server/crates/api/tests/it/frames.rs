//! Who gets in at the socket of events, and frames that nobody should send there.

use api::route::Payload;
use control::{access::Origin, api_key};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use testkit::tables::Tables;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::{
    client::Client,
    house::{House, name},
    mutation::{Mutant, Target, Wanted, mutants},
    socket::{PATIENCE, Socket, TASK_RUN, close_of, open, send, serve, transition},
};

/// One byte more than a frame may have.
const TOO_LARGE: usize = 4 * 1024 * 1024 + 1;

async fn address(client: &Client) -> String {
    format!("{}{}/events/in", serve(client).await, client.base)
}

/// Waits until the server has ended the connection, in whatever words.
async fn ended(socket: &mut Socket) {
    let end = async { while let Some(Ok(_)) = socket.next().await {} };
    timeout(PATIENCE, end).await.expect("the connection ends");
}

/// Whether it is certain that nothing of the frame can be kept: it is no JSON, or one of the event's own fields is wrong.
fn is_dropped(mutant: &Mutant) -> bool {
    match &mutant.wanted {
        Wanted::Placed => true,
        Wanted::Field(place) => place.len() <= 2,
        Wanted::TooLarge | Wanted::Taken => false,
    }
}

#[test]
fn every_socket_has_its_rows_here() {
    let sockets: Vec<_> =
        api::routes::all().iter().filter(|route| route.payload == Payload::Frames).map(name).collect();
    assert_eq!(sockets, ["GET /events/in"]);
}

testkit::on_both! {
    async fn no_frame_ends_a_socket_or_leaves_half_an_event(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let mut socket = open(&address(&ann).await, ann.key.as_deref(), None).await.expect("an open socket");
        let good = transition("RUNNING", "Running", 1);
        let target = Target { route: "GET /events/in", payload: Payload::Required, good: &good };
        let mut tables = Tables::of(&kit).await;
        let mut dropped = 0;
        for mutant in mutants(&target).into_iter().filter(|mutant| mutant.wanted != Wanted::TooLarge) {
            let Ok(text) = String::from_utf8(mutant.body.to_vec()) else { continue };
            let before = tables.counts().await;
            socket.feed(Message::Text(text.into())).await.expect("sent");
            send(&mut socket, &[]).await;
            if is_dropped(&mutant) {
                dropped += 1;
                assert_eq!(tables.counts().await, before, "{}", mutant.what);
            }
        }
        assert!(dropped > 40, "{dropped}");
        send(&mut socket, &[transition("COMPLETED", "Completed", 9)]).await;
        assert_eq!(ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200)["state_name"], "Completed");
    }

    async fn nul_is_dropped_from_what_an_event_tells(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let mut socket = open(&address(&ann).await, ann.key.as_deref(), None).await.expect("an open socket");
        let mut event = transition("RUNNING", "Running", 1);
        event["resource"]["a\0b"] = json!("\0");
        event["payload"]["validated_state"]["name"] = json!("Run\0ning");
        event["payload"]["a\0b"] = json!("\0");
        send(&mut socket, &[event]).await;
        assert_eq!(ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200)["state_name"], "Running");
    }

    async fn a_frame_too_large_ends_the_socket_and_costs_nothing_before_it(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let url = address(&ann).await;
        let mut socket = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        socket.send(Message::Text(transition("RUNNING", "Running", 1).to_string().into())).await.expect("sent");
        // It may be cut off while it is sent.
        let _cut = socket.send(Message::Text("x".repeat(TOO_LARGE).into())).await;
        ended(&mut socket).await;
        assert_eq!(ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200)["state_name"], "Running");
        let mut next = open(&url, ann.key.as_deref(), None).await.expect("another socket");
        send(&mut next, &[transition("COMPLETED", "Completed", 2)]).await;
    }

    async fn an_introduction_that_says_nothing_is_refused(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let url = address(&ann).await;
        let key = ann.key.as_deref().unwrap();
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let texts: [&str; 13] = [
            "", "{", "[1,]", "nul", "{}", "[]", "{\"type\": 1}", "{\"type\": \"auth\", \"token\": 1}",
            "{\"type\": \"auth\", \"token\": \"\\u0000\"}", &deep, &format!("{{\"type\": \"auth\\u0000\", \"token\": \"{key}\"}}"),
            &format!("{{\"type\": \"hello\", \"token\": \"{key}\"}}"), &format!("{{\"type\": \"auth\", \"token\": \"{key}\\u0000\"}}"),
        ];
        for text in texts {
            let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
            socket.send(Message::Text(text.into())).await.unwrap();
            assert_eq!(u16::from(close_of(&mut socket).await.code), 1008, "{text:.60}");
        }
        let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
        let _cut = socket.send(Message::Text("x".repeat(TOO_LARGE).into())).await;
        ended(&mut socket).await;
    }

    async fn keys_that_are_over_open_no_socket(kit: Kit) {
        let somebody = kit.person("ann").await;
        let ann = Client::of(&kit, &somebody).await;
        let deleted = kit.key(&somebody, "deleted").await;
        api_key::delete(&kit.cx, somebody.caller, deleted.key.id, Origin::default()).await.unwrap();
        let end = kit.cx.clock.now().plus_seconds(60.0);
        let short = api_key::NewKey { name: "short".into(), expires: Some(end) };
        let expired = api_key::create(&kit.cx, somebody.caller, short, Origin::default()).await.unwrap();
        kit.advance(61.0);
        let url = address(&ann).await;
        for (what, key) in [("a deleted key", deleted.secret.reveal()), ("an expired key", expired.secret.reveal())] {
            match open(&url, Some(key), None).await {
                Err(Error::Http(response)) => assert_eq!(response.status().as_u16(), 401, "{what}"),
                other => panic!("{what}: {other:?}"),
            }
            let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
            let introduction = json!({"type": "auth", "token": key}).to_string();
            socket.send(Message::Text(introduction.into())).await.unwrap();
            assert_eq!(u16::from(close_of(&mut socket).await.code), 1008, "{what}");
        }
    }

    async fn events_about_somebody_elses_runs_change_nothing_of_them(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let hers = House::furnish(&ann, "hers").await;
        let bob = Client::new(&kit, "bob").await;
        let mut socket = open(&address(&bob).await, bob.key.as_deref(), None).await.expect("an open socket");
        let before = hers.look(&ann).await;
        let flow_run = json!([{
            "prefect.resource.id": format!("prefect.flow-run.{}", hers.flow_run), "prefect.resource.role": "flow-run",
        }]);
        for (second, related) in [(1, flow_run), (2, json!([]))] {
            let mut event: Value = transition("COMPLETED", "Completed", second);
            event["resource"]["prefect.resource.id"] = json!(format!("prefect.task-run.{}", hers.task_run));
            event["payload"]["task_run"]["task_key"] = json!(hers.called);
            event["payload"]["task_run"]["dynamic_key"] = json!("0");
            event["related"] = related;
            send(&mut socket, &[event]).await;
        }
        assert_eq!(hers.look(&ann).await, before);
        // The second one tells of a run of his own that has the same id.
        assert_eq!(bob.get(&format!("/task_runs/{}", hers.task_run)).await.expect(200)["flow_run_id"], Value::Null);
    }
}
