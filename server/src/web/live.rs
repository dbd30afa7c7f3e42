//! The live socket: each open tab has one, over which it receives updates of the topics that its page subscribes to.
//!
//! An update has current values, read from the database. Changes are collected for a moment first, so that a busy run costs only a
//! few queries a second. Updates are not queued: a browser that reads too slowly falls behind the changes and has to reload.
//! This module must not know pages; the messages are in [`model::live`].

mod close;
mod socket;
mod subscription;

use axum::{
    Extension, Router,
    extract::{State, WebSocketUpgrade},
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse as _, Response},
    routing::get,
};
use control::{
    Cx, Error,
    access::{self, Caller, Credential},
    keyed_limiter::KeyedLimiter,
    session::Session,
};

use self::{close::Close, socket::LiveSocket};

/// The most open tabs of one session.
const MAX_TABS: usize = 64;

/// Larger than any message of a page.
const MAX_MESSAGE_BYTES: usize = 16 * 1024;

/// The most unsent bytes for a page that does not read: more than the largest update.
const MAX_WRITE_BUFFER_BYTES: usize = 8 * 1024 * 1024;

#[derive(Clone)]
struct LiveState {
    cx: Cx,
    tabs: KeyedLimiter<Credential>,
}

/// The route of the socket. Its router needs the session layer and the origin check.
pub fn routes(cx: &Cx) -> Router {
    let state = LiveState { cx: cx.clone(), tabs: KeyedLimiter::new(MAX_TABS) };
    Router::new().route(model::live::PATH, get(open)).with_state(state)
}

async fn open(
    State(live): State<LiveState>,
    session: Option<Extension<Session>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let caller = match caller(&live.cx, session).await {
        Ok(caller) => caller,
        // A script can't read the status of a rejected upgrade, but it can read a close code.
        Err(Error::Unauthenticated) => return upgrade.on_upgrade(|socket| Close::REVOKED.send(socket)),
        Err(_) => return reject(StatusCode::SERVICE_UNAVAILABLE, "Try again in a moment."),
    };
    let Some(permit) = live.tabs.try_acquire(caller.credential()) else {
        return reject(StatusCode::TOO_MANY_REQUESTS, "Too many pages are open.");
    };
    let live_socket = LiveSocket::new(live.cx, caller, permit);
    let upgrade = upgrade.max_message_size(MAX_MESSAGE_BYTES).max_frame_size(MAX_MESSAGE_BYTES);
    upgrade.max_write_buffer_size(MAX_WRITE_BUFFER_BYTES).on_upgrade(|socket| live_socket.run(socket))
}

fn reject(status: StatusCode, reason: &'static str) -> Response {
    (status, [(RETRY_AFTER, "5")], reason).into_response()
}

async fn caller(cx: &Cx, session: Option<Extension<Session>>) -> control::Result<Caller> {
    if let Ok(local) = access::authenticate_local(cx) {
        return Ok(local);
    }
    let Extension(session) = session.ok_or(Error::Unauthenticated)?;
    access::authenticate_session(&session).await
}
