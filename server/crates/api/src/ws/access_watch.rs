//! Closes a socket when its caller loses access or the server stops.

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

/// How often access is checked without a change on the bus: keys also expire.
const RECHECK_INTERVAL: Duration = Duration::from_secs(30);

/// The bus subscription of an open socket.
pub struct AccessWatch(Receiver<Change>);

impl AccessWatch {
    /// Subscribes; changes published before are not seen.
    pub fn new(cx: &Cx) -> Self {
        Self(cx.bus.subscribe())
    }

    /// Returns when the server stops.
    pub async fn until_stopping(&mut self) -> Close {
        while !matches!(self.0.recv().await, Ok(Change::Stopping) | Err(RecvError::Closed)) {}
        Close::STOPPING
    }

    /// Returns when the caller no longer has the permission `P` in the workspace, or when the server stops. A published change is seen
    /// at once, an expired key at the next check.
    pub async fn until_revoked<P: Permit>(&mut self, cx: &Cx, ws: Workspace<P>) -> Close {
        let mut rechecks = interval(RECHECK_INTERVAL);
        loop {
            let recheck = tokio::select! {
                change = self.0.recv() => match change {
                    Ok(Change::Stopping) => return Close::STOPPING,
                    Ok(change) => may_revoke(&change, ws),
                    Err(RecvError::Lagged(_)) => true,
                    // The bus is gone because the process ends.
                    Err(RecvError::Closed) => return Close::STOPPING,
                },
                _ = rechecks.tick() => true,
            };
            if recheck && !is_still_authorized(cx, ws).await {
                return Close::REVOKED;
            }
        }
    }
}

fn may_revoke<P>(change: &Change, ws: Workspace<P>) -> bool {
    match change {
        Change::KeyDeleted { api_key } => ws.caller().api_key() == Some(*api_key),
        Change::SessionsEnded { person } => ws.caller().person() == *person,
        Change::WorkspaceDeleted { workspace } => ws.id() == *workspace,
        _ => false,
    }
}

/// True also when the database does not answer: an outage must not close sockets.
async fn is_still_authorized<P: Permit>(cx: &Cx, ws: Workspace<P>) -> bool {
    let workspace_ref = access::WorkspaceRef { account: ws.tenant().account(), workspace: ws.id() };
    let is_valid = access::is_still_valid(cx, ws.caller()).await.unwrap_or(true);
    is_valid
        && !matches!(access::authorize::<P>(cx, ws.caller(), workspace_ref).await, Err(control::Error::NotFound(_)))
}
