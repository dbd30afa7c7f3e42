//! The reader's clock: the page brings "now" and the zone, and after hydration the clock ticks on from there.

use std::time::Duration;

use leptos::prelude::*;
use model::time::Timestamp;

/// What the reader's clock shows: the present moment and how far the reader's zone is ahead of UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    pub now: Timestamp,
    /// Minutes east of Greenwich.
    pub offset: i32,
}

/// The first reading on the server and while hydrating, then a tick a second.
///
/// The moment stays the server's, moved by the time since the page was mounted, so a wrong clock in the browser doesn't matter;
/// the zone becomes the browser's.
pub fn ticking(first: Clock) -> Signal<Clock> {
    let clock = RwSignal::new(first);
    Effect::new(move |_| {
        let mounted = js_sys::Date::now();
        let tick = move || {
            let passed = (js_sys::Date::now() - mounted) / 1_000.0;
            clock.set(Clock { now: first.now.plus_seconds(passed), offset: browser_offset() });
        };
        tick();
        if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || handle.clear());
        }
    });
    clock.into()
}

fn browser_offset() -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "zones are within a day of UTC")]
    let behind = js_sys::Date::new_0().get_timezone_offset() as i32;
    -behind
}
