//! Separate timeouts for a request's headers and for the idle time before them.
//!
//! hyper has one timeout for both: it starts its timer when it begins to wait for headers, and polls it whenever it has read
//! bytes and needs more. The timer here switches from the idle to the header timeout when the client has sent bytes.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};
use tokio::time;

use super::wire::ReadActivity;

/// hyper's timer for the request headers of one connection.
pub struct HeaderTimer {
    activity: ReadActivity,
    header: Duration,
    idle: Duration,
    first: AtomicBool,
}

impl HeaderTimer {
    pub fn new(activity: ReadActivity, header: Duration, idle: Duration) -> Self {
        Self { activity, header, idle, first: AtomicBool::new(true) }
    }
}

impl Timer for HeaderTimer {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Sleep>> {
        // Only a connection that has sent a request may be idle: the first headers are due at once.
        let first = self.first.swap(false, Ordering::Relaxed);
        self.activity.reset();
        Box::pin(HeaderSleep {
            sleep: Box::pin(time::sleep(if first { self.header } else { self.idle })),
            header: self.header,
            started: first,
            activity: self.activity.clone(),
        })
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(deadline.saturating_duration_since(self.now()))
    }

    fn now(&self) -> Instant {
        time::Instant::now().into_std()
    }
}

struct HeaderSleep {
    sleep: Pin<Box<time::Sleep>>,
    header: Duration,
    /// Whether the client has sent the first bytes of the headers.
    started: bool,
    activity: ReadActivity,
}

impl Sleep for HeaderSleep {}

impl Future for HeaderSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if !this.started && this.activity.get() {
            this.started = true;
            this.sleep.as_mut().reset(time::Instant::now() + this.header);
        }
        ready!(this.sleep.as_mut().poll(cx));
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper::rt::Timer as _;
    use tokio::time::{Instant, timeout};

    use super::{HeaderTimer, ReadActivity};

    const HEADER: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_secs(75);

    #[tokio::test(start_paused = true)]
    async fn first_headers_have_only_the_header_timeout() {
        let timer = HeaderTimer::new(ReadActivity::default(), HEADER, IDLE);
        let start = Instant::now();
        timer.sleep(HEADER).await;
        assert_eq!(start.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn later_headers_may_follow_after_the_idle_timeout() {
        let timer = HeaderTimer::new(ReadActivity::default(), HEADER, IDLE);
        drop(timer.sleep(HEADER));
        let start = Instant::now();
        timer.sleep(HEADER).await;
        assert_eq!(start.elapsed().as_secs(), 75);
    }

    #[tokio::test(start_paused = true)]
    async fn header_timeout_starts_with_the_first_bytes() {
        let activity = ReadActivity::default();
        let timer = HeaderTimer::new(activity.clone(), HEADER, IDLE);
        drop(timer.sleep(HEADER));
        activity.set();
        let start = Instant::now();
        let mut sleep = timer.sleep(HEADER);
        assert!(timeout(Duration::from_secs(50), &mut sleep).await.is_err(), "earlier bytes do not count");
        activity.set();
        // More bytes don't extend the timeout.
        assert!(timeout(Duration::from_secs(6), &mut sleep).await.is_err());
        activity.set();
        sleep.await;
        assert_eq!(start.elapsed().as_secs(), 60);
    }
}
