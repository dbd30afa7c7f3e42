//! Times and durations as text, and the `<time>` elements around them.
//!
//! The functions read neither the computer's clock nor a locale, so that server and browser render the same text during hydration: the
//! current time and the zone are arguments.

use leptos::prelude::*;
use model::time::{Civil, Span, Timestamp};

use crate::{
    clock::{Clock, Zone},
    number::counted,
};

// Microseconds, the unit of `Timestamp` and `Span`.
const MILLISECOND: i64 = 1_000;
const TENTH: i64 = 100 * MILLISECOND;
const SECOND: i64 = 10 * TENTH;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A duration: "85ms", "0.4s", "12s", "1m 07s", "2h 05m", "3d 04h".
#[must_use]
pub fn duration(span: Span) -> String {
    let micros = span.micros().max(0);
    if micros >= MINUTE {
        return long_duration(micros);
    }
    match micros {
        0 => return "0s".to_owned(),
        1..MILLISECOND => return "<1ms".to_owned(),
        MILLISECOND..TENTH => return format!("{}ms", micros / MILLISECOND),
        _ => {}
    }
    let tenths = micros / TENTH;
    match tenths % 10 {
        0 => format!("{}s", tenths / 10),
        tenth => format!("{}.{tenth}s", tenths / 10),
    }
}

/// A duration that is still growing: like [`duration`], but in whole seconds, so that it doesn't flicker.
#[must_use]
pub fn running_duration(span: Span) -> String {
    duration(Span::from_micros(span.micros().max(0) / SECOND * SECOND))
}

fn long_duration(micros: i64) -> String {
    let (days, hours, minutes, seconds) =
        (micros / DAY, micros / HOUR % 24, micros / MINUTE % 60, micros / SECOND % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}m {seconds:02}s"),
        (0, _) => format!("{hours}h {minutes:02}m"),
        _ => format!("{days}d {hours:02}h"),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The date and the time of day in a time zone.
fn local(at: Timestamp, zone: Zone) -> Civil {
    at.plus_micros(i64::from(zone.offset_minutes(at)) * MINUTE).civil()
}

fn name(names: &'static [&'static str], index: u32) -> &'static str {
    names.get(index as usize).copied().unwrap_or_default()
}

fn day_and_month(Civil { day, month, .. }: Civil) -> String {
    format!("{day} {}", name(&MONTHS, month - 1))
}

/// The time of day to the second: "09:57:11".
#[must_use]
pub fn time_of_day(at: Timestamp, zone: Zone) -> String {
    let Civil { hour, minute, second, .. } = local(at, zone);
    format!("{hour:02}:{minute:02}:{second:02}")
}

/// The time of day to the minute: "09:57".
#[must_use]
pub fn hour_and_minute(at: Timestamp, zone: Zone) -> String {
    let Civil { hour, minute, .. } = local(at, zone);
    format!("{hour:02}:{minute:02}")
}

/// The time of day to the millisecond: "09:57:11.041".
#[must_use]
pub fn time_with_millis(at: Timestamp, zone: Zone) -> String {
    format!("{}.{:03}", time_of_day(at, zone), at.civil().millisecond)
}

/// The weekday and the date: "Tuesday 17 March".
#[must_use]
pub fn weekday_and_date(at: Timestamp, zone: Zone) -> String {
    let local = local(at, zone);
    format!("{} {}", name(&WEEKDAYS, local.weekday), day_and_month(local))
}

/// The full date and time for a tooltip: "Tuesday 17 March 2026, 09:57:11", with "UTC" appended if the zone is UTC.
#[must_use]
pub fn full_date_time(at: Timestamp, zone: Zone) -> String {
    let utc = if zone == Zone::Utc { " UTC" } else { "" };
    format!("{} {}, {}{utc}", weekday_and_date(at, zone), local(at, zone).year, time_of_day(at, zone))
}

/// The value of a `datetime-local` field: "2026-03-17T09:57:11".
#[must_use]
pub fn datetime_local(at: Timestamp, zone: Zone) -> String {
    let Civil { year, month, day, .. } = local(at, zone);
    format!("{year:04}-{month:02}-{day:02}T{}", time_of_day(at, zone))
}

/// The date with its year: "17 March 2025".
#[must_use]
pub fn date_with_year(at: Timestamp, zone: Zone) -> String {
    let local = local(at, zone);
    format!("{} {}", day_and_month(local), local.year)
}

/// The date, with the year if it isn't the current year: "Today", "17 March", "17 March 2025".
fn date_or_today(at: Timestamp, clock: Clock) -> String {
    let date = local(at, clock.zone);
    if is_today(at, clock) {
        "Today".to_owned()
    } else if date.year == local(clock.now, clock.zone).year {
        day_and_month(date)
    } else {
        date_with_year(at, clock.zone)
    }
}

fn is_today(at: Timestamp, clock: Clock) -> bool {
    day_number(at, clock.zone) == day_number(clock.now, clock.zone)
}

/// The date and the time of day to the second: "Today, 09:57:11", "17 March, 09:57:11".
#[must_use]
pub fn date_time(at: Timestamp, clock: Clock) -> String {
    format!("{}, {}", date_or_today(at, clock), time_of_day(at, clock.zone))
}

/// The date, and for today also the time of day: "Today, 09:41", "9 March".
#[must_use]
pub fn short_date_time(at: Timestamp, clock: Clock) -> String {
    let date = date_or_today(at, clock);
    if is_today(at, clock) { format!("{date}, {}", hour_and_minute(at, clock.zone)) } else { date }
}

/// A planned time to the minute, with its day unless that is today: "14:07", "Tomorrow, 14:07", "30 November, 19:00".
#[must_use]
pub fn planned_time(at: Timestamp, clock: Clock) -> String {
    time_with_day(at, clock, "Tomorrow")
}

/// A planned time within a sentence: "14:07", "tomorrow, 14:07", "30 November, 19:00".
#[must_use]
pub fn planned_time_within(at: Timestamp, clock: Clock) -> String {
    time_with_day(at, clock, "tomorrow")
}

fn time_with_day(at: Timestamp, clock: Clock, tomorrow: &str) -> String {
    let time = hour_and_minute(at, clock.zone);
    match day_number(at, clock.zone) - day_number(clock.now, clock.zone) {
        0 => time,
        1 => format!("{tomorrow}, {time}"),
        _ => format!("{}, {time}", date_or_today(at, clock)),
    }
}

/// The number of a day in a time zone; the next day has the next number.
fn day_number(at: Timestamp, zone: Zone) -> i64 {
    (at.micros() + i64::from(zone.offset_minutes(at)) * MINUTE).div_euclid(DAY)
}

/// The distance from now if it is under a day: "4s ago", "8m ago", "in 3h"; otherwise [`short_date_time`].
#[must_use]
pub fn relative(at: Timestamp, clock: Clock) -> String {
    let distance = clock.now.since(at).micros();
    let text = match distance.unsigned_abs().try_into().unwrap_or(i64::MAX) {
        micros @ 0..MINUTE => format!("{}s", micros / SECOND),
        micros @ MINUTE..HOUR => format!("{}m", micros / MINUTE),
        micros @ HOUR..DAY => format!("{}h", micros / HOUR),
        _ => return short_date_time(at, clock),
    };
    if distance < 0 { format!("in {text}") } else { format!("{text} ago") }
}

/// How urgent an expiry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Urgency {
    /// In a week or more, or never.
    Later,
    /// In less than a week.
    Soon,
    Expired,
}

/// The expiry relative to now: "Never", "In 18 days", "In 5 hours", "Expired 2 days ago". What is left is rounded up, so that a new key of
/// 30 days has 30; up to two days it is in hours.
#[must_use]
pub fn expiry(at: Option<Timestamp>, now: Timestamp) -> (String, Urgency) {
    let Some(at) = at else { return ("Never".to_owned(), Urgency::Later) };
    let left = at.since(now).micros();
    let (micros, hour, day) = (left.unsigned_abs(), HOUR.unsigned_abs(), DAY.unsigned_abs());
    if left <= 0 {
        return (format!("Expired {} ago", hours_or_days(micros / hour, micros / day, 24)), Urgency::Expired);
    }
    let hours = if micros < hour { 0 } else { micros.div_ceil(hour) };
    let text = format!("In {}", hours_or_days(hours, micros.div_ceil(day), 49));
    (text, if left < 7 * DAY { Urgency::Soon } else { Urgency::Later })
}

/// The number of hours if they are fewer than `limit`, or else of days.
fn hours_or_days(hours: u64, days: u64, limit: u64) -> String {
    match hours {
        0 => "less than an hour".to_owned(),
        hours if hours < limit => counted(hours, "hour", "hours"),
        _ => counted(days, "day", "days"),
    }
}

/// A time relative to now, with the full time as tooltip.
#[component]
pub fn RelativeTime(at: Timestamp, #[prop(into)] clock: Signal<Clock>) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=move || full_date_time(at, clock.get().zone)>
            {move || relative(at, clock.get())}
        </time>
    }
}

/// A past time relative to now. A time after now, which a slightly slow page clock can cause, is shown as "0s ago".
#[component]
pub fn PastTime(at: Timestamp, #[prop(into)] clock: Signal<Clock>) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=move || full_date_time(at, clock.get().zone)>
            {move || relative_past(at, clock.get())}
        </time>
    }
}

/// A past time relative to now; see [`PastTime`].
#[must_use]
pub fn relative_past(at: Timestamp, clock: Clock) -> String {
    relative(at.min(clock.now), clock)
}

/// A date and the time of day to the second.
#[component]
pub fn DateTime(at: Timestamp, #[prop(into)] clock: Signal<Clock>) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=move || full_date_time(at, clock.get().zone)>
            {move || date_time(at, clock.get())}
        </time>
    }
}

/// A date, with hour and minute if it is today.
#[component]
pub fn ShortDateTime(at: Timestamp, #[prop(into)] clock: Signal<Clock>) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=move || full_date_time(at, clock.get().zone)>
            {move || short_date_time(at, clock.get())}
        </time>
    }
}

/// A time of day to the second, in the monospaced font.
#[component]
pub fn TimeOfDay(at: Timestamp, #[prop(into)] clock: Signal<Clock>) -> impl IntoView {
    view! {
        <time class="mono" datetime=at.to_string() title=move || full_date_time(at, clock.get().zone)>
            {move || time_of_day(at, clock.get().zone)}
        </time>
    }
}

/// An expiry: red if it has passed, amber if it is under a week away.
#[component]
pub fn Expiry(at: Option<Timestamp>, #[prop(into)] clock: Signal<Clock>) -> impl IntoView {
    let class = move || match expiry(at, clock.get().now).1 {
        Urgency::Later => "t2",
        Urgency::Soon => "is-warn",
        Urgency::Expired => "is-bad",
    };
    let title = move || at.map(|at| full_date_time(at, clock.get().zone));
    view! {
        <span class=class title=title>
            {move || expiry(at, clock.get().now).0}
        </span>
    }
}

/// The duration of a run; it counts up while `end` is `None`.
#[component]
pub fn Elapsed(start: Timestamp, end: Option<Timestamp>, #[prop(into)] clock: Signal<Clock>) -> impl IntoView {
    move || match end {
        Some(end) => duration(end.since(start)),
        None => running_duration(clock.get().now.since(start)),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Clock, DAY, HOUR, MINUTE, SECOND, Urgency, Zone, date_time, datetime_local, duration, expiry, full_date_time,
        planned_time, planned_time_within, relative, running_duration, short_date_time, time_with_millis,
        weekday_and_date,
    };
    use model::time::{Span, Timestamp};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn durations_have_at_most_two_parts() {
        let cases = [
            (-SECOND, "0s"),
            (0, "0s"),
            (999, "<1ms"),
            (1_000, "1ms"),
            (85_900, "85ms"),
            (100_000, "0.1s"),
            (400_000, "0.4s"),
            (10_550_000, "10.5s"),
            (12 * SECOND, "12s"),
            (MINUTE - 1, "59.9s"),
            (67 * SECOND, "1m 07s"),
            (HOUR - 1, "59m 59s"),
            (2 * HOUR + 5 * MINUTE + 59 * SECOND, "2h 05m"),
            (DAY - 1, "23h 59m"),
            (3 * DAY + 4 * HOUR, "3d 04h"),
        ];
        for (micros, text) in cases {
            assert_eq!(duration(Span::from_micros(micros)), text);
        }
    }

    #[test]
    fn growing_durations_have_whole_seconds() {
        assert_eq!(running_duration(Span::from_micros(16_900_000)), "16s");
        assert_eq!(running_duration(Span::from_micros(-1)), "0s");
    }

    #[test]
    fn times_are_in_the_given_zone() {
        let time = at("2026-03-17T23:57:11.041999Z");
        assert_eq!(time_with_millis(time, Zone::Utc), "23:57:11.041");
        assert_eq!(time_with_millis(time, Zone::Fixed(330)), "05:27:11.041");
        assert_eq!(datetime_local(time, Zone::Fixed(330)), "2026-03-18T05:27:11");
        assert_eq!(weekday_and_date(time, Zone::Utc), "Tuesday 17 March");
        assert_eq!(weekday_and_date(time, Zone::Fixed(330)), "Wednesday 18 March");
        assert_eq!(full_date_time(time, Zone::Fixed(-60)), "Tuesday 17 March 2026, 22:57:11");
        assert_eq!(full_date_time(time, Zone::Utc), "Tuesday 17 March 2026, 23:57:11 UTC");
    }

    #[test]
    fn today_depends_on_the_zone() {
        let time = at("2026-03-17T23:57:11Z");
        let clock = |zone| Clock { now: at("2026-03-18T01:00:00Z"), zone };
        let (utc, kolkata) = (clock(Zone::Utc), clock(Zone::Fixed(330)));
        assert_eq!(date_time(time, utc), "17 March, 23:57:11");
        assert_eq!(date_time(time, kolkata), "Today, 05:27:11");
        assert_eq!(short_date_time(time, kolkata), "Today, 05:27");
        assert_eq!(short_date_time(at("2025-11-04T12:00:00Z"), utc), "4 November 2025");
    }

    #[test]
    fn planned_times_name_their_day() {
        let clock = |now, zone| Clock { now: at(now), zone };
        let evening = "2026-12-30T23:30:00Z";
        let cases = [
            (evening, Zone::Utc, "2026-12-30T23:59:59Z", "23:59"),
            (evening, Zone::Utc, "2026-12-31T00:00:00Z", "Tomorrow, 00:00"),
            (evening, Zone::Utc, "2026-12-31T23:59:59Z", "Tomorrow, 23:59"),
            (evening, Zone::Utc, "2027-01-01T00:00:00Z", "1 January 2027, 00:00"),
            (evening, Zone::Fixed(60), "2026-12-31T00:00:00Z", "01:00"),
            (evening, Zone::Fixed(60), "2026-12-31T23:00:00Z", "Tomorrow, 00:00"),
            (evening, Zone::Fixed(-60), "2027-01-02T03:00:00Z", "2 January 2027, 02:00"),
            ("2026-11-29T12:00:00Z", Zone::Utc, "2026-12-04T19:00:00Z", "4 December, 19:00"),
            ("1969-12-31T12:00:00Z", Zone::Utc, "1970-01-01T00:00:00Z", "Tomorrow, 00:00"),
        ];
        for (now, zone, planned, text) in cases {
            assert_eq!(planned_time(at(planned), clock(now, zone)), text, "{planned} seen at {now}");
            let within = text.replace("Tomorrow", "tomorrow");
            assert_eq!(planned_time_within(at(planned), clock(now, zone)), within, "{planned} seen at {now}");
        }
    }

    #[test]
    fn relative_times_become_dates_after_a_day() {
        let clock = Clock { now: at("2026-03-17T10:00:00Z"), zone: Zone::Utc };
        let cases = [
            (4 * SECOND, "4s ago"),
            (MINUTE, "1m ago"),
            (13 * MINUTE, "13m ago"),
            (3 * HOUR, "3h ago"),
            (DAY, "16 March"),
            (-90 * SECOND, "in 1m"),
        ];
        for (ago, text) in cases {
            assert_eq!(relative(clock.now.plus_micros(-ago), clock), text);
        }
    }

    #[test]
    fn an_expiry_is_rounded_up_and_under_a_week_away_soon() {
        let now = at("2026-03-17T10:00:00Z");
        let cases = [
            (30 * DAY - 5 * MINUTE, "In 30 days", Urgency::Later),
            (18 * DAY, "In 18 days", Urgency::Later),
            (7 * DAY - SECOND, "In 7 days", Urgency::Soon),
            (2 * DAY + SECOND, "In 3 days", Urgency::Soon),
            (2 * DAY, "In 48 hours", Urgency::Soon),
            (5 * HOUR - MINUTE, "In 5 hours", Urgency::Soon),
            (HOUR, "In 1 hour", Urgency::Soon),
            (MINUTE, "In less than an hour", Urgency::Soon),
            (-MINUTE, "Expired less than an hour ago", Urgency::Expired),
            (-HOUR, "Expired 1 hour ago", Urgency::Expired),
            (-47 * HOUR, "Expired 1 day ago", Urgency::Expired),
            (-2 * DAY, "Expired 2 days ago", Urgency::Expired),
        ];
        for (left, text, urgency) in cases {
            assert_eq!(expiry(Some(now.plus_micros(left)), now), (text.to_owned(), urgency));
        }
        assert_eq!(expiry(None, now), ("Never".to_owned(), Urgency::Later));
    }
}
