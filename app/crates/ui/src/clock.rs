//! The reader's clock: the page brings "now", and after hydration the clock ticks on from there, in the reader's zone.

use std::time::Duration;

use leptos::prelude::*;
use model::time::Timestamp;

/// What the reader's clock shows: the present moment and where the reader is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    pub now: Timestamp,
    pub zone: Zone,
}

/// Whose time of day is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Zone {
    /// That of nobody: the server doesn't know where the reader is.
    #[default]
    Utc,
    /// The browser's.
    Browser,
    /// Always so many minutes east of Greenwich.
    #[cfg(test)]
    East(i32),
}

impl Zone {
    /// How many minutes it is ahead of UTC at a time: not the same in summer as in winter.
    pub(crate) fn offset(self, at: Timestamp) -> i32 {
        match self {
            Self::Utc => 0,
            #[expect(clippy::cast_possible_truncation, reason = "zones are within a day of UTC")]
            Self::Browser => -(date(at).get_timezone_offset() as i32),
            #[cfg(test)]
            Self::East(minutes) => minutes,
        }
    }
}

/// What somebody filled into a field for a moment, by the browser's clock.
#[must_use]
pub fn moment_of_field(text: &str) -> Option<Timestamp> {
    let millis = js_sys::Date::parse(text);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a browser's dates are whole milliseconds, within a few 100,000 years"
    )]
    millis.is_finite().then(|| Timestamp::from_micros((millis as i64).saturating_mul(1_000)))
}

fn date(at: Timestamp) -> js_sys::Date {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of the years to 9999 are whole in a float")]
    let millis = (at.micros() / 1_000) as f64;
    js_sys::Date::new(&millis.into())
}

/// The first reading on the server and while hydrating, then a tick a second.
///
/// The moment stays the server's, moved by the time since the page was mounted, so a wrong clock in the browser doesn't matter;
/// the zone becomes the browser's.
pub fn ticking(first: Timestamp) -> Signal<Clock> {
    let clock = RwSignal::new(Clock { now: first, zone: Zone::Utc });
    Effect::new(move |_| {
        let mounted = js_sys::Date::now();
        let tick = move || {
            let passed = (js_sys::Date::now() - mounted) / 1_000.0;
            clock.set(Clock { now: first.plus_seconds(passed), zone: Zone::Browser });
        };
        tick();
        if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || handle.clear());
        }
    });
    clock.into()
}

/// Tells those whose browser runs no scripts whose times they read.
#[component]
pub fn ZoneNote() -> impl IntoView {
    view! { <noscript inner_html="<p class=\"small t3\">Times are in UTC.</p>"></noscript> }
}
