//! Who is connected: so many in all, who wait for each other, and so many from one address, whose further ones are sent away.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Once},
};

use control::seats::{Seat, Seats};
use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Connections;

/// All connections.
pub struct Crowd {
    slots: Arc<Semaphore>,
    most: u32,
    addresses: Seats<IpAddr>,
    /// Many clients come through one of these.
    proxies: Vec<IpNet>,
    told: Once,
}

/// What a connection holds until it is closed, also when it is upgraded.
pub struct Place {
    _slot: OwnedSemaphorePermit,
    _seat: Option<Seat<IpAddr>>,
}

impl Crowd {
    pub fn new(limits: &Connections) -> Self {
        let most = u32::try_from(limits.most.min(Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        Self {
            slots: Arc::new(Semaphore::new(most as usize)),
            most,
            addresses: Seats::new(limits.most_per_address),
            proxies: limits.trusted_proxies.clone(),
            told: Once::new(),
        }
    }

    /// Waits for a slot.
    pub async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }

    /// A place for a connection from `peer`, unless too many come from there.
    pub fn place(&self, slot: OwnedSemaphorePermit, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        if self.proxies.iter().any(|network| network.contains(&peer)) {
            return Some(Place { _slot: slot, _seat: None });
        }
        let seat = self.addresses.take(party(peer));
        if seat.is_none() {
            // Once: whoever connects so often would fill the log too.
            self.told.call_once(|| {
                tracing::warn!(client.address = %peer, "too many connections from one address (max_connections_per_address)");
            });
        }
        Some(Place { _slot: slot, _seat: Some(seat?) })
    }

    /// Waits until everybody is gone: every connection holds a slot, upgraded ones too.
    pub async fn gone(&self) {
        // An error would mean that there are no slots any more, and so nobody who holds one.
        drop(self.slots.acquire_many(self.most).await);
    }

    pub fn count(&self) -> usize {
        self.most as usize - self.slots.available_permits()
    }
}

/// What counts as one: an IPv4 address, or the /64 that one household is given.
fn party(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}
