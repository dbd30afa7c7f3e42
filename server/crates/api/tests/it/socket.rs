//! The event socket, over a real connection.

mod limits;
mod stalled;

use std::time::Duration;

use axum::{body::Body, http::Request};
use control::{access::ClientInfo, api_key};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderValue, header},
        protocol::CloseFrame,
    },
};

use crate::client::{Client, incompressible};

pub type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// A test fails if one step takes longer.
pub const TEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Serves the client's router on a free port and returns its URL.
pub async fn serve(client: &Client) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let router = client.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("ws://{address}")
}

pub async fn open(url: &str, key: Option<&str>, protocol: Option<&'static str>) -> Result<Socket, Error> {
    // Clients send the scheme in lower case when they open a websocket.
    open_with(url, key.map(|key| format!("bearer {key}")).as_deref(), protocol).await
}

async fn open_with(url: &str, authorization: Option<&str>, protocol: Option<&'static str>) -> Result<Socket, Error> {
    let mut request = url.into_client_request()?;
    if let Some(authorization) = authorization {
        request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_str(authorization).unwrap());
    }
    if let Some(protocol) = protocol {
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
    }
    connect_async(request).await.map(|(socket, _)| socket)
}

pub async fn next(socket: &mut Socket) -> Option<Message> {
    timeout(TEST_TIMEOUT, socket.next()).await.expect("a frame in time").and_then(Result::ok)
}

/// Sends the auth message.
async fn send_auth(socket: &mut Socket, token: Value) {
    socket.send(Message::Text(json!({"type": "auth", "token": token}).to_string().into())).await.expect("sent");
}

fn auth_success() -> Option<Message> {
    Some(Message::Text(json!({"type": "auth_success"}).to_string().into()))
}

pub async fn close_frame(socket: &mut Socket) -> CloseFrame {
    loop {
        match next(socket).await {
            Some(Message::Close(Some(frame))) => return frame,
            Some(_) => {}
            None => panic!("the connection ended without a reason"),
        }
    }
}

/// Sends the events and waits for the pong that confirms them.
pub async fn send(socket: &mut Socket, events: &[Value]) {
    send_with_ping(socket, events).await;
    wait_for_pong(socket).await;
}

/// Sends the events, and a ping after them.
async fn send_with_ping(socket: &mut Socket, events: &[Value]) {
    for event in events {
        socket.feed(Message::Text(event.to_string().into())).await.expect("sent");
    }
    socket.send(Message::Ping("proof".into())).await.expect("sent");
}

async fn wait_for_pong(socket: &mut Socket) {
    loop {
        match next(socket).await.expect("an open socket") {
            Message::Pong(payload) if payload.as_ref() == b"proof" => return,
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("the server sends no data: {other:?}"),
        }
    }
}

pub const TASK_RUN: &str = "01a20bc2-0710-7e1c-9497-408fb5b68b20";

pub fn transition(state_type: &str, name: &str, second: u32) -> Value {
    json!({
        "occurred": format!("2026-11-25T10:00:0{second}.000000Z"), "event": format!("prefect.task-run.{name}"),
        "resource": {
            "prefect.resource.id": format!("prefect.task-run.{TASK_RUN}"), "prefect.resource.name": "add-1",
            "prefect.state-type": state_type, "prefect.state-name": name, "prefect.orchestration": "client",
        },
        "related": [],
        "payload": {
            "intended": {"from": null, "to": state_type}, "initial_state": null,
            "validated_state": {"type": state_type, "name": name, "message": "", "state_details": {}, "data": null},
            "task_run": {"task_key": "add-1", "dynamic_key": "d", "name": "add-1", "tags": [], "run_count": 1},
        },
        "id": format!("01a20bc2-0710-7e1c-9497-00000000000{second}"), "follows": null,
    })
}

/// The events of one task run: four transitions, each with its own id.
fn task_run_events(number: usize) -> Vec<Value> {
    let transitions =
        [("PENDING", "Pending"), ("RUNNING", "Running"), ("RUNNING", "Retrying"), ("COMPLETED", "Completed")];
    let event = |(second, (state_type, name)): (usize, (&str, &str))| {
        let mut event = transition(state_type, name, u32::try_from(second).unwrap());
        event["id"] = json!(format!("01a20bc2-0710-7e1c-9497-{number:08}000{second}"));
        event["resource"]["prefect.resource.id"] = json!(format!("prefect.task-run.{}", task_run(number)));
        event["payload"]["task_run"]["dynamic_key"] = json!(number.to_string());
        event["payload"]["task_run"]["run_count"] = json!(second.min(2));
        event
    };
    transitions.into_iter().enumerate().map(event).collect()
}

fn task_run(number: usize) -> String {
    format!("01a20bc2-0710-7e1c-9497-1{number:011}")
}

/// Each event twice, shuffled, and split into two halves.
fn shuffled_duplicates(ids: &control::ids::Ids, events: &[Value]) -> [Vec<Value>; 2] {
    let mut doubled = [events, events].concat();
    for last in (1..doubled.len()).rev() {
        doubled.swap(last, ids.below(last + 1));
    }
    let second_half = doubled.split_off(doubled.len() / 2);
    [doubled, second_half]
}

testkit::on_both! {
    async fn shuffled_duplicate_events_over_two_sockets_give_one_run(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut one = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        let mut other = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        for number in 0..500 {
            let [left, right] = shuffled_duplicates(&app.cx.ids, &task_run_events(number));
            tokio::join!(send(&mut one, &left), send(&mut other, &right));
        }
        for number in 0..500 {
            let run = ann.get(&format!("/task_runs/{}", task_run(number))).await.expect(200);
            assert_eq!((&run["state_name"], &run["run_count"]), (&json!("Completed"), &json!(2)), "{number}");
            let states = ann.get(&format!("/task_run_states?task_run_id={}", task_run(number))).await.expect(200);
            let names: Vec<&Value> = states.as_array().unwrap().iter().map(|state| &state["name"]).collect();
            assert_eq!(names, ["Pending", "Running", "Retrying", "Completed"], "{number}");
        }
    }

    async fn a_pong_confirms_that_earlier_events_are_stored(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        for (second, (state_type, name)) in [("PENDING", "Pending"), ("RUNNING", "Running"), ("COMPLETED", "Done")].into_iter().enumerate() {
            send(&mut socket, &[transition(state_type, name, u32::try_from(second).unwrap())]).await;
            // Read without waiting, because the pong confirms that the event is stored.
            let run = ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200);
            assert_eq!((&run["state_type"], &run["state_name"]), (&json!(state_type), &json!(name)));
        }
        let states = ann.get(&format!("/task_run_states?task_run_id={TASK_RUN}")).await.expect(200);
        assert_eq!(states.as_array().unwrap().len(), 3);
    }

    async fn an_invalid_event_does_not_affect_valid_ones(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        let mut nameless = transition("PENDING", "Pending", 1);
        nameless["resource"] = json!({});
        let huge = json!({"event": "x".repeat(1_600_000)});
        let mut longest = transition("PENDING", "Pending", 3);
        longest["resource"]["prefect.resource.id"] = json!(incompressible(&app, 1_000));
        let mut keyed = transition("PENDING", "Pending", 4);
        keyed["payload"]["task_run"]["task_key"] = json!(incompressible(&app, 512));
        keyed["payload"]["task_run"]["dynamic_key"] = json!(incompressible(&app, 512));
        send(&mut socket, &[json!("no event"), nameless, huge, longest, keyed, transition("RUNNING", "Running", 2)]).await;
        ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200);
    }

    async fn upgrades_without_access_are_rejected(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let bob = Client::new(&app, "bob").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        for (key, status) in [(None, 401), (Some("pnu_wrong"), 401), (bob.key.as_deref(), 404)] {
            match open(&url, key, None).await {
                Err(Error::Http(response)) => assert_eq!(response.status().as_u16(), status, "{key:?}"),
                other => panic!("{key:?}: {other:?}"),
            }
        }
    }

    async fn a_close_without_a_key_names_the_missing_setting(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
        send_auth(&mut socket, Value::Null).await;
        let close = close_frame(&mut socket).await;
        assert_eq!(u16::from(close.code), 1008);
        assert!(close.reason.contains("PREFECT_CLOUD_API_URL"), "{}", close.reason);
    }

    async fn a_client_may_send_its_key_in_the_auth_message(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let bob = Client::new(&app, "bob").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let open_with_token = async |token: &str| {
            let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
            send_auth(&mut socket, json!(token)).await;
            socket
        };
        let mut socket = open_with_token(ann.key.as_deref().unwrap()).await;
        assert_eq!(next(&mut socket).await, auth_success());
        send(&mut socket, &[transition("RUNNING", "Running", 1)]).await;
        ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200);
        for token in ["pnu_wrong", bob.key.as_deref().unwrap()] {
            assert_eq!(u16::from(close_frame(&mut open_with_token(token).await).await.code), 1008, "{token}");
        }
    }

    async fn local_mode_ignores_keys(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        control::local::ensure(&app.cx).await.unwrap();
        let local = Client { router: api::router::router(app.with(|settings| settings.local = true).cx), key: None, ..ann };
        let url = format!("{}/events/in", serve(&local).await);
        // Clients may have a key or a password of another server in their settings.
        for (second, authorization) in (1..).zip([None, Some("Bearer pnu_stale"), Some("bearer x"), Some("Basic OnN0YWxl")]) {
            let event = transition("RUNNING", "Running", second);
            for token in [Value::Null, json!("stale")] {
                let mut socket = open_with(&url, authorization, Some("prefect")).await.expect("an open socket");
                send_auth(&mut socket, token).await;
                assert_eq!(next(&mut socket).await, auth_success(), "{authorization:?}");
                send(&mut socket, std::slice::from_ref(&event)).await;
            }
            let mut plain = open_with(&url, authorization, None).await.expect("an open socket");
            send(&mut plain, &[event]).await;
            for path in [format!("/task_runs/{TASK_RUN}"), "/me/workspaces".to_owned()] {
                let request = Request::get(path);
                let request = authorization.into_iter().fold(request, |request, value| request.header(header::AUTHORIZATION, value));
                local.send(request.body(Body::empty()).unwrap()).await.expect(200);
            }
        }
    }

    async fn bare_paths_reject_a_key_of_several_workspaces(app: TestApp) {
        let user = app.person("ann").await;
        let ann = Client::for_user(&app, &user).await;
        for number in 0..20 {
            app.workspace(&user, &format!("Further {number}")).await;
        }
        let rejected = ann.call_at("POST", "/flows/filter", Body::from("{}")).await.expect(400);
        let detail = rejected["detail"].as_str().unwrap();
        assert_eq!(detail.matches("/api/accounts/").count(), 20, "{detail}");
        assert!(detail.ends_with(" and more"), "only twenty are listed: {detail}");
        let url = format!("{}/events/in", serve(&ann).await);
        match open(&url, ann.key.as_deref(), None).await {
            Err(Error::Http(response)) => assert_eq!(response.status().as_u16(), 400),
            other => panic!("{other:?}"),
        }
        let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
        send_auth(&mut socket, json!(ann.key)).await;
        let close = close_frame(&mut socket).await;
        assert!(u16::from(close.code) == 1008 && close.reason.contains("PREFECT_API_URL"), "{close}");
    }

    async fn a_deleted_key_closes_its_sockets(app: TestApp) {
        let user = app.person("ann").await;
        let ann = Client::for_user(&app, &user).await;
        let second = app.key(&user, "second").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, Some(second.secret.reveal()), None).await.expect("an open socket");
        let mut other = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        send(&mut socket, &[]).await;
        api_key::delete(&app.cx, user.caller, second.key.id, ClientInfo::default()).await.unwrap();
        let close = timeout(Duration::from_secs(1), close_frame(&mut socket)).await.expect("within a second");
        assert_eq!(u16::from(close.code), 1008);
        send(&mut other, &[transition("RUNNING", "Running", 1)]).await;
    }
}
