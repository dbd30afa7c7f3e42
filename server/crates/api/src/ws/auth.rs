//! Authentication of a socket. In cloud mode the client sends its key with the upgrade request; else in its first message.

use std::time::Duration;

use axum::extract::{
    FromRequestParts,
    ws::{Message, WebSocket},
};
use control::{
    Cx,
    access::{Workspace, WorkspaceRef},
};
use http::{header, request::Parts};
use model::permission::Permit;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::close::{Close, send};
use crate::{
    error::ApiError,
    extract::auth::{authorize, bearer_key, needs_no_key, workspace_ref},
    route::{Access, Authorize},
};

/// The subprotocol in which the client's first message is an [`AuthMessage`].
pub const PROTOCOL: &str = "prefect";

/// How long the client may take to send the auth message.
const AUTH_TIMEOUT: Duration = Duration::from_secs(10);

/// An upgrade request for a socket that requires the permission `P`.
pub struct SocketAuth<P> {
    workspace_ref: Option<WorkspaceRef>,
    /// The proof of the permission, if the upgrade request was enough for it.
    proof: Option<Workspace<P>>,
}

impl<P: Permit> Authorize for SocketAuth<P> {
    const ACCESS: Access = Access::Member(P::PERMISSION);
}

impl<P: Permit> FromRequestParts<Cx> for SocketAuth<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, cx: &Cx) -> Result<Self, ApiError> {
        let workspace_ref = workspace_ref(parts).await?;
        // The upgrade also succeeds for a workspace that does not exist: else callers without access could find out which ones do.
        let sends_key_later = offers_auth_protocol(parts) && !parts.headers.contains_key(header::AUTHORIZATION);
        let proof = if sends_key_later && !needs_no_key(cx, workspace_ref) {
            None
        } else {
            Some(authorize(cx, workspace_ref, || bearer_key(parts)).await?)
        };
        Ok(Self { workspace_ref, proof })
    }
}

fn offers_auth_protocol(parts: &Parts) -> bool {
    let offers =
        parts.headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|offer| offer.split(',')).any(|protocol| protocol.trim() == PROTOCOL)
}

/// The first message of a client that offers [`PROTOCOL`].
#[derive(Deserialize)]
struct AuthMessage {
    #[serde(rename = "type")]
    kind: String,
    token: Option<String>,
}

impl<P: Permit> SocketAuth<P> {
    /// The proof of the permission, if the upgrade request was enough for it.
    pub fn proof(&self) -> Option<Workspace<P>> {
        self.proof
    }

    /// Authorizes the client: by its auth message if [`PROTOCOL`] was negotiated, else by the upgrade request.
    pub async fn authorize(self, cx: &Cx, socket: &mut WebSocket) -> Result<Workspace<P>, Close> {
        if socket.protocol().is_none() {
            return self.proof.ok_or(Close::NO_KEY);
        }
        let first = timeout(AUTH_TIMEOUT, auth_message(socket)).await.map_err(|_| Close::NO_AUTH_MESSAGE)??;
        let proof = match (self.proof, first.token) {
            (Some(proof), _) => proof,
            (None, Some(token)) => {
                authorize(cx, self.workspace_ref, || token.parse().map_err(|_| ApiError::Unauthorized)).await?
            }
            (None, None) => return Err(Close::NO_KEY),
        };
        send(socket, Message::Text(json!({"type": "auth_success"}).to_string().into())).await?;
        Ok(proof)
    }
}

async fn auth_message(socket: &mut WebSocket) -> Result<AuthMessage, Close> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => {
                let first: Option<AuthMessage> = serde_json::from_str(&text).ok();
                return first.filter(|first| first.kind == "auth").ok_or(Close::NO_AUTH_MESSAGE);
            }
            // Clients ping before they send the auth message.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_))) => return Err(Close::NOT_TEXT),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Close::DISCONNECTED),
        }
    }
}
