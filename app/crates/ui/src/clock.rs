//! The clock of a page: it starts with the server's time, and after hydration it ticks in the browser's time zone.
//!
//! The server shows times in the zone that the browser has sent with the request, and in UTC on the first visit.

use std::time::Duration;

use leptos::prelude::*;
use model::time::Timestamp;
#[cfg(feature = "ssr")]
use model::zone::{BrowserZone, ZoneRules};
#[cfg(not(feature = "ssr"))]
use wasm_bindgen::prelude::wasm_bindgen;

/// What a page needs to show a time: the current time and the time zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    pub now: Timestamp,
    pub zone: Zone,
}

/// The time zone in which a page shows times.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Zone {
    /// On the server and during hydration, if the browser has sent no zone.
    #[default]
    Utc,
    /// On the server and during hydration, the zone that the browser has sent.
    Sent(SentZone),
    /// The zone of the browser.
    Browser,
    /// A fixed number of minutes ahead of UTC.
    #[cfg(test)]
    Fixed(i32),
}

/// The rules of the zone that the browser has sent with the request for this page. During hydration they are not those of the zone
/// that the browser has now, which may be another one: hydration must find the texts of the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SentZone(#[cfg(feature = "ssr")] ZoneRules);

#[cfg(feature = "ssr")]
impl SentZone {
    fn current() -> Option<Self> {
        use_context::<BrowserZone>().map(|zone| Self(zone.rules))
    }

    fn offset_minutes(self, at: Timestamp) -> i32 {
        self.0.offset_minutes(at)
    }
}

#[cfg(not(feature = "ssr"))]
#[wasm_bindgen]
extern "C" {
    /// The offset of the zone that the browser has sent, at a time in minutes since 1970; not a number if it has sent none.
    /// Defined by `app/scripts/zone.js`.
    #[wasm_bindgen(js_name = sentOffset)]
    fn sent_offset(minutes: f64) -> f64;
}

#[cfg(not(feature = "ssr"))]
impl SentZone {
    fn current() -> Option<Self> {
        (!sent_offset(0.0).is_nan()).then_some(Self())
    }

    #[expect(clippy::cast_possible_truncation, reason = "zones are within a day of UTC")]
    fn offset_minutes(self, at: Timestamp) -> i32 {
        sent_offset(millis(at) / 60_000.0) as i32
    }
}

impl Zone {
    /// The zone in which the page is rendered on the server and hydrated.
    fn of_page() -> Self {
        SentZone::current().map_or(Self::Utc, Self::Sent)
    }

    /// The zone of the moments in form fields: as long as no script runs, the server reads them in UTC.
    #[must_use]
    pub fn of_fields(self) -> Self {
        match self {
            Self::Sent(_) => Self::Utc,
            zone => zone,
        }
    }

    /// How many minutes the zone is ahead of UTC at a given time, which daylight saving time changes.
    pub(crate) fn offset_minutes(self, at: Timestamp) -> i32 {
        match self {
            Self::Utc => 0,
            Self::Sent(zone) => zone.offset_minutes(at),
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
    js_sys::Date::new(&millis(at).into())
}

/// Milliseconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of the years to 9999 are exactly representable in f64")]
fn millis(at: Timestamp) -> f64 {
    (at.micros() / 1_000) as f64
}

/// A clock that shows `start` on the server and during hydration, in the zone that the browser has sent, and then ticks every second in
/// the zone that the browser has.
///
/// It adds the time since mount to the server's time, so a computer whose clock is wrong still shows the right time; only setting that
/// clock while the page is open shifts it.
pub fn ticking_clock(start: Timestamp) -> Signal<Clock> {
    let clock = RwSignal::new(Clock { now: start, zone: Zone::of_page() });
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

/// A notice of the zone of the times, for browsers without JavaScript.
#[component]
pub fn ZoneNotice() -> impl IntoView {
    #[cfg(feature = "ssr")]
    let text = {
        // The name has no characters of markup.
        let zone = use_context::<BrowserZone>().map_or_else(|| "UTC".to_owned(), |zone| zone.name);
        format!("<p class=\"small t3\">Times are in {zone}.</p>")
    };
    // In a browser that runs scripts this is not shown, and hydration leaves it as it is.
    #[cfg(not(feature = "ssr"))]
    let text = "";
    view! { <noscript inner_html=text></noscript> }
}
