//! The door of a socket. In cloud mode the key stands in the upgrade; else the client introduces itself in its first message.

use std::time::Duration;

use axum::extract::{
    FromRequestParts,
    ws::{Message, WebSocket},
};
use control::{
    Cx,
    access::{Address, Workspace},
};
use http::{header, request::Parts};
use model::permission::Permit;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::close::{Close, put};
use crate::{
    error::ApiError,
    gate::{address, enter, key, needs_no_key},
    route::{Access, Gate},
};

/// The subprotocol in which clients introduce themselves.
pub const PROTOCOL: &str = "prefect";

/// How long a client may take for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody at the door of a socket that asks for `P`.
pub struct Knock<P> {
    address: Option<Address>,
    /// The right, where the upgrade proved it already.
    shown: Option<Workspace<P>>,
}

impl<P: Permit> Gate for Knock<P> {
    const ACCESS: Access = Access::Member(P::PERMISSION);
}

impl<P: Permit> FromRequestParts<Cx> for Knock<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, cx: &Cx) -> Result<Self, ApiError> {
        let address = address(parts).await?;
        // Nothing is told before about a workspace that is not there: it would tell which ones are.
        let shows_later = introduces_itself(parts) && !parts.headers.contains_key(header::AUTHORIZATION);
        let shown = if shows_later && !needs_no_key(cx, address) {
            None
        } else {
            Some(enter(cx, address, || key(parts)).await?)
        };
        Ok(Self { address, shown })
    }
}

fn introduces_itself(parts: &Parts) -> bool {
    let offers =
        parts.headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|offer| offer.split(',')).any(|protocol| protocol.trim() == PROTOCOL)
}

/// The first message of a client that introduces itself.
#[derive(Deserialize)]
struct Introduction {
    #[serde(rename = "type")]
    kind: String,
    token: Option<String>,
}

impl<P: Permit> Knock<P> {
    /// The right, where it was proved already.
    pub fn shown(&self) -> Option<Workspace<P>> {
        self.shown
    }

    /// Lets the client in, after it has introduced itself if it said that it would.
    pub async fn answer(self, cx: &Cx, socket: &mut WebSocket) -> Result<Workspace<P>, Close> {
        if socket.protocol().is_none() {
            return self.shown.ok_or(Close::NO_KEY);
        }
        let first = timeout(PATIENCE, introduction(socket)).await.map_err(|_| Close::NO_INTRODUCTION)??;
        let entered = match (self.shown, first.token) {
            (Some(shown), _) => shown,
            (None, Some(token)) => {
                enter(cx, self.address, || token.parse().map_err(|_| ApiError::Unauthorized)).await?
            }
            (None, None) => return Err(Close::NO_KEY),
        };
        put(socket, Message::Text(json!({"type": "auth_success"}).to_string().into())).await?;
        Ok(entered)
    }
}

async fn introduction(socket: &mut WebSocket) -> Result<Introduction, Close> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => {
                let first: Option<Introduction> = serde_json::from_str(&text).ok();
                return first.filter(|first| first.kind == "auth").ok_or(Close::NO_INTRODUCTION);
            }
            // Clients ping before they say anything.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_))) => return Err(Close::NOT_TEXT),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Close::GONE),
        }
    }
}
