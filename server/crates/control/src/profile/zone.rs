//! The time zones that people may choose, from the table of zones in `chrono-tz`.
//!
//! Pages get the offsets of a zone in the form in which browsers send those of their own, so that both render the same texts.

use std::fmt::Write as _;

use chrono::{DateTime, Offset as _, TimeZone as _};
use chrono_tz::{TZ_VARIANTS, Tz};
use model::{time::Timestamp, zone::BrowserZone};

/// The regions of the zones that are offered. The table also has abbreviations, offsets and zones by country, which are other names of these.
const REGIONS: [&str; 10] = [
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];
const UTC: &str = "UTC";

const DAY_MINUTES: i64 = 24 * 60;
/// How far the offsets reach, as in `app/scripts/zone.js`.
const PAST: i64 = 2_000 * DAY_MINUTES;
const FUTURE: i64 = 500 * DAY_MINUTES;
/// No two changes of a zone are closer.
const STEP: i64 = 10 * DAY_MINUTES;
/// As many rules as a page reads.
const MAX_RULES: usize = 16;

/// The names of the zones, sorted; UTC is the last.
pub fn zone_names() -> impl Iterator<Item = &'static str> {
    TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| is_offered(name)).chain([UTC])
}

fn is_offered(name: &str) -> bool {
    REGIONS.iter().any(|region| name.starts_with(region))
}

/// Whether people may choose the zone.
pub(super) fn is_zone_name(name: &str) -> bool {
    name == UTC || (is_offered(name) && name.parse::<Tz>().is_ok())
}

/// The zone with this name, with its offsets from 2,000 days before `now` until 500 days after it; `None` if there is no such zone.
#[must_use]
pub fn zone_around(name: &str, now: Timestamp) -> Option<BrowserZone> {
    let zone: Tz = name.parse().ok()?;
    let now = now.micros().div_euclid(60_000_000);
    let first = now - PAST;
    let mut rules = vec![(first, offset(zone, first)?)];
    let mut start = first;
    while start < now + FUTURE {
        let end = start + STEP;
        if offset(zone, end)? != offset(zone, start)? {
            rules.push(change(zone, start, end)?);
        }
        start = end;
    }
    let mut text = name.to_owned();
    for (start, offset) in &rules[rules.len().saturating_sub(MAX_RULES)..] {
        // Writing to a string can't fail.
        let _ = write!(text, "~{start}.{offset}");
    }
    BrowserZone::parse(&text)
}

/// The minute of the change of offset between two times, and the new offset.
fn change(zone: Tz, mut before: i64, mut after: i64) -> Option<(i64, i32)> {
    let new = offset(zone, after)?;
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if offset(zone, middle)? == new {
            after = middle;
        } else {
            before = middle;
        }
    }
    Some((after, new))
}

/// How many minutes a zone is ahead of UTC, at a minute since 1970.
fn offset(zone: Tz, minute: i64) -> Option<i32> {
    let at = DateTime::from_timestamp(minute.checked_mul(60)?, 0)?;
    Some(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc() / 60)
}

#[cfg(test)]
mod tests {
    use model::time::Timestamp;

    use super::{is_zone_name, zone_around, zone_names};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn offered_zones_have_offsets_and_no_second_names() {
        let now = at("2026-11-25T00:00:00Z");
        let names: Vec<_> = zone_names().collect();
        assert!(names.len() > 400, "{}", names.len());
        for name in &names {
            assert!(is_zone_name(name) && zone_around(name, now).is_some_and(|zone| zone.name == *name), "{name}");
        }
        for name in ["", "EST5EDT", "Etc/GMT+5", "US/Eastern", "Europe/Nowhere", "europe/berlin", "Europe/Berlin~0.60"]
        {
            assert!(!is_zone_name(name), "{name}");
        }
    }

    #[test]
    fn changes_of_a_zone_are_at_the_right_minute() {
        let zone = zone_around("Europe/London", at("2026-11-25T00:00:00Z")).unwrap();
        let offset = |time: &str| zone.rules.offset_minutes(at(time));
        assert_eq!((offset("2026-03-29T00:59:59Z"), offset("2026-03-29T01:00:00Z")), (0, 60));
        assert_eq!((offset("2026-10-25T00:59:59Z"), offset("2026-10-25T01:00:00Z")), (60, 0));
        assert_eq!(offset("2027-07-01T00:00:00Z"), 60);
        let lord_howe = zone_around("Australia/Lord_Howe", at("2026-11-25T00:00:00Z")).unwrap();
        assert_eq!(lord_howe.rules.offset_minutes(at("2026-11-25T00:00:00Z")), 660);
        assert_eq!(lord_howe.rules.offset_minutes(at("2026-06-25T00:00:00Z")), 630);
    }

    #[test]
    fn zone_without_changes_has_one_rule() {
        let zone = zone_around("Asia/Kolkata", at("2026-11-25T00:00:00Z")).unwrap();
        assert_eq!(zone.to_string().matches('~').count(), 1, "{zone}");
    }
}
