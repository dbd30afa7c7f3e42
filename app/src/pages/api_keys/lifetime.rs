//! The lifetimes of new keys among which a person chooses.

use model::time::Span;

/// The lifetimes of new keys: the form's value and its label.
pub const LIFETIMES: [(&str, &str); 6] = [
    ("7", "In 7 days"),
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("180", "In 180 days"),
    ("365", "In a year"),
    (NEVER, "Never"),
];

const NEVER: &str = "never";
/// In microseconds.
pub const DAY: i64 = 86_400_000_000;

/// The lifetime of a form's value: `Some(None)` never expires, `None` is an invalid value.
pub fn parse_lifetime(text: &str) -> Option<Option<Span>> {
    let (value, _) = LIFETIMES.iter().find(|(value, _)| *value == text)?;
    Some(value.parse::<i64>().ok().map(|days| Span::from_micros(days * DAY)))
}

#[cfg(test)]
mod tests {
    use model::api_key::{DEFAULT_LIFETIME, MAX_LIFETIME};

    use super::{LIFETIMES, parse_lifetime};

    #[test]
    fn every_choice_is_a_lifetime_or_never() {
        for (value, _) in LIFETIMES {
            let lifetime = parse_lifetime(value).unwrap();
            assert_eq!(lifetime.is_none(), value == "never", "{value}");
            assert!(lifetime.is_none_or(|lifetime| lifetime <= MAX_LIFETIME), "{value}");
        }
        assert_eq!(parse_lifetime("30"), Some(Some(DEFAULT_LIFETIME)));
        for bad in ["", "31", "-1", "Never"] {
            assert_eq!(parse_lifetime(bad), None, "{bad}");
        }
    }
}
