//! The one source of ids and of random bytes.

use std::sync::{Arc, Mutex, PoisonError};

use model::time::Timestamp;
use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};
use uuid::Uuid;

/// Makes ids; clones draw from the same source.
#[derive(Clone, Debug)]
pub struct Ids(Arc<Mutex<Source>>);

#[derive(Debug)]
struct Source {
    random: StdRng,
    /// The newest id, and the time that it was made for.
    last: (Timestamp, u128),
}

impl Ids {
    /// Random from the operating system: fit for secrets.
    #[must_use]
    pub fn random() -> Self {
        Self::from_source(StdRng::from_os_rng())
    }

    /// The same ids in each run (tests).
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::from_source(StdRng::seed_from_u64(seed))
    }

    fn from_source(random: StdRng) -> Self {
        Self(Arc::new(Mutex::new(Source { random, last: (Timestamp::default(), 0) })))
    }

    /// A new id, a UUID of version 7. Ids sort by the time they were made at, to the quarter of a microsecond, and those of one time by
    /// the order in which they were made.
    pub fn make<T: From<Uuid>>(&self, now: Timestamp) -> T {
        let mut source = self.lock();
        let mut random = [0; 10];
        source.random.fill_bytes(&mut random);
        let micros = u64::try_from(now.micros()).unwrap_or_default();
        // The twelve bits after the millisecond hold its fraction in 4096 parts.
        let fraction = (micros % 1000) * 4096 / 1000;
        let [.., high, low] = fraction.to_be_bytes();
        (random[0], random[1]) = (high, low);
        // Room to count upwards within the time.
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

    /// A whole number below `end`, which must not be 0.
    #[must_use]
    pub fn below(&self, end: usize) -> usize {
        self.lock().random.random_range(0..end)
    }

    /// A number from 0 up to 1.
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
    fn ids_sort_by_the_microsecond_they_were_made_in() {
        let ids = Ids::seeded(1);
        let made: Vec<FlowId> =
            (0..2_000).map(|n| ids.make(Timestamp::from_micros(1_790_000_000_000_000 + n))).collect();
        assert!(made.is_sorted());
        let at_once: Vec<FlowId> =
            (0..2_000).map(|_| ids.make(Timestamp::from_micros(1_790_000_000_000_000))).collect();
        assert!(at_once.is_sorted_by(|a, b| a < b));
        assert!(made.iter().chain(&at_once).all(|id| id.0.get_version_num() == 7));
    }
}
