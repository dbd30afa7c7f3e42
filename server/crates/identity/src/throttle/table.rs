//! What is remembered of each key, within a bound.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::time::Timestamp;

use super::{Limit, RetryAfter};

/// One limit for many keys.
pub struct Table<K, L: Limit> {
    limit: L,
    most: usize,
    pasts: Mutex<HashMap<K, L::Past>>,
}

impl<K: Hash + Eq + Clone, L: Limit> Table<K, L> {
    pub fn new(limit: L, most: usize) -> Self {
        Self { limit, most: most.max(1), pasts: Mutex::default() }
    }

    pub fn take(&self, key: &K, now: Timestamp) -> Result<(), RetryAfter> {
        let mut pasts = self.lock();
        if let Some(past) = pasts.get_mut(key) {
            return self.limit.take(past, now);
        }
        if pasts.len() >= self.most {
            self.make_room(&mut pasts, now);
        }
        self.limit.take(pasts.entry(key.clone()).or_default(), now)
    }

    pub fn give_back(&self, key: &K, taken: Timestamp) {
        if let Some(past) = self.lock().get_mut(key) {
            self.limit.give_back(past, taken);
        }
    }

    /// Forgets who is free again; if that was nobody, the eighth that would be free first. A whole eighth, so that
    /// a flood of new keys pays for this once in a while and not each time.
    fn make_room(&self, pasts: &mut HashMap<K, L::Past>, now: Timestamp) {
        pasts.retain(|_, past| self.limit.forgotten_at(past) > now);
        if pasts.len() < self.most {
            return;
        }
        let mut ends: Vec<_> = pasts.values().map(|past| self.limit.forgotten_at(past)).collect();
        let (_, end, _) = ends.select_nth_unstable(self.most / 8);
        let end = *end;
        let mut surplus = self.most / 8 + 1;
        pasts.retain(|_, past| {
            let goes = surplus > 0 && self.limit.forgotten_at(past) <= end;
            surplus -= usize::from(goes);
            !goes
        });
    }

    /// A panic elsewhere leaves at worst one count wrong: no reason to lock everybody out.
    fn lock(&self) -> MutexGuard<'_, HashMap<K, L::Past>> {
        self.pasts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use model::time::Timestamp;

    use super::Table;
    use crate::throttle::bucket::Bucket;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn no_more_keys_are_kept_than_allowed() {
        let table = Table::new(Bucket::new(1, 0.05), 64);
        for key in 0..10_000 {
            assert!(table.take(&key, at(100)).is_ok());
            assert!(table.lock().len() <= 64);
        }
    }

    #[test]
    fn who_is_free_again_is_forgotten_before_who_is_not() {
        let table = Table::new(Bucket::new(1, 0.05), 64);
        for key in 0..63 {
            assert!(table.take(&key, at(100)).is_ok());
        }
        assert!(table.take(&1_000, at(119)).is_ok());
        // Those of second 100 are free at 120: they make room.
        assert!(table.take(&1_001, at(120)).is_ok());
        assert_eq!(table.lock().len(), 2);
        assert!(table.take(&1_000, at(120)).is_err());
    }

    #[test]
    fn under_a_flood_those_with_the_longest_wait_are_remembered() {
        let table = Table::new(Bucket::new(3, 0.05), 64);
        for _ in 0..3 {
            assert!(table.take(&-1, at(100)).is_ok());
        }
        for key in 0..1_000 {
            assert!(table.take(&key, at(100)).is_ok());
        }
        assert!(table.take(&-1, at(100)).is_err());
    }
}
