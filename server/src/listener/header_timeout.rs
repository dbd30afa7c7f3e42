//! How long a client may take over a request's head, apart from how long it may idle before it.
//!
//! hyper has one figure for both: it starts its timer when it begins to wait for a head, and looks at it whenever it has
//! read and wants more. The timer here tells the two apart by whether something was heard meanwhile.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};
use tokio::time;

use super::wire::Heard;

/// hyper's timer for the heads of one connection.
pub struct HeadTimer {
    heard: Heard,
    head: Duration,
    idle: Duration,
    first: AtomicBool,
}

impl HeadTimer {
    pub fn new(heard: Heard, head: Duration, idle: Duration) -> Self {
        Self { heard, head, idle, first: AtomicBool::new(true) }
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Sleep>> {
        // Only a connection that has proved to be somebody's may idle: the first head is due at once.
        let first = self.first.swap(false, Ordering::Relaxed);
        self.heard.reset();
        Box::pin(HeadSleep {
            sleep: Box::pin(time::sleep(if first { self.head } else { self.idle })),
            head: self.head,
            begun: first,
            heard: self.heard.clone(),
        })
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(deadline.saturating_duration_since(self.now()))
    }

    fn now(&self) -> Instant {
        time::Instant::now().into_std()
    }
}

struct HeadSleep {
    sleep: Pin<Box<time::Sleep>>,
    head: Duration,
    /// Whether the head has begun to come.
    begun: bool,
    heard: Heard,
}

impl Sleep for HeadSleep {}

impl Future for HeadSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if !this.begun && this.heard.get() {
            this.begun = true;
            this.sleep.as_mut().reset(time::Instant::now() + this.head);
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

    use super::{HeadTimer, Heard};

    const HEAD: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_secs(75);

    #[tokio::test(start_paused = true)]
    async fn the_first_head_is_due_at_once() {
        let timer = HeadTimer::new(Heard::default(), HEAD, IDLE);
        let start = Instant::now();
        timer.sleep(HEAD).await;
        assert_eq!(start.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn later_ones_may_be_waited_for() {
        let timer = HeadTimer::new(Heard::default(), HEAD, IDLE);
        drop(timer.sleep(HEAD));
        let start = Instant::now();
        timer.sleep(HEAD).await;
        assert_eq!(start.elapsed().as_secs(), 75);
    }

    #[tokio::test(start_paused = true)]
    async fn once_it_began_a_head_has_its_own_time() {
        let heard = Heard::default();
        let timer = HeadTimer::new(heard.clone(), HEAD, IDLE);
        drop(timer.sleep(HEAD));
        heard.set();
        let start = Instant::now();
        let mut sleep = timer.sleep(HEAD);
        assert!(timeout(Duration::from_secs(50), &mut sleep).await.is_err(), "what came before does not count");
        heard.set();
        // More bytes don't buy more time.
        assert!(timeout(Duration::from_secs(6), &mut sleep).await.is_err());
        heard.set();
        sleep.await;
        assert_eq!(start.elapsed().as_secs(), 60);
    }
}
