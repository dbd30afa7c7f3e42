//! Authentication at the event socket, and invalid frames.

use api::route::Payload;
use control::{access::ClientInfo, api_key};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use testkit::tables::Tables;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::{
    client::Client,
    contract_file::{Contract, Kind},
    fixture::{WorkspaceFixture, node::Walk, operation},
    mutation::{Expected, Mutant, Target, mutants},
    socket::{Socket, TASK_RUN, TEST_TIMEOUT, close_frame, open, send, serve, transition},
};

/// One byte more than the limit of a frame.
const TOO_LARGE: usize = 4 * 1024 * 1024 + 1;

async fn events_url(client: &Client) -> String {
    format!("{}{}/events/in", serve(client).await, client.base)
}

/// Waits until the server closes the connection, with or without a close frame.
async fn wait_for_end(socket: &mut Socket) {
    let end = async { while let Some(Ok(_)) = socket.next().await {} };
    timeout(TEST_TIMEOUT, end).await.expect("the connection ends");
}

/// Whether the server must drop the complete frame: it is not JSON, or a field of the event itself is invalid.
fn is_dropped(mutant: &Mutant) -> bool {
    match &mutant.expected {
        Expected::InvalidJson => true,
        Expected::InvalidField(loc) => loc.len() <= 2,
        Expected::TooLarge | Expected::Accepted => false,
    }
}

#[test]
fn every_websocket_route_is_tested_here() {
    let sockets: Vec<_> =
        api::routes::all().iter().filter(|route| route.payload == Payload::Frames).map(operation).collect();
    assert_eq!(sockets, ["GET /events/in"]);
}

testkit::on_both! {
    async fn invalid_frames_write_nothing_and_keep_the_socket_open(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let mut socket = open(&events_url(&ann).await, ann.key.as_deref(), None).await.expect("an open socket");
        let valid = transition("RUNNING", "Running", 1);
        let walk =
            Walk { types: Contract::read().types(None), operation: "GET /events/in".to_owned(), enters_free_form: true };
        let target = Target::new(Payload::Required, walk, &Kind::parse("Event"), &valid);
        let mut tables = Tables::of(&app).await;
        let mut dropped = 0;
        for mutant in mutants(&target).into_iter().filter(|mutant| mutant.expected != Expected::TooLarge) {
            let Ok(text) = String::from_utf8(mutant.body.to_vec()) else { continue };
            let before = tables.counts().await;
            socket.feed(Message::Text(text.into())).await.expect("sent");
            send(&mut socket, &[]).await;
            if is_dropped(&mutant) {
                dropped += 1;
                assert_eq!(tables.counts().await, before, "{}", mutant.description);
            }
        }
        assert!(dropped > 40, "{dropped}");
        send(&mut socket, &[transition("COMPLETED", "Completed", 9)]).await;
        assert_eq!(ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200)["state_name"], "Completed");
    }

    async fn nul_is_removed_from_events(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let mut socket = open(&events_url(&ann).await, ann.key.as_deref(), None).await.expect("an open socket");
        let mut event = transition("RUNNING", "Running", 1);
        event["resource"]["a\0b"] = json!("\0");
        event["payload"]["validated_state"]["name"] = json!("Run\0ning");
        event["payload"]["a\0b"] = json!("\0");
        send(&mut socket, &[event]).await;
        assert_eq!(ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200)["state_name"], "Running");
    }

    async fn a_too_large_frame_closes_after_earlier_events_are_stored(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let url = events_url(&ann).await;
        let mut socket = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        socket.send(Message::Text(transition("RUNNING", "Running", 1).to_string().into())).await.expect("sent");
        // The server may close the connection during the send.
        let _result = socket.send(Message::Text("x".repeat(TOO_LARGE).into())).await;
        wait_for_end(&mut socket).await;
        assert_eq!(ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200)["state_name"], "Running");
        let mut next = open(&url, ann.key.as_deref(), None).await.expect("another socket");
        send(&mut next, &[transition("COMPLETED", "Completed", 2)]).await;
    }

    async fn malformed_auth_messages_are_rejected(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let url = events_url(&ann).await;
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
            assert_eq!(u16::from(close_frame(&mut socket).await.code), 1008, "{text:.60}");
        }
        let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
        let _result = socket.send(Message::Text("x".repeat(TOO_LARGE).into())).await;
        wait_for_end(&mut socket).await;
    }

    async fn deleted_and_expired_keys_open_no_socket(app: TestApp) {
        let user = app.person("ann").await;
        let ann = Client::for_user(&app, &user).await;
        let deleted = app.key(&user, "deleted").await;
        api_key::delete(&app.cx, user.caller, deleted.key.id, ClientInfo::default()).await.unwrap();
        let end = app.cx.clock.now().plus_seconds(60.0);
        let short = api_key::NewKey { name: "short".into(), expires: Some(end) };
        let expired = api_key::create(&app.cx, user.caller, short, ClientInfo::default()).await.unwrap();
        app.advance(61.0);
        let url = events_url(&ann).await;
        for (what, key) in [("a deleted key", deleted.secret.reveal()), ("an expired key", expired.secret.reveal())] {
            match open(&url, Some(key), None).await {
                Err(Error::Http(response)) => assert_eq!(response.status().as_u16(), 401, "{what}"),
                other => panic!("{what}: {other:?}"),
            }
            let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
            let auth_message = json!({"type": "auth", "token": key}).to_string();
            socket.send(Message::Text(auth_message.into())).await.unwrap();
            assert_eq!(u16::from(close_frame(&mut socket).await.code), 1008, "{what}");
        }
    }

    async fn events_can_not_change_runs_of_other_workspaces(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let hers = WorkspaceFixture::populate(&ann, "hers").await;
        let bob = Client::new(&app, "bob").await;
        let mut socket = open(&events_url(&bob).await, bob.key.as_deref(), None).await.expect("an open socket");
        let before = hers.snapshot(&ann).await;
        let flow_run = json!([{
            "prefect.resource.id": format!("prefect.flow-run.{}", hers.id("flow_run")), "prefect.resource.role": "flow-run",
        }]);
        for (second, related) in [(1, flow_run), (2, json!([]))] {
            let mut event: Value = transition("COMPLETED", "Completed", second);
            event["resource"]["prefect.resource.id"] = json!(format!("prefect.task-run.{}", hers.id("task_run")));
            event["payload"]["task_run"]["task_key"] = json!(hers.name);
            event["payload"]["task_run"]["dynamic_key"] = json!(hers.name);
            event["related"] = related;
            send(&mut socket, &[event]).await;
        }
        assert_eq!(hers.snapshot(&ann).await, before);
        // The second event is about a run of his own with the same id.
        assert_eq!(bob.get(&format!("/task_runs/{}", hers.id("task_run"))).await.expect(200)["flow_run_id"], Value::Null);
    }
}
