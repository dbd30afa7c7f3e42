//! Closes a socket when its caller loses access or the server stops.

use std::time::Duration;

use control::{
    Cx,
    access::{self, Workspace},
    changes::{Change, Channel, Lagged, Subscriber},
};
use model::permission::Permit;
use tokio::time::interval;

use super::close::Close;

/// How often access is checked without a change, because keys also expire.
const RECHECK_INTERVAL: Duration = Duration::from_secs(30);

/// The subscription of an open socket to changes that may close it.
pub struct AccessWatch(Subscriber);

impl AccessWatch {
    /// Subscribes; changes published before are not seen.
    pub fn new(cx: &Cx) -> Self {
        Self(cx.changes().subscribe())
    }

    /// Returns when the server stops.
    pub async fn until_stopping(&mut self) -> Close {
        while !self.0.recv().await.is_ok_and(|changes| changes.contains(&Change::Stopping)) {}
        Close::STOPPING
    }

    /// Returns when the caller no longer has the permission `P` in the workspace, or when the server stops. A published change is seen
    /// at once, an expired key at the next check, which is made at the beginning too.
    pub async fn until_revoked<P: Permit>(&mut self, cx: &Cx, ws: Workspace<P>) -> Close {
        self.0.add(Channel::Person(ws.caller().person()));
        let mut rechecks = interval(RECHECK_INTERVAL);
        loop {
            let recheck = tokio::select! {
                changes = self.0.recv() => match changes {
                    Ok(changes) if changes.contains(&Change::Stopping) => return Close::STOPPING,
                    Ok(changes) => changes.iter().any(|change| may_revoke(change, ws)),
                    Err(Lagged) => true,
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
        Change::KeyDeleted { api_key, .. } => ws.caller().api_key() == Some(*api_key),
        Change::SessionsEnded { person } => ws.caller().person() == *person,
        Change::WorkspaceDeleted { workspace } => ws.id() == *workspace,
        Change::Unknown => true,
        _ => false,
    }
}

/// True also when the database does not answer: an outage must not close sockets.
async fn is_still_authorized<P: Permit>(cx: &Cx, ws: Workspace<P>) -> bool {
    let is_valid = access::is_still_valid(cx, ws.caller()).await.unwrap_or(true);
    is_valid
        && !matches!(
            access::authorize::<P>(cx, ws.caller(), ws.workspace_ref()).await,
            Err(control::Error::NotFound { .. })
        )
}
