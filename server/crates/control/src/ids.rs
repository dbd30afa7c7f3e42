//! The source of all ids and random bytes.

use std::sync::{Arc, Mutex, PoisonError};

use model::time::Timestamp;
use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};
use uuid::Uuid;

/// Generates ids. Clones share one random generator.
#[derive(Clone, Debug)]
pub struct Ids(Arc<Mutex<Source>>);

#[derive(Debug)]
struct Source {
    random: StdRng,
    /// The time of the newest id, and the id.
    last: (Timestamp, u128),
}

impl Ids {
    /// Seeded by the operating system: fit for secrets.
    #[must_use]
    pub fn random() -> Self {
        Self::from_source(StdRng::from_os_rng())
    }

    /// Yields the same ids in each run (tests).
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::from_source(StdRng::seed_from_u64(seed))
    }

    fn from_source(random: StdRng) -> Self {
        Self(Arc::new(Mutex::new(Source { random, last: (Timestamp::default(), 0) })))
    }

    /// A new id, a UUID of version 7. Ids sort by the time for which they are made, to a quarter of a microsecond, and those of one time in
    /// the order of the calls.
    pub fn make<T: From<Uuid>>(&self, now: Timestamp) -> T {
        let mut source = self.lock();
        let mut random = [0; 10];
        source.random.fill_bytes(&mut random);
        let micros = u64::try_from(now.micros()).unwrap_or_default();
        // The twelve bits after the millisecond hold its fraction in 4096 parts.
        let fraction = (micros % 1000) * 4096 / 1000;
        let [.., high, low] = fraction.to_be_bytes();
        (random[0], random[1]) = (high, low);
        // One bit is kept zero, so that ids of the same time can be counted upwards without overflow.
        random[2] &= 0b1110_1111;
        let fresh = uuid::Builder::from_unix_timestamp_millis(micros / 1000, &random).into_uuid().as_u128();
        let (time, last) = source.last;
        let id = if time == now && fresh <= last {
            last + u128::from(source.random.random_range(1..=u32::MAX))
        } else {
            fresh
        };
        source.last = (now, if time == now { last.max(id) } else { id });
        Uuid::from_u128(id).into()
    }

    /// Fills `bytes` at random.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.lock().random.fill_bytes(bytes);
    }

    /// A random whole number below `end`, which must not be 0.
    #[must_use]
    pub fn below(&self, end: usize) -> usize {
        self.lock().random.random_range(0..end)
    }

    /// A random number from 0 up to, but not including, 1.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        self.lock().random.random()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Source> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use model::{id::FlowId, time::Timestamp};

    use super::Ids;

    #[test]
    fn ids_sort_by_their_microsecond_then_by_call() {
        let ids = Ids::seeded(1);
        let one_per_microsecond: Vec<FlowId> =
            (0..2_000).map(|n| ids.make(Timestamp::from_micros(1_790_000_000_000_000 + n))).collect();
        assert!(one_per_microsecond.is_sorted());
        let one_time: Vec<FlowId> =
            (0..2_000).map(|_| ids.make(Timestamp::from_micros(1_790_000_000_000_000))).collect();
        assert!(one_time.is_sorted_by(|a, b| a < b));
        assert!(one_per_microsecond.iter().chain(&one_time).all(|id| id.0.get_version_num() == 7));
    }
}
