//! Arithmetic of slots: counts that drain, how long a slot is held, how long to wait for one.

use model::{
    concurrency::SlotMode,
    time::{Span, Timestamp},
};

/// Nobody waits longer than this for a slot before asking again.
const LONGEST_WAIT_SECONDS: f64 = 30.0;
/// A slot counts as held for at least so long: else one quick holder would make everybody ask all the time.
const SHORTEST_OCCUPANCY_SECONDS: f64 = 0.1;
/// The average occupancy is one over so many samples for each slot of the limit.
const SAMPLES_PER_SLOT: f64 = 2.0;
/// How far a wait is spread, so that those who were turned away together don't come back together.
const SPREAD: f64 = 0.3;

/// A count that goes down by itself.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Draining {
    pub count: i64,
    /// When it was last counted down.
    pub since: Timestamp,
}

impl Draining {
    /// The count at `now`. The fraction of a slot that has drained stays on the clock, so that counting often loses nothing.
    #[must_use]
    pub fn at(self, now: Timestamp, per_second: f64) -> Self {
        let drained = (now.seconds_since(self.since).max(0.0) * per_second).floor();
        if per_second <= 0.0 || drained >= exact(self.count) {
            let count = if per_second <= 0.0 { self.count } else { 0 };
            return Self { count, since: now };
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole, and less than the count")]
        let count = self.count - drained as i64;
        Self { count, since: self.since.plus_seconds(drained / per_second) }
    }

    fn plus(self, slots: i64) -> Self {
        Self { count: self.count.saturating_add(slots), ..self }
    }
}

/// A limit and what is taken of it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limit {
    pub slots: i64,
    pub active: Draining,
    /// Slots that were asked for in vain: they tell how long the queue is.
    pub denied: Draining,
    /// Above 0 for a limit of a rate.
    pub decay_per_second: f64,
    /// How long a slot is held on average.
    pub occupancy_seconds: f64,
}

/// Why slots can't be asked for at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("Slots requested is greater than the limit")]
    MoreThanTheLimit,
    #[error("A limit without slot decay cannot be used as a rate limit")]
    NoDecay,
}

/// What became of asking for slots of several limits.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// All were given.
    Granted,
    /// None was given; worth another try after so many seconds.
    Full { wait_seconds: f64 },
}

/// Asks for `slots` of each of these limits: all or nothing. The limits are left as they are to be stored, also when none was given.
/// `draw` is a number from 0 up to 1.
///
/// # Errors
/// If one of the limits can never give that.
pub fn take(limits: &mut [Limit], slots: i64, mode: SlotMode, now: Timestamp, draw: f64) -> Result<Answer, Refusal> {
    for limit in &mut *limits {
        if slots > limit.slots {
            return Err(Refusal::MoreThanTheLimit);
        }
        if mode == SlotMode::RateLimit && limit.decay_per_second <= 0.0 {
            return Err(Refusal::NoDecay);
        }
        *limit = limit.at(now);
    }
    let full = |limit: &Limit| limit.active.count.saturating_add(slots) > limit.slots;
    let longest = limits.iter().filter(|limit| full(limit)).map(|limit| limit.wait_seconds(slots)).reduce(f64::max);
    let Some(wait) = longest else {
        limits.iter_mut().for_each(|limit| limit.active = limit.active.plus(slots));
        return Ok(Answer::Granted);
    };
    for limit in limits.iter_mut().filter(|limit| full(limit)) {
        limit.denied = limit.denied.plus(slots);
    }
    Ok(Answer::Full { wait_seconds: wait * (1.0 - SPREAD + 2.0 * SPREAD * draw) })
}

impl Limit {
    /// The limit at `now`.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        let patience = if self.decay_per_second > 0.0 { self.decay_per_second } else { 1.0 / self.assumed_occupancy() };
        Self { active: self.active.at(now, self.decay_per_second), denied: self.denied.at(now, patience), ..self }
    }

    /// Gives `slots` back at `now`. `held` is for how long they were held, where that is known.
    #[must_use]
    pub fn give_back(self, slots: i64, held: Option<Span>, now: Timestamp) -> Self {
        let mut limit = self.at(now);
        limit.active.count = (limit.active.count - slots).max(0);
        if let Some(held) = held {
            let sample = (held.seconds() / exact(slots.max(1))).max(SHORTEST_OCCUPANCY_SECONDS);
            let samples = exact(limit.slots.max(1)) * SAMPLES_PER_SLOT;
            limit.occupancy_seconds += (sample - limit.occupancy_seconds) / samples;
        }
        limit
    }

    /// How long until `slots` more are likely to be free, given those who wait already.
    fn wait_seconds(&self, slots: i64) -> f64 {
        let ahead = exact(slots.saturating_add(self.denied.count));
        if self.decay_per_second > 0.0 {
            return ahead / self.decay_per_second;
        }
        (self.assumed_occupancy() * ahead / exact(self.slots.max(1))).min(LONGEST_WAIT_SECONDS)
    }

    fn assumed_occupancy(&self) -> f64 {
        self.occupancy_seconds.clamp(SHORTEST_OCCUPANCY_SECONDS, LONGEST_WAIT_SECONDS)
    }
}

fn exact(count: i64) -> f64 {
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

    use super::{Answer, Draining, Limit, Refusal, take};

    fn at(seconds: f64) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000).plus_seconds(seconds)
    }

    fn limit(slots: i64, taken: i64, decay: f64) -> Limit {
        let none = Draining { count: 0, since: at(0.0) };
        let active = Draining { count: taken, since: at(0.0) };
        Limit { slots, active, denied: none, decay_per_second: decay, occupancy_seconds: 2.0 }
    }

    fn ask(limits: &mut [Limit], slots: i64, now: f64) -> Answer {
        take(limits, slots, SlotMode::Concurrency, at(now), 0.5).unwrap()
    }

    #[test]
    fn slots_are_given_until_the_limit_is_reached() {
        let mut limits = [limit(2, 0, 0.0)];
        assert_eq!(ask(&mut limits, 1, 0.0), Answer::Granted);
        assert_eq!(ask(&mut limits, 1, 0.0), Answer::Granted);
        assert_eq!(ask(&mut limits, 1, 0.0), Answer::Full { wait_seconds: 1.0 });
        assert_eq!((limits[0].active.count, limits[0].denied.count), (2, 1));
    }

    #[test]
    fn several_limits_give_all_or_nothing() {
        let mut limits = [limit(5, 0, 0.0), limit(1, 1, 0.0)];
        assert!(matches!(ask(&mut limits, 1, 0.0), Answer::Full { .. }));
        assert_eq!(limits.map(|limit| limit.active.count), [0, 1]);
        assert_eq!(limits.map(|limit| limit.denied.count), [0, 1], "only what was in the way counts the denial");
    }

    #[test]
    fn what_a_limit_can_never_give_is_refused() {
        let ask = |slots, mode| take(&mut [limit(1, 0, 0.0)], slots, mode, at(0.0), 0.5);
        assert_eq!(ask(2, SlotMode::Concurrency), Err(Refusal::MoreThanTheLimit));
        assert_eq!(ask(1, SlotMode::RateLimit), Err(Refusal::NoDecay));
    }

    #[test]
    fn slots_of_a_rate_come_back_by_themselves() {
        let mut limits = [limit(5, 5, 2.0)];
        assert_eq!(ask(&mut limits, 1, 0.4), Answer::Full { wait_seconds: 0.5 });
        assert_eq!(ask(&mut limits, 1, 0.5), Answer::Granted, "the tenths before were not lost");
        assert_eq!(limits[0].at(at(60.0)).active.count, 0);
    }

    #[test]
    fn waiting_grows_with_the_queue_up_to_a_bound() {
        let mut limits = [limit(1, 1, 0.0)];
        let waits: Vec<f64> = (0..20)
            .map(|_| match ask(&mut limits, 1, 0.0) {
                Answer::Full { wait_seconds } => wait_seconds,
                Answer::Granted => panic!("nothing is free"),
            })
            .collect();
        assert_eq!(waits[..3], [2.0, 4.0, 6.0]);
        assert_eq!(waits.last(), Some(&30.0));
        assert_eq!(limits[0].at(at(40.0)).denied.count, 0, "those who waited are forgotten after a while");
    }

    #[test]
    fn a_wait_is_spread() {
        let wait = |draw| take(&mut [limit(1, 1, 0.0)], 1, SlotMode::Concurrency, at(0.0), draw).unwrap();
        assert_eq!(wait(0.0), Answer::Full { wait_seconds: 1.4 });
        let Answer::Full { wait_seconds } = wait(0.999) else { panic!("nothing is free") };
        assert!((2.5..2.6).contains(&wait_seconds), "{wait_seconds}");
    }

    #[test]
    fn occupancy_follows_what_was_measured() {
        let held = |seconds| Some(Span::from_seconds(seconds));
        let given_back = limit(1, 1, 0.0).give_back(1, held(4.0), at(4.0));
        assert_eq!((given_back.active.count, given_back.occupancy_seconds), (0, 3.0));
        assert_eq!(limit(1, 1, 0.0).give_back(1, held(0.0), at(0.0)).occupancy_seconds, 1.05);
        assert_eq!(limit(1, 1, 0.0).give_back(1, None, at(9.0)).occupancy_seconds, 2.0, "an unknown time is no sample");
        assert_eq!(limit(1, 0, 0.0).give_back(3, None, at(0.0)).active.count, 0);
    }

    proptest! {
        #[test]
        fn what_is_taken_is_never_above_the_limit(
            slots in 1_i64..6, decay in prop_oneof![Just(0.0), 0.1_f64..9.0], steps in prop::collection::vec((0.0_f64..3.0, 1_i64..4, any::<bool>()), 1..40),
        ) {
            let mut limits = [limit(slots, 0, decay)];
            let mut now = 0.0;
            for (pause, wanted, back) in steps {
                now += pause;
                if back {
                    limits[0] = limits[0].give_back(wanted, None, at(now));
                } else if let Ok(answer) = take(&mut limits, wanted, SlotMode::Concurrency, at(now), 0.5) {
                    let Answer::Full { wait_seconds } = answer else { continue };
                    prop_assert!(wait_seconds > 0.0 && wait_seconds.is_finite());
                }
                prop_assert!((0..=slots).contains(&limits[0].active.count));
                prop_assert!(limits[0].active.since <= at(now));
            }
        }

        #[test]
        fn counting_often_is_counting_once(count in 0_i64..50, rate in 0.01_f64..20.0, pauses in prop::collection::vec(0.0_f64..2.0, 1..30)) {
            let start = Draining { count, since: at(0.0) };
            let mut now = 0.0;
            let mut often = start;
            for pause in pauses {
                now += pause;
                often = often.at(at(now), rate);
            }
            let once = start.at(at(now), rate);
            // Times are kept to the microsecond, so at the very edge of a slot the two may be one apart.
            prop_assert!((often.count - once.count).abs() <= 1, "{often:?} {once:?}");
        }
    }
}
