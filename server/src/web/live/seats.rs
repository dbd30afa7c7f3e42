//! How many sockets one session may have open.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use control::access::Credential;

/// More tabs than anybody looks at.
const MOST: usize = 64;

/// The open sockets, by what they were opened with; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Seats(Arc<Mutex<Vec<Credential>>>);

/// One open socket: when it is dropped, its place is free.
#[derive(Debug)]
pub struct Seat {
    seats: Seats,
    of: Credential,
}

impl Seats {
    /// A place for one more socket, unless there are too many.
    pub fn take(&self, of: Credential) -> Option<Seat> {
        let mut taken = self.taken();
        let free = taken.iter().filter(|other| **other == of).count() < MOST;
        free.then(|| {
            taken.push(of);
            Seat { seats: self.clone(), of }
        })
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Credential>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(place) = taken.iter().position(|other| *other == self.of) {
            taken.swap_remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use control::access::Credential;

    use super::{MOST, Seats};

    #[test]
    fn a_closed_socket_makes_room_for_the_next() {
        let seats = Seats::default();
        let mut taken: Vec<_> = (0..MOST).map(|_| seats.take(Credential::Local).unwrap()).collect();
        assert!(seats.take(Credential::Local).is_none());
        assert!(seats.take(Credential::Administrator).is_some(), "others have seats of their own");
        taken.pop();
        assert!(seats.take(Credential::Local).is_some());
    }
}
