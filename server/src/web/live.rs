//! The live socket: one a tab, over which open pages hear what is new in the topics they follow.
//!
//! A topic is told of by values, read afresh for each telling and gathered for a moment first, so that a busy run costs a few looks a
//! second. Nothing waits in a queue: a browser that is slow to take what it is told falls behind on the bus, and is then told to reload.
//! It knows no page; what is said stands in [`model::live`].

mod close;
mod conversation;
mod topic;

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
    seats::Seats,
    session::Session,
};

use self::{close::Close, conversation::Conversation};

/// More tabs of one session than anybody looks at.
const MOST_TABS: usize = 64;

/// Bigger than anything that a page asks.
const LARGEST_ASK: usize = 16 * 1024;

/// The most bytes that wait for a page that takes nothing: more than the longest telling.
const LARGEST_BACKLOG: usize = 8 * 1024 * 1024;

#[derive(Clone)]
struct Live {
    cx: Cx,
    seats: Seats<Credential>,
}

/// The route of the socket. It must lie behind the layer that reads sessions and the one that guards the origin.
pub fn routes(cx: &Cx) -> Router {
    Router::new().route(model::live::PATH, get(open)).with_state(Live { cx: cx.clone(), seats: Seats::new(MOST_TABS) })
}

async fn open(State(live): State<Live>, session: Option<Extension<Session>>, upgrade: WebSocketUpgrade) -> Response {
    let caller = match caller(&live.cx, session).await {
        Ok(caller) => caller,
        // A browser does not tell its page why an upgrade was refused, but it tells the code of a close.
        Err(Error::Unauthenticated) => return upgrade.on_upgrade(|socket| Close::REVOKED.say(socket)),
        Err(_) => return refused(StatusCode::SERVICE_UNAVAILABLE, "Try again in a moment."),
    };
    let Some(seat) = live.seats.take(caller.credential()) else {
        return refused(StatusCode::TOO_MANY_REQUESTS, "Too many pages are open.");
    };
    let conversation = Conversation::new(live.cx, caller, seat);
    let upgrade =
        upgrade.max_message_size(LARGEST_ASK).max_frame_size(LARGEST_ASK).max_write_buffer_size(LARGEST_BACKLOG);
    upgrade.on_upgrade(|socket| conversation.run(socket))
}

fn refused(status: StatusCode, reason: &'static str) -> Response {
    (status, [(RETRY_AFTER, "5")], reason).into_response()
}

async fn caller(cx: &Cx, session: Option<Extension<Session>>) -> control::Result<Caller> {
    if let Ok(local) = access::by_loopback(cx) {
        return Ok(local);
    }
    let Extension(session) = session.ok_or(Error::Unauthenticated)?;
    access::by_session(&session).await
}
