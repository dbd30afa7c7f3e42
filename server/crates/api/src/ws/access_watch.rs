//! Whether the caller of an open socket still may, and whether the server still goes on.

use std::time::Duration;

use control::{
    Cx,
    access::{self, Workspace},
    bus::Change,
};
use model::permission::Permit;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::interval,
};

use super::close::Close;

/// How often it is looked up even if nothing was told: keys also end by time.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What the bus tells an open socket.
pub struct Watch(Receiver<Change>);

impl Watch {
    /// Listens from now on.
    pub fn new(cx: &Cx) -> Self {
        Self(cx.bus.listen())
    }

    /// Comes to an end when the server stops.
    pub async fn until_stopping(&mut self) -> Close {
        while !matches!(self.0.recv().await, Ok(Change::Stopping) | Err(RecvError::Closed)) {}
        Close::STOPPING
    }

    /// Comes to an end when the caller may no longer do `P` in the workspace (within a moment of being told, at the next look otherwise),
    /// or when the server stops.
    pub async fn until_revoked<P: Permit>(&mut self, cx: &Cx, ws: Workspace<P>) -> Close {
        let mut looks = interval(LOOK_EVERY);
        loop {
            let look = tokio::select! {
                change = self.0.recv() => match change {
                    Ok(Change::Stopping) => return Close::STOPPING,
                    Ok(change) => concerns(&change, ws),
                    Err(RecvError::Lagged(_)) => true,
                    // Nobody can tell anything any more: the process ends.
                    Err(RecvError::Closed) => return Close::STOPPING,
                },
                _ = looks.tick() => true,
            };
            if look && !still_may(cx, ws).await {
                return Close::REVOKED;
            }
        }
    }
}

fn concerns<P>(change: &Change, ws: Workspace<P>) -> bool {
    match change {
        Change::KeyDeleted { api_key } => ws.caller().api_key() == Some(*api_key),
        Change::SessionsEnded { person } => ws.caller().person() == *person,
        Change::WorkspaceDeleted { workspace } => ws.id() == *workspace,
        _ => false,
    }
}

/// A database that does not answer is no reason to send anybody away.
async fn still_may<P: Permit>(cx: &Cx, ws: Workspace<P>) -> bool {
    let address = access::Address { account: ws.tenant().account(), workspace: ws.id() };
    let known = access::still_holds(cx, ws.caller()).await.unwrap_or(true);
    known && !matches!(access::enter::<P>(cx, ws.caller(), address).await, Err(control::Error::NotFound(_)))
}
