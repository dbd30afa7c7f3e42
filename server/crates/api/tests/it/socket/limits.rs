//! Limits on the number of open sockets.

use std::time::Duration;

use control::changes::Change;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error;

use super::{Socket, auth_success, close_frame, next, open, send, send_auth, serve};
use crate::client::Client;

/// As in `ws::event`: for each key, and for all unauthenticated clients together.
const MAX_PER_KEY: usize = 1_024;
const MAX_UNAUTHENTICATED: usize = 256;

async fn open_many(count: usize, url: &str, key: Option<&str>, protocol: Option<&'static str>) -> Vec<Socket> {
    let mut sockets = Vec::new();
    for _ in 0..count {
        sockets.push(open(url, key, protocol).await.expect("an open socket"));
    }
    sockets
}

fn rejected_status(opened: Result<Socket, Error>) -> u16 {
    match opened {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    }
}

testkit::on_both! {
    async fn sockets_are_limited_for_each_key(app: TestApp) {
        let (ann, bob) = (Client::new(&app, "ann").await, Client::new(&app, "bob").await);
        let server = serve(&ann).await;
        let at = |client: &Client| format!("{server}{}/events/in", client.base);
        let mut sockets = open_many(MAX_PER_KEY, &at(&ann), ann.key.as_deref(), None).await;
        assert_eq!(rejected_status(open(&at(&ann), ann.key.as_deref(), None).await), 429);
        let mut pending = open(&at(&ann), None, Some("prefect")).await.expect("an open socket");
        send_auth(&mut pending, json!(ann.key)).await;
        let close = close_frame(&mut pending).await;
        assert_eq!(u16::from(close.code), 1013);
        send(&mut open(&at(&bob), bob.key.as_deref(), None).await.expect("an open socket"), &[]).await;

        drop(sockets.pop());
        let freed = async {
            while open(&at(&ann), ann.key.as_deref(), None).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), freed).await.expect("the closed socket releases its permit");
    }

    async fn unauthenticated_sockets_are_limited(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut unauthenticated = open_many(MAX_UNAUTHENTICATED, &url, None, Some("prefect")).await;
        assert_eq!(rejected_status(open(&url, None, Some("prefect")).await), 429);
        send(&mut open(&url, ann.key.as_deref(), None).await.expect("an open socket"), &[]).await;

        let authenticated = &mut unauthenticated[0];
        send_auth(authenticated, json!(ann.key)).await;
        assert_eq!(next(authenticated).await, auth_success());
        let freed = async {
            while open(&url, None, Some("prefect")).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(5), freed).await.expect("the authenticated socket releases its permit");
    }

    async fn a_stop_closes_unauthenticated_sockets(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
        app.cx.changes().publish([Change::Stopping]);
        let close = timeout(Duration::from_secs(5), close_frame(&mut socket)).await.expect("before the auth timeout");
        assert_eq!(u16::from(close.code), 1001);
    }

    async fn sockets_do_not_reveal_whether_a_workspace_exists(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let unknown = ann.base.replace(&ann.workspace_ref.workspace.to_string(), &ann.workspace_ref.account.to_string());
        let url = format!("{}{unknown}/events/in", serve(&ann).await);
        for token in [Value::Null, json!(ann.key), json!("pnu_wrong")] {
            let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
            send_auth(&mut socket, token).await;
            assert_eq!(u16::from(close_frame(&mut socket).await.code), 1008);
        }
    }
}
