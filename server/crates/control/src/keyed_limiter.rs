//! How much of something one party may hold at once: sockets of a key or a session, connections of an address.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The taken seats, by party; clones share them.
#[derive(Debug)]
pub struct Seats<K> {
    each: usize,
    taken: Arc<Mutex<HashMap<K, usize>>>,
}

/// One taken seat: when it is dropped, it is free.
#[derive(Debug)]
pub struct Seat<K: Copy + Eq + Hash> {
    seats: Seats<K>,
    of: K,
}

impl<K> Clone for Seats<K> {
    fn clone(&self) -> Self {
        Self { each: self.each, taken: Arc::clone(&self.taken) }
    }
}

impl<K> Seats<K> {
    /// `each` seats for each party.
    #[must_use]
    pub fn new(each: usize) -> Self {
        Self { each, taken: Arc::default() }
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        // Nothing in here panics half-way.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Seats<K> {
    /// One more seat for this party, unless it has all of its seats already.
    #[must_use]
    pub fn take(&self, of: K) -> Option<Seat<K>> {
        let mut taken = self.taken();
        let count = taken.entry(of).or_default();
        let free = *count < self.each;
        *count += usize::from(free);
        free.then(|| Seat { seats: self.clone(), of })
    }
}

impl<K: Copy + Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(count) = taken.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seats;

    #[test]
    fn a_seat_that_is_given_up_is_free_again() {
        let seats = Seats::new(2);
        let mut taken: Vec<_> = (0..2).map(|_| seats.take("ann").unwrap()).collect();
        assert!(seats.take("ann").is_none());
        assert!(seats.take("bob").is_some(), "others have seats of their own");
        taken.pop();
        assert!(seats.take("ann").is_some());
        drop(taken);
        assert!(seats.taken().is_empty(), "nobody is remembered who holds nothing");
    }
}
