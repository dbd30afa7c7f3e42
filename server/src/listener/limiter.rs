//! Limits on open connections. At the total limit new connections wait; at the limit of one client address they are closed.

use std::{
    net::IpAddr,
    sync::{Arc, Once},
};

use control::keyed_limiter::{KeyedLimiter, KeyedPermit};
use identity::ClientIp;
use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::ConnectionSettings;

/// Counts the open connections, in total and by client address.
pub struct ConnectionLimiter {
    slots: Arc<Semaphore>,
    max: u32,
    by_network: KeyedLimiter<IpAddr>,
    /// These have no limit of their own, because many clients connect through one.
    trusted_proxies: Vec<IpNet>,
    warned: Once,
}

/// Counts one connection until it is closed, also after an upgrade.
pub struct ConnectionPermit {
    _slot: OwnedSemaphorePermit,
    _of_network: Option<KeyedPermit<IpAddr>>,
}

impl ConnectionLimiter {
    pub fn new(limits: &ConnectionSettings) -> Self {
        let max = u32::try_from(limits.max.min(Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        Self {
            slots: Arc::new(Semaphore::new(max as usize)),
            max,
            by_network: KeyedLimiter::new(limits.max_per_address),
            trusted_proxies: limits.trusted_proxies.clone(),
            warned: Once::new(),
        }
    }

    /// Waits until the total limit allows another connection.
    pub async fn acquire_slot(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }

    /// A permit for a connection from `peer`; `None` if that address is at its limit.
    pub fn permit(&self, slot: OwnedSemaphorePermit, peer: IpAddr) -> Option<ConnectionPermit> {
        let peer = peer.to_canonical();
        if self.trusted_proxies.iter().any(|network| network.contains(&peer)) {
            return Some(ConnectionPermit { _slot: slot, _of_network: None });
        }
        let of_network = self.by_network.try_acquire(ClientIp(peer).network());
        if of_network.is_none() {
            // Only once, because a client that connects so often would fill the log.
            self.warned.call_once(|| {
                tracing::warn!(client.address = %peer, "too many connections from one address (max_connections_per_address)");
            });
        }
        Some(ConnectionPermit { _slot: slot, _of_network: Some(of_network?) })
    }

    /// Waits until every connection is closed; upgraded ones hold their slot too.
    pub async fn all_closed(&self) {
        // The semaphore is never closed, so this can't fail.
        drop(self.slots.acquire_many(self.max).await);
    }

    pub fn open_connections(&self) -> usize {
        self.max as usize - self.slots.available_permits()
    }
}
