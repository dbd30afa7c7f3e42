//! Points in time and durations, in microseconds.
//!
//! A [`Timestamp`] is stored as microseconds since 1970 in UTC, and written to JSON as RFC 3339 with six digits. `model` has no clock:
//! functions take the current time as an argument.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, SecondsFormat, Timelike as _, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(i64);

/// The range of Python's `datetime`, which clients use: the years 1 to 9999.
const EARLIEST: i64 = -62_135_596_800_000_000;
const LATEST: i64 = 253_402_300_799_999_999;

/// A text that is not a valid time.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected a date and time such as 2026-11-24T03:36:01.266661Z, got {0:?}")]
pub struct InvalidTimestamp(String);

impl Timestamp {
    /// The earliest timestamp.
    pub const EARLIEST: Self = Self(EARLIEST);
    /// The latest timestamp.
    pub const LATEST: Self = Self(LATEST);

    /// `micros` microseconds after the start of 1970 (before it, if negative), clamped to the years 1 to 9999.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(EARLIEST, LATEST))
    }

    /// Microseconds since the start of 1970.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Adds `micros` microseconds.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Self::from_micros(self.0.saturating_add(micros))
    }

    /// Adds `seconds`, rounded to the microsecond.
    #[must_use]
    pub fn plus_seconds(self, seconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, and from_micros clamps")]
        let micros = (seconds * 1e6).round() as i64;
        self.plus_micros(micros)
    }

    /// The seconds since `earlier`; negative if that is later.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        Span(self.0.saturating_sub(earlier.0)).seconds()
    }

    /// The duration since `earlier`; negative if that is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// As chrono's type.
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }
}

/// The calendar date and the time of day of a timestamp, in UTC.
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
    /// The date and the time of day. Pages format times from it, because chrono's format strings add 12 kB to the wasm.
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

    /// Parses the value of a `datetime-local` field, such as `2026-03-17T09:00` (seconds are optional), as UTC.
    #[must_use]
    pub fn from_datetime_local(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let date: [u32; 3] = numbers(date, '-', 3)?;
        let [hour, minute, second] = numbers(time, ':', 2)?;
        let date = NaiveDate::from_ymd_opt(date[0].try_into().ok()?, date[1], date[2])?;
        Some(date.and_hms_opt(hour, minute, second)?.and_utc().into())
    }
}

/// Parses up to three numbers, and at least `least`; the others are 0.
fn numbers(text: &str, separator: char, least: usize) -> Option<[u32; 3]> {
    let mut parsed = [0; 3];
    let mut count = 0;
    for number in text.split(separator) {
        if !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        *parsed.get_mut(count)? = number.parse().ok()?;
        count += 1;
    }
    (count >= least).then_some(parsed)
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
    type Err = InvalidTimestamp;

    /// Parses the formats of the three generations of clients: a `T` or a space, `Z` or an offset or neither (then UTC), any fraction.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
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
            .ok_or_else(|| InvalidTimestamp(text.chars().take(64).collect()))
    }
}

/// RFC 3339 in text formats, microseconds in binary formats.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i64(self.0) }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl de::Visitor<'_> for TextVisitor {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date and time such as 2026-11-24T03:36:01.266661Z")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(TextVisitor)
        } else {
            i64::deserialize(deserializer).map(Self::from_micros)
        }
    }
}

/// A duration: microseconds in memory and in the database, float seconds in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span(i64);

impl Span {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// A span of `micros` microseconds.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A span of `seconds`, rounded to the microsecond; NaN gives zero.
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

    /// The sum.
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
    fn every_time_format_of_clients_is_parsed() {
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
    fn a_bad_time_reports_the_expected_format() {
        for text in ["", "tomorrow", "2026-13-01T00:00:00Z", "2026-11-24"] {
            let error = text.parse::<Timestamp>().unwrap_err().to_string();
            assert!(error.contains("expected a date and time"), "{error}");
        }
    }

    #[test]
    fn a_datetime_local_field_is_parsed_as_utc() {
        let read = |text| Timestamp::from_datetime_local(text).map(|time| time.to_string());
        assert_eq!(read("2026-03-17T09:05").unwrap(), "2026-03-17T09:05:00.000000Z");
        assert_eq!(read("2026-03-17T09:05:59").unwrap(), "2026-03-17T09:05:59.000000Z");
        let rejected = [
            "",
            "T",
            "2026-03-17",
            "2026-03-17 09:05",
            "2026-03-17T09",
            "2026-03T09:05",
            "2026-02-30T09:05",
            "2026-03-17T24:00",
        ];
        for text in rejected.into_iter().chain([
            "+2026-03-17T09:05",
            "2026-03-17T+9:05",
            "2026-03-17T09:05Z",
            "2026-03-17T09:05:59.5",
        ]) {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn timestamps_are_clamped_to_their_range() {
        let end = Timestamp::from_micros(i64::MAX);
        assert!(end.to_string().starts_with("9999-12-31"));
        assert_eq!(end.plus_seconds(f64::INFINITY), end);
    }
}
