//! Limits how many permits each key holds at once: websockets of one credential, connections of one IP address.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts the permits in use by key. Clones share the counts.
#[derive(Debug)]
pub struct KeyedLimiter<K> {
    per_key: usize,
    in_use: Arc<Mutex<HashMap<K, usize>>>,
}

/// One permit. Dropping it returns it.
#[derive(Debug)]
pub struct KeyedPermit<K: Copy + Eq + Hash> {
    limiter: KeyedLimiter<K>,
    key: K,
}

impl<K> Clone for KeyedLimiter<K> {
    fn clone(&self) -> Self {
        Self { per_key: self.per_key, in_use: Arc::clone(&self.in_use) }
    }
}

impl<K> KeyedLimiter<K> {
    /// Allows `per_key` permits for each key.
    #[must_use]
    pub fn new(per_key: usize) -> Self {
        Self { per_key, in_use: Arc::default() }
    }

    fn in_use(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        // No code panics while it holds this lock, so a poisoned map is still consistent.
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> KeyedLimiter<K> {
    /// One more permit for this key, unless all of the key's permits are in use.
    #[must_use]
    pub fn try_acquire(&self, key: K) -> Option<KeyedPermit<K>> {
        let mut in_use = self.in_use();
        let count = in_use.entry(key).or_default();
        let free = *count < self.per_key;
        *count += usize::from(free);
        free.then(|| KeyedPermit { limiter: self.clone(), key })
    }
}

impl<K: Copy + Eq + Hash> Drop for KeyedPermit<K> {
    fn drop(&mut self) {
        let mut in_use = self.limiter.in_use();
        if let Some(count) = in_use.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                in_use.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KeyedLimiter;

    #[test]
    fn a_dropped_permit_can_be_acquired_again() {
        let limiter = KeyedLimiter::new(2);
        let mut permits: Vec<_> = (0..2).map(|_| limiter.try_acquire("ann").unwrap()).collect();
        assert!(limiter.try_acquire("ann").is_none());
        assert!(limiter.try_acquire("bob").is_some(), "each key has its own permits");
        permits.pop();
        assert!(limiter.try_acquire("ann").is_some());
        drop(permits);
        assert!(limiter.in_use().is_empty(), "keys without permits take no memory");
    }
}
