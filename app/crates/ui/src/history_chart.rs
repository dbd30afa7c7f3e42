//! The history strip: thirty days on one rule, what ended well above it, what broke below; what has not ended yet is outlined.

use leptos::prelude::*;

use crate::number::{counted, grouped};

/// One day's runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DayRuns {
    pub well: u64,
    /// Cancelled ones too.
    pub broken: u64,
    /// Those that have not ended.
    pub open: u64,
}

impl DayRuns {
    /// What stands on the rule.
    fn standing(&self) -> u64 {
        self.well + self.open
    }
}

const WIDTH: f64 = 540.0;
const HEIGHT: f64 = 56.0;
const RULE: f64 = 38.0;
const BAR: f64 = 8.0;
const UP: f64 = 31.0;
const DOWN: f64 = 14.0;

/// What the strip says in words.
#[must_use]
pub fn strip_summary(days: &[DayRuns]) -> String {
    let broken: u64 = days.iter().map(|day| day.broken).sum();
    let open: u64 = days.iter().map(|day| day.open).sum();
    let all = broken + days.iter().map(DayRuns::standing).sum::<u64>();
    let quiet = days.iter().filter(|day| **day == DayRuns::default()).map(|_| 1).sum();
    if all == 0 {
        return format!("No runs in {} days", days.len());
    }
    let open = if open == 0 { String::new() } else { format!(", {} not ended yet", grouped(open)) };
    format!(
        "{} in {} days: {} broken or cancelled{open}; {} without any",
        counted(all, "run", "runs"),
        days.len(),
        grouped(broken),
        counted(quiet, "day", "days")
    )
}

/// The height of a bar: in proportion, but never so low that it can't be seen.
fn height(count: u64, most: u64, room: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "pixels")]
    let share = count as f64 / most.max(1) as f64;
    (share * room).max(2.0)
}

/// The strip, oldest day left: one image with its summary in words. Scales to the width it gets.
#[component]
pub fn HistoryStrip(days: Vec<DayRuns>) -> impl IntoView {
    let most_standing = days.iter().map(DayRuns::standing).max().unwrap_or(0);
    let most_broken = days.iter().map(|day| day.broken).max().unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "pixels")]
    let step = WIDTH / days.len().max(1) as f64;
    let bar = |x: f64, y: f64, height: f64, class: &'static str| {
        let (x, y, height) = (format!("{x:.1}"), format!("{y:.1}"), format!("{height:.1}"));
        view! { <rect class=class x=x y=y width=BAR height=height rx="1.5" /> }
    };
    let bars = days
        .iter()
        .enumerate()
        .map(|(place, day)| {
            #[expect(clippy::cast_precision_loss, reason = "pixels")]
            let x = place as f64 * step + (step - BAR) / 2.0;
            let up = if day.well > 0 { height(day.well, most_standing, UP) } else { 0.0 };
            let open = height(day.open, most_standing, UP);
            let down = height(day.broken, most_broken, DOWN);
            (
                (day.well > 0).then(|| bar(x, RULE - 1.5 - up, up, "up")),
                (day.open > 0).then(|| bar(x, RULE - 1.5 - up - open, open, "open")),
                (day.broken > 0).then(|| bar(x, RULE + 1.5, down, "down")),
                (*day == DayRuns::default()).then(|| bar(x, RULE - 3.5, 2.0, "gap")),
            )
        })
        .collect_view();
    view! {
        <svg class="strip" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=strip_summary(&days)>
            <path class="rule" d=format!("M0 {RULE}H{WIDTH}") />
            {bars}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::{DayRuns, UP, height, strip_summary};

    #[test]
    fn the_summary_counts_runs_broken_ones_and_quiet_days() {
        let days = [
            DayRuns { well: 1_300, broken: 17, open: 0 },
            DayRuns::default(),
            DayRuns { well: 1, ..DayRuns::default() },
        ];
        assert_eq!(strip_summary(&days), "1,318 runs in 3 days: 17 broken or cancelled; 1 day without any");
        assert_eq!(strip_summary(&[DayRuns::default(); 30]), "No runs in 30 days");
    }

    #[test]
    fn what_has_not_ended_is_told_apart_from_what_ended_well() {
        let days = [DayRuns { well: 2, broken: 1, open: 4 }, DayRuns::default()];
        assert_eq!(strip_summary(&days), "7 runs in 2 days: 1 broken or cancelled, 4 not ended yet; 1 day without any");
    }

    #[test]
    fn a_single_run_beside_thousands_is_still_seen() {
        assert!((height(1, 100_000, UP) - 2.0).abs() < f64::EPSILON);
        assert!((height(7, 7, UP) - UP).abs() < f64::EPSILON);
    }
}
