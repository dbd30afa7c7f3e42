//! The socket of events, over a real connection.

mod room;
mod stalled;

use std::time::Duration;

use axum::{body::Body, http::Request};
use control::{access::Origin, api_key};
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

/// How long anything here may take before the test has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Serves the client's router on a port of its own.
pub async fn serve(client: &Client) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let router = client.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("ws://{address}")
}

pub async fn open(url: &str, key: Option<&str>, protocol: Option<&'static str>) -> Result<Socket, Error> {
    // Clients write the scheme in lower case here.
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
    timeout(PATIENCE, socket.next()).await.expect("a frame in time").and_then(Result::ok)
}

/// Says who it is, or what it takes for that.
async fn introduce(socket: &mut Socket, token: Value) {
    socket.send(Message::Text(json!({"type": "auth", "token": token}).to_string().into())).await.expect("sent");
}

fn welcome() -> Option<Message> {
    Some(Message::Text(json!({"type": "auth_success"}).to_string().into()))
}

pub async fn close_of(socket: &mut Socket) -> CloseFrame {
    loop {
        match next(socket).await {
            Some(Message::Close(Some(frame))) => return frame,
            Some(_) => {}
            None => panic!("the connection ended without a reason"),
        }
    }
}

/// Sends the events, and waits for the proof that they are stored.
pub async fn send(socket: &mut Socket, events: &[Value]) {
    ask(socket, events).await;
    proved(socket).await;
}

/// Sends the events, and asks for the proof.
async fn ask(socket: &mut Socket, events: &[Value]) {
    for event in events {
        socket.feed(Message::Text(event.to_string().into())).await.expect("sent");
    }
    socket.send(Message::Ping("proof".into())).await.expect("sent");
}

async fn proved(socket: &mut Socket) {
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

/// The life of a task run of its own: four transitions, each with an id of its own.
fn life(number: usize) -> Vec<Value> {
    let steps = [("PENDING", "Pending"), ("RUNNING", "Running"), ("RUNNING", "Retrying"), ("COMPLETED", "Completed")];
    let step = |(second, (state_type, name)): (usize, (&str, &str))| {
        let mut event = transition(state_type, name, u32::try_from(second).unwrap());
        event["id"] = json!(format!("01a20bc2-0710-7e1c-9497-{number:08}000{second}"));
        event["resource"]["prefect.resource.id"] = json!(format!("prefect.task-run.{}", task_run(number)));
        event["payload"]["task_run"]["dynamic_key"] = json!(number.to_string());
        event["payload"]["task_run"]["run_count"] = json!(second.min(2));
        event
    };
    steps.into_iter().enumerate().map(step).collect()
}

fn task_run(number: usize) -> String {
    format!("01a20bc2-0710-7e1c-9497-1{number:011}")
}

/// The same events twice, in a random order, dealt out to two hands.
fn dealt(ids: &control::ids::Ids, events: &[Value]) -> [Vec<Value>; 2] {
    let mut doubled = [events, events].concat();
    for last in (1..doubled.len()).rev() {
        doubled.swap(last, ids.below(last + 1));
    }
    let other = doubled.split_off(doubled.len() / 2);
    [doubled, other]
}

testkit::on_both! {
    async fn five_hundred_shuffles_over_two_sockets_give_one_run_each(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut one = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        let mut other = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        for number in 0..500 {
            let [left, right] = dealt(&kit.cx.ids, &life(number));
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

    async fn a_pong_proves_that_the_events_before_it_are_stored(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        for (second, (state_type, name)) in [("PENDING", "Pending"), ("RUNNING", "Running"), ("COMPLETED", "Done")].into_iter().enumerate() {
            send(&mut socket, &[transition(state_type, name, u32::try_from(second).unwrap())]).await;
            // Without waiting for anything: the proof is the pong.
            let run = ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200);
            assert_eq!((&run["state_type"], &run["state_name"]), (&json!(state_type), &json!(name)));
        }
        let states = ann.get(&format!("/task_run_states?task_run_id={TASK_RUN}")).await.expect(200);
        assert_eq!(states.as_array().unwrap().len(), 3);
    }

    async fn a_bad_event_costs_no_good_one(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        let mut nameless = transition("PENDING", "Pending", 1);
        nameless["resource"] = json!({});
        let huge = json!({"event": "x".repeat(1_600_000)});
        let mut longest = transition("PENDING", "Pending", 3);
        longest["resource"]["prefect.resource.id"] = json!(incompressible(&kit, 1_000));
        let mut keyed = transition("PENDING", "Pending", 4);
        keyed["payload"]["task_run"]["task_key"] = json!(incompressible(&kit, 512));
        keyed["payload"]["task_run"]["dynamic_key"] = json!(incompressible(&kit, 512));
        send(&mut socket, &[json!("no event"), nameless, huge, longest, keyed, transition("RUNNING", "Running", 2)]).await;
        ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200);
    }

    async fn strangers_are_refused_at_the_upgrade(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let bob = Client::new(&kit, "bob").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        for (key, status) in [(None, 401), (Some("pnu_wrong"), 401), (bob.key.as_deref(), 404)] {
            match open(&url, key, None).await {
                Err(Error::Http(response)) => assert_eq!(response.status().as_u16(), status, "{key:?}"),
                other => panic!("{key:?}: {other:?}"),
            }
        }
    }

    async fn a_client_without_the_cloud_setting_is_told_which_one_is_missing(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
        introduce(&mut socket, Value::Null).await;
        let close = close_of(&mut socket).await;
        assert_eq!(u16::from(close.code), 1008);
        assert!(close.reason.contains("PREFECT_CLOUD_API_URL"), "{}", close.reason);
    }

    async fn a_client_may_introduce_itself_with_its_key(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let bob = Client::new(&kit, "bob").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let introduced = async |token: &str| {
            let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
            introduce(&mut socket, json!(token)).await;
            socket
        };
        let mut socket = introduced(ann.key.as_deref().unwrap()).await;
        assert_eq!(next(&mut socket).await, welcome());
        send(&mut socket, &[transition("RUNNING", "Running", 1)]).await;
        ann.get(&format!("/task_runs/{TASK_RUN}")).await.expect(200);
        for token in ["pnu_wrong", bob.key.as_deref().unwrap()] {
            assert_eq!(u16::from(close_of(&mut introduced(token).await).await.code), 1008, "{token}");
        }
    }

    async fn local_mode_asks_for_no_key_and_looks_at_none(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        control::local::ensure(&kit.cx).await.unwrap();
        let local = Client { router: api::router::router(kit.with(|settings| settings.local = true).cx), key: None, ..ann };
        let url = format!("{}/events/in", serve(&local).await);
        // As clients do that have a key of another server, or the password of one, in their settings.
        for (second, shown) in (1..).zip([None, Some("Bearer pnu_stale"), Some("bearer x"), Some("Basic OnN0YWxl")]) {
            let event = transition("RUNNING", "Running", second);
            for token in [Value::Null, json!("stale")] {
                let mut socket = open_with(&url, shown, Some("prefect")).await.expect("an open socket");
                introduce(&mut socket, token).await;
                assert_eq!(next(&mut socket).await, welcome(), "{shown:?}");
                send(&mut socket, std::slice::from_ref(&event)).await;
            }
            let mut plain = open_with(&url, shown, None).await.expect("an open socket");
            send(&mut plain, &[event]).await;
            for path in [format!("/task_runs/{TASK_RUN}"), "/me/workspaces".to_owned()] {
                let request = Request::get(path);
                let request = shown.into_iter().fold(request, |request, shown| request.header(header::AUTHORIZATION, shown));
                local.send(request.body(Body::empty()).unwrap()).await.expect(200);
            }
        }
    }

    async fn at_the_bare_address_a_key_of_several_workspaces_is_told_to_choose(kit: Kit) {
        let somebody = kit.person("ann").await;
        let ann = Client::of(&kit, &somebody).await;
        for number in 0..20 {
            kit.workspace(&somebody, &format!("Further {number}")).await;
        }
        let choose = ann.call_at("POST", "/flows/filter", Body::from("{}")).await.expect(400);
        let detail = choose["detail"].as_str().unwrap();
        assert_eq!(detail.matches("/api/accounts/").count(), 20, "{detail}");
        assert!(detail.ends_with(" and more"), "twenty-one are too many to name: {detail}");
        let url = format!("{}/events/in", serve(&ann).await);
        match open(&url, ann.key.as_deref(), None).await {
            Err(Error::Http(response)) => assert_eq!(response.status().as_u16(), 400),
            other => panic!("{other:?}"),
        }
        let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
        introduce(&mut socket, json!(ann.key)).await;
        let close = close_of(&mut socket).await;
        assert!(u16::from(close.code) == 1008 && close.reason.contains("PREFECT_API_URL"), "{close}");
    }

    async fn a_deleted_key_closes_its_sockets(kit: Kit) {
        let somebody = kit.person("ann").await;
        let ann = Client::of(&kit, &somebody).await;
        let second = kit.key(&somebody, "second").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, Some(second.secret.reveal()), None).await.expect("an open socket");
        let mut other = open(&url, ann.key.as_deref(), None).await.expect("an open socket");
        send(&mut socket, &[]).await;
        api_key::delete(&kit.cx, somebody.caller, second.key.id, Origin::default()).await.unwrap();
        let close = timeout(Duration::from_secs(1), close_of(&mut socket)).await.expect("within a second");
        assert_eq!(u16::from(close.code), 1008);
        send(&mut other, &[transition("RUNNING", "Running", 1)]).await;
    }
}
