//! The history chart: one bar per day. Completed runs are above the axis, failed and cancelled ones below, unfinished ones outlined.

use leptos::prelude::*;
use model::time::Timestamp;

use crate::{
    clock::Zone,
    number::{counted, grouped},
    time::weekday_and_date,
};

/// One day's runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DayRuns {
    pub completed: u64,
    /// Failed, crashed or cancelled.
    pub broken: u64,
    /// Not ended yet.
    pub open: u64,
}

impl DayRuns {
    /// The runs above the axis.
    fn above_axis(&self) -> u64 {
        self.completed + self.open
    }
}

const WIDTH: f64 = 540.0;
const HEIGHT: f64 = 56.0;
const AXIS: f64 = 38.0;
const BAR: f64 = 8.0;
const UP: f64 = 31.0;
const DOWN: f64 = 14.0;
/// In microseconds.
const DAY: i64 = 86_400_000_000;

/// The chart as a sentence, for assistive technology.
#[must_use]
pub fn history_summary(days: &[DayRuns]) -> String {
    let broken: u64 = days.iter().map(|day| day.broken).sum();
    let open: u64 = days.iter().map(|day| day.open).sum();
    let all = broken + days.iter().map(DayRuns::above_axis).sum::<u64>();
    let idle_days = days.iter().filter(|day| **day == DayRuns::default()).map(|_| 1).sum();
    if all == 0 {
        return format!("No runs in the last {} days", days.len());
    }
    let open = if open == 0 { String::new() } else { format!(", {} unfinished", grouped(open)) };
    format!(
        "{} in the last {} days: {} failed, crashed or cancelled{open}; {} without runs",
        counted(all, "run", "runs"),
        days.len(),
        grouped(broken),
        counted(idle_days, "day", "days")
    )
}

/// A day as text: "Tuesday 17 March: 12 completed, 1 failed, crashed or cancelled". Days are those of UTC.
fn day_summary(start: Timestamp, day: DayRuns) -> String {
    let parts = [(day.completed, "completed"), (day.broken, "failed, crashed or cancelled"), (day.open, "unfinished")];
    let parts: Vec<_> =
        parts.iter().filter(|(runs, _)| *runs > 0).map(|(runs, what)| format!("{} {what}", grouped(*runs))).collect();
    let runs = if parts.is_empty() { "no runs".to_owned() } else { parts.join(", ") };
    format!("{}: {runs}", weekday_and_date(start, Zone::Utc))
}

/// The height of a bar: proportional to the count, but at least 2 so that it is visible.
fn height(count: u64, max_count: u64, max_height: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "pixels")]
    let share = count as f64 / max_count.max(1) as f64;
    (share * max_height).max(2.0)
}

/// The chart as one image, oldest day left. It scales to the width of its container.
#[component]
pub fn HistoryChart(
    days: Vec<DayRuns>,
    /// When the first day begins; a day shows its runs on hover if that is known.
    first_day: Option<Timestamp>,
) -> impl IntoView {
    let most_above = days.iter().map(DayRuns::above_axis).max().unwrap_or(0);
    let most_below = days.iter().map(|day| day.broken).max().unwrap_or(0);
    #[expect(clippy::cast_precision_loss, reason = "pixels")]
    let step = WIDTH / days.len().max(1) as f64;
    let bar = |x: f64, y: f64, height: f64, class: &'static str| {
        let (x, y, height) = (format!("{x:.1}"), format!("{y:.1}"), format!("{height:.1}"));
        view! { <rect class=class x=x y=y width=BAR height=height rx="1.5" /> }
    };
    let bars = days
        .iter()
        .enumerate()
        .map(|(index, day)| {
            #[expect(clippy::cast_precision_loss, reason = "pixels")]
            let left = index as f64 * step;
            let x = left + (step - BAR) / 2.0;
            let up = if day.completed > 0 { height(day.completed, most_above, UP) } else { 0.0 };
            let open = height(day.open, most_above, UP);
            let down = height(day.broken, most_below, DOWN);
            let summary = first_day
                .map(|first| day_summary(first.plus_micros(i64::try_from(index).unwrap_or_default() * DAY), *day));
            let tip = summary.map(|summary| {
                view! {
                    <rect x=format!("{left:.1}") width=format!("{step:.1}") height=HEIGHT fill="transparent">
                        <title>{summary}</title>
                    </rect>
                }
            });
            (
                (day.completed > 0).then(|| bar(x, AXIS - 1.5 - up, up, "up")),
                (day.open > 0).then(|| bar(x, AXIS - 1.5 - up - open, open, "open")),
                (day.broken > 0).then(|| bar(x, AXIS + 1.5, down, "down")),
                (*day == DayRuns::default()).then(|| bar(x, AXIS - 3.5, 2.0, "gap")),
                tip,
            )
        })
        .collect_view();
    view! {
        <svg class="history-chart" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=history_summary(&days)>
            <path class="axis" d=format!("M0 {AXIS}H{WIDTH}") />
            {bars}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::{DayRuns, UP, day_summary, height, history_summary};

    #[test]
    fn the_summary_counts_runs_failures_and_idle_days() {
        let days = [
            DayRuns { completed: 1_300, broken: 17, open: 0 },
            DayRuns::default(),
            DayRuns { completed: 1, ..DayRuns::default() },
        ];
        assert_eq!(
            history_summary(&days),
            "1,318 runs in the last 3 days: 17 failed, crashed or cancelled; 1 day without runs"
        );
        assert_eq!(history_summary(&[DayRuns::default(); 30]), "No runs in the last 30 days");
    }

    #[test]
    fn the_summary_counts_unfinished_runs_separately() {
        let days = [DayRuns { completed: 2, broken: 1, open: 4 }, DayRuns::default()];
        assert_eq!(
            history_summary(&days),
            "7 runs in the last 2 days: 1 failed, crashed or cancelled, 4 unfinished; 1 day without runs"
        );
    }

    #[test]
    fn a_day_tells_its_date_and_its_runs() {
        let start = "2026-03-17T00:00:00Z".parse().unwrap();
        let day = DayRuns { completed: 1_300, broken: 2, open: 1 };
        assert_eq!(
            day_summary(start, day),
            "Tuesday 17 March: 1,300 completed, 2 failed, crashed or cancelled, 1 unfinished"
        );
        assert_eq!(day_summary(start, DayRuns { completed: 1, ..DayRuns::default() }), "Tuesday 17 March: 1 completed");
        assert_eq!(day_summary(start, DayRuns::default()), "Tuesday 17 March: no runs");
    }

    #[test]
    fn a_single_run_next_to_thousands_is_visible() {
        assert!((height(1, 100_000, UP) - 2.0).abs() < f64::EPSILON);
        assert!((height(7, 7, UP) - UP).abs() < f64::EPSILON);
    }
}
