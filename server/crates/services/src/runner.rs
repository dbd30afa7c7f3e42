//! Runs each service in its own task: ticks after its period, or as soon as a change means work, until the stop.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use control::Cx;
use futures::FutureExt;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    CounterFolder, LateRuns, LeaseReaper, Report, Service, SessionReaper, WorkspaceReaper,
    status::{SharedStatus, Status, Tick, TickOutcome},
};

/// The pause after a failure; it doubles with each consecutive failure.
const MIN_BACKOFF: Duration = Duration::from_millis(500);
/// The longest pause after failures.
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// A service with more work pauses for as long as its last tick took, but at most for this long.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// The running services.
#[derive(Default)]
pub struct Services {
    stop: CancellationToken,
    tasks: TaskTracker,
    statuses: Vec<Arc<SharedStatus>>,
}

impl Services {
    /// Starts all services of the server.
    #[must_use]
    pub fn start(cx: &Cx) -> Self {
        let mut services = Self::default();
        services.spawn(cx, LateRuns);
        services.spawn(cx, LeaseReaper);
        services.spawn(cx, WorkspaceReaper);
        services.spawn(cx, SessionReaper);
        services.spawn(cx, CounterFolder);
        services
    }

    /// Starts one service.
    pub fn spawn<S: Service>(&mut self, cx: &Cx, service: S) {
        let status = Arc::new(SharedStatus::new(S::NAME, service.period()));
        self.statuses.push(Arc::clone(&status));
        let wake_up = service.woken_by().map(|is_work| cx.changes().watch(is_work));
        let service_loop = ServiceLoop { service, cx: cx.clone(), wake_up, status };
        let stop = self.stop.clone();
        self.tasks.spawn(service_loop.run(stop));
    }

    /// The status of each service, in the order of their start.
    #[must_use]
    pub fn status(&self) -> Vec<Status> {
        self.statuses.iter().map(|status| status.read()).collect()
    }

    /// Stops all services. A tick that is running is completed; no other one is started.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

struct ServiceLoop<S> {
    service: S,
    cx: Cx,
    /// Notified of changes that end the pause of an idle service early.
    wake_up: Option<Arc<Notify>>,
    status: Arc<SharedStatus>,
}

/// The pause after a tick.
enum Pause {
    /// Changes do not end the pause.
    Fixed(Duration),
    /// A change may end the pause early.
    Idle(Duration),
}

impl<S: Service> ServiceLoop<S> {
    async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = self.tick().await;
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.wait(pause) => {}
            }
        }
    }

    async fn tick(&self) -> Pause {
        let (started, timer) = (self.cx.clock.now(), Instant::now());
        let report = AssertUnwindSafe(self.service.tick(&self.cx)).catch_unwind().await;
        let report = match report {
            Ok(Ok(report)) => Some(report),
            Ok(Err(error)) => {
                tracing::warn!(service = S::NAME, %error, "a background service failed");
                None
            }
            Err(_) => {
                tracing::error!(service = S::NAME, "a background service panicked");
                None
            }
        };
        let duration = timer.elapsed();
        let outcome = report.map_or(TickOutcome::Failed, |report| TickOutcome::Done(report.done));
        let failures = self.status.record(Tick { started, duration, outcome });
        match report {
            None => Pause::Fixed(backoff(failures)),
            Some(Report { more: true, .. }) => Pause::Fixed(duration.min(MAX_PAUSE)),
            Some(Report { more: false, .. }) => Pause::Idle(self.service.period()),
        }
    }

    async fn wait(&mut self, pause: Pause) {
        match pause {
            Pause::Fixed(time) => tokio::time::sleep(time).await,
            Pause::Idle(time) => tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = wait_for_work(self.wake_up.as_deref()) => {}
            },
        }
    }
}

async fn wait_for_work(wake_up: Option<&Notify>) {
    match wake_up {
        Some(wake_up) => wake_up.notified().await,
        None => std::future::pending().await,
    }
}

fn backoff(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(10);
    (MIN_BACKOFF * 2_u32.pow(doublings)).min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::{MAX_BACKOFF, MIN_BACKOFF, backoff};

    #[test]
    fn the_pause_after_failures_doubles_up_to_a_bound() {
        assert_eq!([1, 2, 3].map(backoff), [MIN_BACKOFF, MIN_BACKOFF * 2, MIN_BACKOFF * 4]);
        assert_eq!([20, u32::MAX].map(backoff), [MAX_BACKOFF; 2]);
    }
}
