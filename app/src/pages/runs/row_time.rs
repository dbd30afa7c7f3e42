//! The time in a row of the list: when a run started, or when it is or was due.

use model::time::Timestamp;
use ui::prelude::*;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// When the run of a row started, or when it is or was due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowTime {
    Started(Timestamp),
    Due(Timestamp),
}

impl RowTime {
    /// Of a run that started, or was expected to; none if neither is known.
    pub fn new(started: Option<Timestamp>, expected: Option<Timestamp>) -> Option<Self> {
        started.map(Self::Started).or(expected.map(Self::Due))
    }

    pub fn at(self) -> Timestamp {
        match self {
            Self::Started(at) | Self::Due(at) => at,
        }
    }

    /// As short as a row needs it: past times are relative for a day, planned ones within an hour.
    pub fn short(self, clock: Clock) -> String {
        let at = self.at();
        let ago = clock.now.since(at).micros();
        match self {
            Self::Started(_) if ago < DAY => format!("Started {}", relative_past(at, clock)),
            Self::Started(_) => format!("Started {}", planned_time_within(at, clock)),
            Self::Due(_) if ago <= -HOUR => planned_time(at, clock),
            Self::Due(_) if ago < 0 => relative(at, clock),
            Self::Due(_) if ago < DAY => format!("Due {}, {}", hour_and_minute(at, clock.zone), relative(at, clock)),
            Self::Due(_) => format!("Due {}", planned_time_within(at, clock)),
        }
    }

    /// In full: "Started Tuesday 17 March 2026, 09:57:11".
    pub fn full(self, zone: Zone) -> String {
        let word = match self {
            Self::Started(_) => "Started",
            Self::Due(_) => "Due",
        };
        format!("{word} {}", full_date_time(self.at(), zone))
    }
}

#[cfg(test)]
mod tests {
    use model::time::Timestamp;
    use ui::prelude::{Clock, Zone};

    use super::RowTime;

    #[test]
    fn times_are_short_and_name_another_day() {
        let clock = Clock { now: "2026-11-29T16:07:00Z".parse().unwrap(), zone: Zone::Utc };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (start, text) in [
            ("2026-11-29T16:06:56Z", "Started 4s ago"),
            // The clock of the client is ahead.
            ("2026-11-29T16:07:02Z", "Started 0s ago"),
            ("2026-11-28T16:07:01Z", "Started 23h ago"),
            ("2026-11-28T16:07:00Z", "Started 28 November, 16:07"),
        ] {
            assert_eq!(RowTime::Started(at(start)).short(clock), text);
        }
        for (due, text) in [
            ("2026-11-29T16:19:00Z", "in 12m"),
            ("2026-11-29T17:07:00Z", "17:07"),
            ("2026-11-30T14:07:25Z", "Tomorrow, 14:07"),
            ("2027-01-02T19:00:00Z", "2 January 2027, 19:00"),
            ("2026-11-29T15:51:00Z", "Due 15:51, 16m ago"),
            ("2026-11-27T15:51:00Z", "Due 27 November, 15:51"),
        ] {
            assert_eq!(RowTime::Due(at(due)).short(clock), text);
        }
        let started = RowTime::Started(at("2026-11-28T16:07:01Z"));
        assert_eq!(started.full(Zone::Utc), "Started Saturday 28 November 2026, 16:07:01 UTC");
    }
}
