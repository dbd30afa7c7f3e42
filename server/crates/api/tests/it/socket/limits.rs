//! How many sockets there may be.

use std::time::Duration;

use control::bus::Change;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error;

use super::{Socket, close_of, introduce, next, open, send, serve, welcome};
use crate::client::Client;

/// As many as one key, or all who have not said who they are, may have open.
const OF_A_KEY: usize = 1_024;
const STRANGERS: usize = 256;

async fn several(most: usize, url: &str, key: Option<&str>, protocol: Option<&'static str>) -> Vec<Socket> {
    let mut sockets = Vec::new();
    for _ in 0..most {
        sockets.push(open(url, key, protocol).await.expect("an open socket"));
    }
    sockets
}

fn refused(opened: Result<Socket, Error>) -> u16 {
    match opened {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    }
}

testkit::on_both! {
    async fn a_key_has_so_many_sockets_and_others_have_theirs(kit: Kit) {
        let (ann, bob) = (Client::new(&kit, "ann").await, Client::new(&kit, "bob").await);
        let server = serve(&ann).await;
        let at = |client: &Client| format!("{server}{}/events/in", client.base);
        let mut sockets = several(OF_A_KEY, &at(&ann), ann.key.as_deref(), None).await;
        assert_eq!(refused(open(&at(&ann), ann.key.as_deref(), None).await), 429);
        let mut later = open(&at(&ann), None, Some("prefect")).await.expect("an open socket");
        introduce(&mut later, json!(ann.key)).await;
        let close = close_of(&mut later).await;
        assert_eq!(u16::from(close.code), 1013);
        send(&mut open(&at(&bob), bob.key.as_deref(), None).await.expect("an open socket"), &[]).await;

        drop(sockets.pop());
        let freed = async {
            while open(&at(&ann), ann.key.as_deref(), None).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), freed).await.expect("a place is free again");
    }

    async fn strangers_have_so_many_sockets_until_they_say_who_they_are(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut strangers = several(STRANGERS, &url, None, Some("prefect")).await;
        assert_eq!(refused(open(&url, None, Some("prefect")).await), 429);
        send(&mut open(&url, ann.key.as_deref(), None).await.expect("an open socket"), &[]).await;

        let known = &mut strangers[0];
        introduce(known, json!(ann.key)).await;
        assert_eq!(next(known).await, welcome());
        let freed = async {
            while open(&url, None, Some("prefect")).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(5), freed).await.expect("the place of the one that is known now");
    }

    async fn a_stop_reaches_those_who_have_not_said_who_they_are(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let url = format!("{}{}/events/in", serve(&ann).await, ann.base);
        let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
        kit.cx.bus.tell(Change::Stopping);
        let close = timeout(Duration::from_secs(5), close_of(&mut socket)).await.expect("before its time is over");
        assert_eq!(u16::from(close.code), 1001);
    }

    async fn an_address_without_a_workspace_looks_like_one_with(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let nowhere = ann.base.replace(&ann.address.workspace.to_string(), &ann.address.account.to_string());
        let url = format!("{}{nowhere}/events/in", serve(&ann).await);
        for token in [Value::Null, json!(ann.key), json!("pnu_wrong")] {
            let mut socket = open(&url, None, Some("prefect")).await.expect("an open socket");
            introduce(&mut socket, token).await;
            assert_eq!(u16::from(close_of(&mut socket).await.code), 1008);
        }
    }
}
