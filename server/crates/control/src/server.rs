//! The running server: since when it runs, and how its background services do.

use std::sync::{Arc, Mutex, PoisonError};

use model::{
    server::{DatabaseKind, ServerScreen, ServiceStatus},
    time::Timestamp,
};

use crate::{Cx, access::Administrator};

/// A status that its service updates and administrators read.
pub type SharedStatus = Arc<Mutex<ServiceStatus>>;

/// When the server started, and the status of each of its background services. Clones share the list.
#[derive(Clone, Debug)]
pub struct RunningServer {
    started: Timestamp,
    services: Arc<Mutex<Vec<SharedStatus>>>,
}

impl RunningServer {
    /// A server without services.
    #[must_use]
    pub fn new(started: Timestamp) -> Self {
        Self { started, services: Arc::default() }
    }

    /// Adds a service that starts.
    pub fn add_service(&self, status: SharedStatus) {
        self.services.lock().unwrap_or_else(PoisonError::into_inner).push(status);
    }

    /// The status of each service, in the order of their start.
    fn services(&self) -> Vec<ServiceStatus> {
        let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        services.iter().map(|status| status.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect()
    }
}

/// The server and its background services.
#[must_use]
pub fn screen(cx: &Cx, _: Administrator) -> ServerScreen {
    ServerScreen {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: cx.server.started,
        database: if cx.db.is_embedded() { DatabaseKind::Sqlite } else { DatabaseKind::Postgres },
        services: cx.server.services(),
        now: cx.clock.now(),
    }
}
