//! The clock of the whole server.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use model::time::{Span, Timestamp};

/// A clock. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stays at `now` until [`Clock::advance`] moves it (tests).
    #[must_use]
    pub fn set(now: Timestamp) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(now.micros()))))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => {
                let since_1970 = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
                Timestamp::from_micros(i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX))
            }
            Source::Set(micros) => Timestamp::from_micros(micros.load(Ordering::Relaxed)),
        }
    }

    /// Moves a clock that was created by [`Clock::set`]; has no effect on the machine's clock.
    pub fn advance(&self, by: Span) {
        if let Source::Set(micros) = &self.0 {
            micros.fetch_add(by.micros(), Ordering::Relaxed);
        }
    }
}
