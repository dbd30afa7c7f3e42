//! The clock of a page: it starts with the server's time in UTC, and after hydration it ticks in the browser's time zone.

use std::time::Duration;

use leptos::prelude::*;
use model::time::Timestamp;

/// What a page needs to show a time: the current time and the time zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    pub now: Timestamp,
    pub zone: Zone,
}

/// The time zone in which a page shows times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Zone {
    /// On the server, which doesn't know the browser's zone, and during hydration.
    #[default]
    Utc,
    /// The zone of the browser.
    Browser,
    /// A fixed number of minutes ahead of UTC.
    #[cfg(test)]
    Fixed(i32),
}

impl Zone {
    /// How many minutes the zone is ahead of UTC at a given time, which daylight saving time changes.
    pub(crate) fn offset_minutes(self, at: Timestamp) -> i32 {
        match self {
            Self::Utc => 0,
            #[expect(clippy::cast_possible_truncation, reason = "zones are within a day of UTC")]
            Self::Browser => -(js_date(at).get_timezone_offset() as i32),
            #[cfg(test)]
            Self::Fixed(minutes) => minutes,
        }
    }
}

/// Parses the value of a `datetime-local` field in the browser's time zone.
#[must_use]
pub fn parse_datetime_local(text: &str) -> Option<Timestamp> {
    let millis = js_sys::Date::parse(text);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a browser's dates are whole milliseconds, within a few 100,000 years"
    )]
    millis.is_finite().then(|| Timestamp::from_micros((millis as i64).saturating_mul(1_000)))
}

fn js_date(at: Timestamp) -> js_sys::Date {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of the years to 9999 are exactly representable in f64"
    )]
    let millis = (at.micros() / 1_000) as f64;
    js_sys::Date::new(&millis.into())
}

/// A clock that shows `start` on the server and during hydration, and then ticks every second in the browser's time zone.
///
/// It adds the time since mount to the server's time, so a computer whose clock is wrong still shows the right time; only setting that
/// clock while the page is open shifts it.
pub fn ticking_clock(start: Timestamp) -> Signal<Clock> {
    let clock = RwSignal::new(Clock { now: start, zone: Zone::Utc });
    Effect::new(move |_| {
        let mounted = js_sys::Date::now();
        let tick = move || {
            let elapsed = (js_sys::Date::now() - mounted) / 1_000.0;
            clock.set(Clock { now: start.plus_seconds(elapsed), zone: Zone::Browser });
        };
        tick();
        if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || handle.clear());
        }
    });
    clock.into()
}

/// A notice that times are in UTC, for browsers without JavaScript.
#[component]
pub fn UtcNotice() -> impl IntoView {
    view! { <noscript inner_html="<p class=\"small t3\">Times are in UTC.</p>"></noscript> }
}
