//! Points and spans of time, to the microsecond.
//!
//! A [`Timestamp`] is what the wire and the database agree on: microseconds since 1970 in UTC, written as RFC 3339 with six digits.
//! `model` has no clock: "now" is always handed in.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, SecondsFormat, Timelike as _, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(i64);

/// The years that every client's date type can hold: 0001 to 9999.
const EARLIEST: i64 = -62_135_596_800_000_000;
const LATEST: i64 = 253_402_300_799_999_999;

/// A text that is no time.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected a date and time such as 2026-11-24T03:36:01.266661Z, got {0:?}")]
pub struct NotATime(String);

impl Timestamp {
    /// Nothing is before it.
    pub const EARLIEST: Self = Self(EARLIEST);
    /// Nothing is after it.
    pub const LATEST: Self = Self(LATEST);

    /// The point `micros` microseconds after (before, if negative) the start of 1970, kept within the years 1 to 9999.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(EARLIEST, LATEST))
    }

    /// Microseconds since the start of 1970.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// This point moved by `micros` microseconds.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Self::from_micros(self.0.saturating_add(micros))
    }

    /// This point moved by `seconds`, rounded to the microsecond.
    #[must_use]
    pub fn plus_seconds(self, seconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, and from_micros clamps")]
        let micros = (seconds * 1e6).round() as i64;
        self.plus_micros(micros)
    }

    /// Seconds from `earlier` to this point; negative if it is later.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        Span(self.0.saturating_sub(earlier.0)).seconds()
    }

    /// The span from `earlier` to this point.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The same point as chrono knows it.
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }
}

/// A point in time as a calendar and a clock in UTC show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Civil {
    pub year: i32,
    /// From 1.
    pub month: u32,
    pub day: u32,
    /// From Monday, which is 0.
    pub weekday: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub millisecond: u32,
}

impl Timestamp {
    /// As a calendar shows it. Whoever writes it for people takes this: patterns of time cost a page 12 kB.
    #[must_use]
    pub fn civil(self) -> Civil {
        let time = self.to_chrono();
        Civil {
            year: time.year(),
            month: time.month(),
            day: time.day(),
            weekday: time.weekday().num_days_from_monday(),
            hour: time.hour(),
            minute: time.minute(),
            second: time.second(),
            millisecond: time.timestamp_subsec_millis(),
        }
    }

    /// Reads `2026-03-17T09:00`, with seconds or without, in UTC: as the fields of a browser write a moment.
    #[must_use]
    pub fn from_field(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let date: [u32; 3] = numbers(date, '-', 3)?;
        let [hour, minute, second] = numbers(time, ':', 2)?;
        let date = NaiveDate::from_ymd_opt(date[0].try_into().ok()?, date[1], date[2])?;
        Some(date.and_hms_opt(hour, minute, second)?.and_utc().into())
    }
}

/// Up to three numbers, at least `least` of them; the others are 0.
fn numbers(text: &str, between: char, least: usize) -> Option<[u32; 3]> {
    let mut found = [0; 3];
    let mut count = 0;
    for number in text.split(between) {
        if !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        *found.get_mut(count)? = number.parse().ok()?;
        count += 1;
    }
    (count >= least).then_some(found)
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self::from_micros(time.timestamp_micros())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_chrono().to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    /// Takes what the three generations of clients send: `T` or a space between, `Z` or an offset or neither (then UTC), any fraction.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok(time.to_utc().into());
        }
        let naive = |format| NaiveDateTime::parse_from_str(text, format).ok().map(|time| time.and_utc());
        let zoned = |format| DateTime::parse_from_str(text, format).ok().map(|time| time.to_utc());
        naive("%Y-%m-%dT%H:%M:%S%.f")
            .or_else(|| naive("%Y-%m-%d %H:%M:%S%.f"))
            .or_else(|| zoned("%Y-%m-%dT%H:%M:%S%.f%z"))
            .or_else(|| zoned("%Y-%m-%d %H:%M:%S%.f%z"))
            .map(Self::from)
            .ok_or_else(|| NotATime(text.chars().take(64).collect()))
    }
}

/// Text for whoever reads text, microseconds where values are packed.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i64(self.0) }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date and time such as 2026-11-24T03:36:01.266661Z")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Text)
        } else {
            i64::deserialize(deserializer).map(Self::from_micros)
        }
    }
}

/// A length of time: microseconds in here and in the database, float seconds on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `micros` microseconds.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A span of `seconds`, rounded to the microsecond; what is no number is none.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
        Self((seconds * 1e6).round() as i64)
    }

    /// Microseconds.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
        let micros = self.0 as f64;
        micros / 1e6
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.seconds())
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::from_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn every_form_that_clients_send_is_the_same_point() {
        let forms = [
            "2026-11-24T03:36:01.250000Z",
            "2026-11-24T03:36:01.25+00:00",
            "2026-11-24 03:36:01.250000+00:00",
            "2026-11-24T05:36:01.25+02:00",
            "2026-11-24T03:36:01.25",
            "2026-11-24 03:36:01.25",
            "2026-11-24 05:36:01.25+0200",
        ];
        for form in forms {
            let time: Timestamp = form.parse().unwrap();
            assert_eq!(time.to_string(), "2026-11-24T03:36:01.250000Z", "{form}");
        }
    }

    #[test]
    fn what_is_no_time_says_what_was_expected() {
        for text in ["", "tomorrow", "2026-13-01T00:00:00Z", "2026-11-24"] {
            let error = text.parse::<Timestamp>().unwrap_err().to_string();
            assert!(error.contains("expected a date and time"), "{error}");
        }
    }

    #[test]
    fn a_field_of_a_form_is_read_in_utc() {
        let read = |text| Timestamp::from_field(text).map(|time| time.to_string());
        assert_eq!(read("2026-03-17T09:05").unwrap(), "2026-03-17T09:05:00.000000Z");
        assert_eq!(read("2026-03-17T09:05:59").unwrap(), "2026-03-17T09:05:59.000000Z");
        let refused = [
            "",
            "T",
            "2026-03-17",
            "2026-03-17 09:05",
            "2026-03-17T09",
            "2026-03T09:05",
            "2026-02-30T09:05",
            "2026-03-17T24:00",
        ];
        for text in refused.into_iter().chain([
            "+2026-03-17T09:05",
            "2026-03-17T+9:05",
            "2026-03-17T09:05Z",
            "2026-03-17T09:05:59.5",
        ]) {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_ends_of_time_hold() {
        let end = Timestamp::from_micros(i64::MAX);
        assert!(end.to_string().starts_with("9999-12-31"));
        assert_eq!(end.plus_seconds(f64::INFINITY), end);
    }
}
