//! The usage of each key, in a table of bounded size.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::time::Timestamp;

use super::{Limit, RetryAfter};

/// A rate limit that is applied to each key separately.
pub struct Table<K, L: Limit> {
    limit: L,
    capacity: usize,
    usages: Mutex<HashMap<K, L::Usage>>,
}

impl<K: Hash + Eq + Clone, L: Limit> Table<K, L> {
    pub fn new(limit: L, capacity: usize) -> Self {
        Self { limit, capacity: capacity.max(1), usages: Mutex::default() }
    }

    pub fn take(&self, key: &K, now: Timestamp) -> Result<(), RetryAfter> {
        let mut usages = self.lock();
        if let Some(usage) = usages.get_mut(key) {
            return self.limit.take(usage, now);
        }
        if usages.len() >= self.capacity {
            self.evict(&mut usages, now);
        }
        self.limit.take(usages.entry(key.clone()).or_default(), now)
    }

    pub fn refund(&self, key: &K, attempted: Timestamp) {
        if let Some(usage) = self.lock().get_mut(key) {
            self.limit.refund(usage, attempted);
        }
    }

    /// Removes expired entries, or else the eighth of all entries that expires first. Removing an eighth at once keeps the scan rare while
    /// many new keys arrive.
    fn evict(&self, usages: &mut HashMap<K, L::Usage>, now: Timestamp) {
        usages.retain(|_, usage| self.limit.expires_at(usage) > now);
        if usages.len() < self.capacity {
            return;
        }
        let mut expiries: Vec<_> = usages.values().map(|usage| self.limit.expires_at(usage)).collect();
        let (_, latest, _) = expiries.select_nth_unstable(self.capacity / 8);
        let latest = *latest;
        let mut surplus = self.capacity / 8 + 1;
        usages.retain(|_, usage| {
            let evicted = surplus > 0 && self.limit.expires_at(usage) <= latest;
            surplus -= usize::from(evicted);
            !evicted
        });
    }

    /// Ignores poisoning: a panic leaves at most one count wrong, which must not block all sign-ins.
    fn lock(&self) -> MutexGuard<'_, HashMap<K, L::Usage>> {
        self.usages.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn the_table_never_exceeds_its_capacity() {
        let table = Table::new(Bucket::new(1, 0.05), 64);
        for key in 0..10_000 {
            assert!(table.take(&key, at(100)).is_ok());
            assert!(table.lock().len() <= 64);
        }
    }

    #[test]
    fn expired_entries_are_evicted_first() {
        let table = Table::new(Bucket::new(1, 0.05), 64);
        for key in 0..63 {
            assert!(table.take(&key, at(100)).is_ok());
        }
        assert!(table.take(&1_000, at(119)).is_ok());
        // The entries of second 100 expire at 120 and are evicted.
        assert!(table.take(&1_001, at(120)).is_ok());
        assert_eq!(table.lock().len(), 2);
        assert!(table.take(&1_000, at(120)).is_err());
    }

    #[test]
    fn entries_that_expire_last_are_evicted_last() {
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
