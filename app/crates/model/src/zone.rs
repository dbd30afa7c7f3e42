//! The time zone of a browser, as it sends it with its requests, so that the server shows its times from the first page on.
//!
//! The browser sends the rules of the zone along with its name, so that both have the same and the server needs no table of zones.

use std::fmt::{self, Display, Formatter};

use crate::time::Timestamp;

/// The cookie with the zone. A script in every page sets it (`app/scripts/zone.js`).
pub const ZONE_COOKIE: &str = "provost-zone";

/// Twice a year over eight years.
const MAX_RULES: usize = 16;
const MAX_NAME_CHARACTERS: usize = 64;
/// No zone is further from UTC.
const MAX_OFFSET_MINUTES: u16 = 18 * 60;
const MINUTE: i64 = 60_000_000;

/// A zone as a browser sends it: `Europe/Berlin~0.60~29058780.120`, the name and the [`ZoneRules`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrowserZone {
    /// Letters, digits and `/_+-`.
    pub name: String,
    pub rules: ZoneRules,
}

impl BrowserZone {
    /// The zone in the value of the cookie; `None` if the value is no zone.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (name, rules) = value.split_once('~')?;
        let is_known = |next: char| next.is_ascii_alphanumeric() || "/_+-".contains(next);
        let is_name = (1..=MAX_NAME_CHARACTERS).contains(&name.len()) && name.chars().all(is_known);
        Some(Self { name: is_name.then(|| name.to_owned())?, rules: ZoneRules::parse(rules)? })
    }
}

/// As the browser has sent it.
impl Display for BrowserZone {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.name, self.rules)
    }
}

/// How far a zone is ahead of UTC, from when on. Before the first rule, the offset of the first rule applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ZoneRules {
    rules: [Rule; MAX_RULES],
    count: usize,
}

/// An offset in minutes, and the minutes since 1970 from which on it applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Rule {
    start: i32,
    offset: i16,
}

impl ZoneRules {
    fn parse(text: &str) -> Option<Self> {
        let mut found = Self { rules: [Rule::default(); MAX_RULES], count: 0 };
        for rule in text.split('~') {
            let (start, offset) = rule.split_once('.')?;
            let rule = Rule { start: start.parse().ok()?, offset: offset.parse().ok()? };
            let is_later = found.as_slice().last().is_none_or(|last| last.start < rule.start);
            if !is_later || rule.offset.unsigned_abs() > MAX_OFFSET_MINUTES {
                return None;
            }
            *found.rules.get_mut(found.count)? = rule;
            found.count += 1;
        }
        Some(found)
    }

    fn as_slice(&self) -> &[Rule] {
        &self.rules[..self.count]
    }

    /// How many minutes the zone is ahead of UTC at a given time.
    #[must_use]
    pub fn offset_minutes(&self, at: Timestamp) -> i32 {
        let minute = at.micros().div_euclid(MINUTE);
        let current = self.as_slice().iter().rev().find(|rule| i64::from(rule.start) <= minute);
        current.or(self.as_slice().first()).map_or(0, |rule| i32::from(rule.offset))
    }
}

/// The rules as the browser has sent them.
impl Display for ZoneRules {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, Rule { start, offset }) in self.as_slice().iter().enumerate() {
            let separator = if index == 0 { "" } else { "~" };
            write!(f, "{separator}{start}.{offset}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::BrowserZone;

    const BERLIN: &str = "Europe/Berlin~0.60~29579100.120~29881500.60";

    #[test]
    fn offset_is_that_of_the_last_rule_before() {
        let zone = BrowserZone::parse(BERLIN).unwrap();
        let offset = |time: &str| zone.rules.offset_minutes(time.parse().unwrap());
        assert_eq!(offset("2026-03-28T12:00:00Z"), 60);
        assert_eq!(offset("2026-03-29T00:59:59Z"), 60);
        assert_eq!(offset("2026-03-29T01:00:00Z"), 120);
        assert_eq!(offset("2026-10-25T00:59:59Z"), 120);
        assert_eq!(offset("2026-10-25T01:00:00Z"), 60);
        assert_eq!(offset("2040-07-01T00:00:00Z"), 60);
    }

    #[test]
    fn first_rule_applies_before_it_too() {
        let zone = BrowserZone::parse("Asia/Kolkata~29579100.330").unwrap();
        assert_eq!(zone.rules.offset_minutes("1970-01-01T00:00:00Z".parse().unwrap()), 330);
    }

    #[test]
    fn zone_is_written_as_it_was_read() {
        assert_eq!(BrowserZone::parse(BERLIN).unwrap().to_string(), BERLIN);
    }

    #[test]
    fn what_no_script_sends_is_no_zone() {
        let many = (0..17).map(|start| format!("~{start}.0")).collect::<String>();
        for value in [
            "",
            "nonsense",
            "~0.60",
            "Europe/Berlin",
            "Europe/Berlin~",
            "Europe/Berlin~60",
            "Europe/Berlin~0.x",
            "Europe/Berlin~0.1081",
            "Europe/Berlin~0.-32768",
            "Europe/Berlin~5.60~5.120",
            "Europe/Berlin~99999999999.60",
            "<b>~0.60",
            "a b~0.60",
            &format!("{}~0.60", "a".repeat(65)),
            &format!("UTC{many}"),
        ] {
            assert_eq!(BrowserZone::parse(value), None, "{value}");
        }
    }
}
