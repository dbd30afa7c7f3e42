//! Counts as text.

/// A count with thousands separators: 38,412.
#[must_use]
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A short count for narrow columns: exact below 100,000, then 402k, 1.3m.
#[must_use]
pub fn short(count: u64) -> String {
    match count {
        0..100_000 => grouped(count),
        100_000..1_000_000 => format!("{}k", count / 1_000),
        _ => format!("{}.{}m", grouped(count / 1_000_000), count % 1_000_000 / 100_000),
    }
}

/// A count for a counter next to a word: "10,000+" if it is larger than 10,000.
#[must_use]
pub fn capped(count: u64) -> String {
    if count > 10_000 { "10,000+".to_owned() } else { grouped(count) }
}

/// A count with its noun: "1 task", "14 tasks".
#[must_use]
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::{capped, counted, grouped, short};

    #[test]
    fn thousands_are_separated() {
        for (count, text) in [(0, "0"), (999, "999"), (1_318, "1,318"), (38_412, "38,412"), (1_000_000, "1,000,000")] {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn large_counts_get_a_unit() {
        for (count, text) in [(99_999, "99,999"), (402_700, "402k"), (1_349_000, "1.3m"), (1_234_500_000, "1,234.5m")] {
            assert_eq!(short(count), text);
        }
    }

    #[test]
    fn counters_stop_at_ten_thousand() {
        assert_eq!(capped(10_000), "10,000");
        assert_eq!(capped(10_001), "10,000+");
    }

    #[test]
    fn a_single_thing_is_singular() {
        assert_eq!(counted(1, "task", "tasks"), "1 task");
        assert_eq!(counted(0, "task", "tasks"), "0 tasks");
    }
}
