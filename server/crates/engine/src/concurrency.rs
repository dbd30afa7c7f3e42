//! Arithmetic of concurrency slots: decaying counts, the average occupancy of a slot, and the wait for one.

use model::{
    concurrency::SlotMode,
    time::{Span, Timestamp},
};

/// A client retries after at most this long.
const MAX_WAIT_SECONDS: f64 = 30.0;
/// The least occupancy of a slot that is assumed: one quick holder must not make all clients retry in a tight loop.
const MIN_OCCUPANCY_SECONDS: f64 = 0.1;
/// The moving average of the occupancy covers this many samples for each slot of the limit.
const SAMPLES_PER_SLOT: f64 = 2.0;
/// The share of a wait by which jitter moves it up or down, so that clients rejected together don't retry together.
const JITTER_RATIO: f64 = 0.3;

/// A count that decays over time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DecayingCount {
    pub count: i64,
    /// The time up to which decay is already subtracted from `count`.
    pub since: Timestamp,
}

impl DecayingCount {
    /// The count at `now`. `since` moves only by whole decayed slots, so that frequent updates do not lose fractions.
    #[must_use]
    pub fn at(self, now: Timestamp, per_second: f64) -> Self {
        let decayed = (now.seconds_since(self.since).max(0.0) * per_second).floor();
        if per_second <= 0.0 || decayed >= to_f64(self.count) {
            let count = if per_second <= 0.0 { self.count } else { 0 };
            return Self { count, since: now };
        }
        #[expect(clippy::cast_possible_truncation, reason = "an integer below the count")]
        let count = self.count - decayed as i64;
        Self { count, since: self.since.plus_seconds(decayed / per_second) }
    }

    fn plus(self, slots: i64) -> Self {
        Self { count: self.count.saturating_add(slots), ..self }
    }
}

/// A concurrency limit and its slots in use.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limit {
    pub slots: i64,
    pub active: DecayingCount,
    /// Slots of recently denied requests: an estimate of how long the queue is.
    pub denied: DecayingCount,
    /// Above 0 for a rate limit.
    pub decay_per_second: f64,
    /// The average time that a slot is held.
    pub occupancy_seconds: f64,
}

/// Why a request for slots can never be granted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AcquireError {
    #[error("Slots requested is greater than the limit")]
    ExceedsLimit,
    #[error("A limit without slot decay cannot be used as a rate limit")]
    NoDecay,
}

/// The result of a request for slots of several limits.
#[derive(Clone, PartialEq, Debug)]
pub enum Acquisition {
    /// All slots were granted.
    Granted,
    /// No slot was granted; the client should retry after this many seconds.
    Full { wait_seconds: f64 },
}

/// Acquires `slots` of each of these limits, or of none. The caller must store the limits in either case, because denied slots are
/// counted too. `jitter` is in `0.0..1.0`.
///
/// # Errors
/// If one of the limits can never grant that.
pub fn acquire(
    limits: &mut [Limit],
    slots: i64,
    mode: SlotMode,
    now: Timestamp,
    jitter: f64,
) -> Result<Acquisition, AcquireError> {
    for limit in &mut *limits {
        if slots > limit.slots {
            return Err(AcquireError::ExceedsLimit);
        }
        if mode == SlotMode::RateLimit && limit.decay_per_second <= 0.0 {
            return Err(AcquireError::NoDecay);
        }
        *limit = limit.at(now);
    }
    let is_full = |limit: &Limit| limit.active.count.saturating_add(slots) > limit.slots;
    let longest_wait =
        limits.iter().filter(|limit| is_full(limit)).map(|limit| limit.wait_seconds(slots)).reduce(f64::max);
    let Some(wait) = longest_wait else {
        limits.iter_mut().for_each(|limit| limit.active = limit.active.plus(slots));
        return Ok(Acquisition::Granted);
    };
    for limit in limits.iter_mut().filter(|limit| is_full(limit)) {
        limit.denied = limit.denied.plus(slots);
    }
    Ok(Acquisition::Full { wait_seconds: wait * (1.0 - JITTER_RATIO + 2.0 * JITTER_RATIO * jitter) })
}

impl Limit {
    /// The limit at `now`.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        let denied_decay =
            if self.decay_per_second > 0.0 { self.decay_per_second } else { 1.0 / self.assumed_occupancy() };
        Self { active: self.active.at(now, self.decay_per_second), denied: self.denied.at(now, denied_decay), ..self }
    }

    /// Releases `slots` at `now`. `held` is how long they were held, if known.
    #[must_use]
    pub fn release(self, slots: i64, held: Option<Span>, now: Timestamp) -> Self {
        let mut limit = self.at(now);
        limit.active.count = (limit.active.count - slots).max(0);
        if let Some(held) = held {
            let sample = (held.seconds() / to_f64(slots.max(1))).max(MIN_OCCUPANCY_SECONDS);
            let samples = to_f64(limit.slots.max(1)) * SAMPLES_PER_SLOT;
            limit.occupancy_seconds += (sample - limit.occupancy_seconds) / samples;
        }
        limit
    }

    /// The estimated time until `slots` more are free, behind the requests that were denied already.
    fn wait_seconds(&self, slots: i64) -> f64 {
        let queued = to_f64(slots.saturating_add(self.denied.count));
        if self.decay_per_second > 0.0 {
            return queued / self.decay_per_second;
        }
        (self.assumed_occupancy() * queued / to_f64(self.slots.max(1))).min(MAX_WAIT_SECONDS)
    }

    fn assumed_occupancy(&self) -> f64 {
        self.occupancy_seconds.clamp(MIN_OCCUPANCY_SECONDS, MAX_WAIT_SECONDS)
    }
}

fn to_f64(count: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of slots are far below 2^53")]
    let number = count as f64;
    number
}

#[cfg(test)]
mod tests {
    use model::{
        concurrency::SlotMode,
        time::{Span, Timestamp},
    };
    use proptest::prelude::*;

    use super::{AcquireError, Acquisition, DecayingCount, Limit, acquire};

    fn at(seconds: f64) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000).plus_seconds(seconds)
    }

    fn limit(slots: i64, active: i64, decay: f64) -> Limit {
        let none = DecayingCount { count: 0, since: at(0.0) };
        let active = DecayingCount { count: active, since: at(0.0) };
        Limit { slots, active, denied: none, decay_per_second: decay, occupancy_seconds: 2.0 }
    }

    fn acquire_at(limits: &mut [Limit], slots: i64, now: f64) -> Acquisition {
        acquire(limits, slots, SlotMode::Concurrency, at(now), 0.5).unwrap()
    }

    #[test]
    fn slots_are_granted_until_the_limit_is_reached() {
        let mut limits = [limit(2, 0, 0.0)];
        assert_eq!(acquire_at(&mut limits, 1, 0.0), Acquisition::Granted);
        assert_eq!(acquire_at(&mut limits, 1, 0.0), Acquisition::Granted);
        assert_eq!(acquire_at(&mut limits, 1, 0.0), Acquisition::Full { wait_seconds: 1.0 });
        assert_eq!((limits[0].active.count, limits[0].denied.count), (2, 1));
    }

    #[test]
    fn several_limits_grant_all_or_nothing() {
        let mut limits = [limit(5, 0, 0.0), limit(1, 1, 0.0)];
        assert!(matches!(acquire_at(&mut limits, 1, 0.0), Acquisition::Full { .. }));
        assert_eq!(limits.map(|limit| limit.active.count), [0, 1]);
        assert_eq!(limits.map(|limit| limit.denied.count), [0, 1], "only the full limit counts the denied slots");
    }

    #[test]
    fn requests_that_can_never_be_granted_are_rejected() {
        let try_acquire = |slots, mode| acquire(&mut [limit(1, 0, 0.0)], slots, mode, at(0.0), 0.5);
        assert_eq!(try_acquire(2, SlotMode::Concurrency), Err(AcquireError::ExceedsLimit));
        assert_eq!(try_acquire(1, SlotMode::RateLimit), Err(AcquireError::NoDecay));
    }

    #[test]
    fn slots_of_a_rate_limit_decay_over_time() {
        let mut limits = [limit(5, 5, 2.0)];
        assert_eq!(acquire_at(&mut limits, 1, 0.4), Acquisition::Full { wait_seconds: 0.5 });
        assert_eq!(acquire_at(&mut limits, 1, 0.5), Acquisition::Granted, "fractions of decayed slots were not lost");
        assert_eq!(limits[0].at(at(60.0)).active.count, 0);
    }

    #[test]
    fn the_wait_grows_with_the_queue_up_to_a_bound() {
        let mut limits = [limit(1, 1, 0.0)];
        let waits: Vec<f64> = (0..20)
            .map(|_| match acquire_at(&mut limits, 1, 0.0) {
                Acquisition::Full { wait_seconds } => wait_seconds,
                Acquisition::Granted => panic!("no slot is free"),
            })
            .collect();
        assert_eq!(waits[..3], [2.0, 4.0, 6.0]);
        assert_eq!(waits.last(), Some(&30.0));
        assert_eq!(limits[0].at(at(40.0)).denied.count, 0, "denied slots decay after a while");
    }

    #[test]
    fn jitter_spreads_the_wait() {
        let wait = |jitter| acquire(&mut [limit(1, 1, 0.0)], 1, SlotMode::Concurrency, at(0.0), jitter).unwrap();
        assert_eq!(wait(0.0), Acquisition::Full { wait_seconds: 1.4 });
        let Acquisition::Full { wait_seconds } = wait(0.999) else { panic!("no slot is free") };
        assert!((2.5..2.6).contains(&wait_seconds), "{wait_seconds}");
    }

    #[test]
    fn occupancy_averages_measured_hold_times() {
        let held = |seconds| Some(Span::from_seconds(seconds));
        let released = limit(1, 1, 0.0).release(1, held(4.0), at(4.0));
        assert_eq!((released.active.count, released.occupancy_seconds), (0, 3.0));
        assert_eq!(limit(1, 1, 0.0).release(1, held(0.0), at(0.0)).occupancy_seconds, 1.05);
        assert_eq!(limit(1, 1, 0.0).release(1, None, at(9.0)).occupancy_seconds, 2.0, "an unknown time is no sample");
        assert_eq!(limit(1, 0, 0.0).release(3, None, at(0.0)).active.count, 0);
    }

    proptest! {
        #[test]
        fn active_slots_never_exceed_the_limit(
            slots in 1_i64..6, decay in prop_oneof![Just(0.0), 0.1_f64..9.0], steps in prop::collection::vec((0.0_f64..3.0, 1_i64..4, any::<bool>()), 1..40),
        ) {
            let mut limits = [limit(slots, 0, decay)];
            let mut now = 0.0;
            for (pause, requested, is_release) in steps {
                now += pause;
                if is_release {
                    limits[0] = limits[0].release(requested, None, at(now));
                } else if let Ok(acquisition) = acquire(&mut limits, requested, SlotMode::Concurrency, at(now), 0.5) {
                    let Acquisition::Full { wait_seconds } = acquisition else { continue };
                    prop_assert!(wait_seconds > 0.0 && wait_seconds.is_finite());
                }
                prop_assert!((0..=slots).contains(&limits[0].active.count));
                prop_assert!(limits[0].active.since <= at(now));
            }
        }

        #[test]
        fn frequent_updates_equal_a_single_one(count in 0_i64..50, rate in 0.01_f64..20.0, pauses in prop::collection::vec(0.0_f64..2.0, 1..30)) {
            let start = DecayingCount { count, since: at(0.0) };
            let mut now = 0.0;
            let mut often = start;
            for pause in pauses {
                now += pause;
                often = often.at(at(now), rate);
            }
            let once = start.at(at(now), rate);
            // Times are rounded to the microsecond, so right at the decay of a slot the two may differ by one.
            prop_assert!((often.count - once.count).abs() <= 1, "{often:?} {once:?}");
        }
    }
}
