//! Runs each service in its own task: ticks after its period, or as soon as a change means work, until the stop.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use control::{Cx, server::SharedStatus};
use futures::FutureExt;
use model::server::ServiceStatus;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    CounterFolder, LateRuns, LeaseReaper, NameIndexer, Report, Service, SessionReaper, WorkspaceReaper,
    status::{StatusRecorder, error_text},
};

/// A service with more work pauses for as long as its last tick took, but at most for this long.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// The running services.
#[derive(Default)]
pub struct Services {
    stop: CancellationToken,
    tasks: TaskTracker,
    statuses: Vec<SharedStatus>,
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
        if cx.db.is_embedded() {
            services.spawn(cx, NameIndexer::default());
        }
        services
    }

    /// Starts one service.
    pub fn spawn<S: Service>(&mut self, cx: &Cx, service: S) {
        let status = StatusRecorder::new(&service);
        self.statuses.push(status.shared());
        cx.server.add_service(status.shared());
        let wake_up = service.woken_by().map(|is_work| cx.changes().watch(is_work));
        let service_loop = ServiceLoop { service, cx: cx.clone(), wake_up, status };
        let stop = self.stop.clone();
        self.tasks.spawn(service_loop.run(stop));
    }

    /// The status of each service, in the order of their start.
    #[must_use]
    pub fn status(&self) -> Vec<ServiceStatus> {
        self.statuses.iter().map(|status| status.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect()
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
    status: StatusRecorder,
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
        let timer = Instant::now();
        self.status.start(self.cx.clock.now());
        let result = AssertUnwindSafe(self.service.tick(&self.cx)).catch_unwind().await;
        let duration = timer.elapsed();
        let error = match result {
            Ok(Ok(Report { done, more })) => {
                self.status.succeed(duration, done);
                return if more { Pause::Fixed(duration.min(MAX_PAUSE)) } else { Pause::Idle(self.service.period()) };
            }
            Ok(Err(error)) => {
                tracing::warn!(service = S::NAME, %error, "a background service failed");
                error_text(&error)
            }
            Err(_) => {
                tracing::error!(service = S::NAME, "a background service panicked");
                "panicked; see the server log".to_owned()
            }
        };
        Pause::Fixed(self.status.fail(self.cx.clock.now(), duration, &error))
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
