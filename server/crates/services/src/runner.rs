//! Runs loops: each in a task of its own, at its period or as soon as the bus tells of work, until it is told to stop.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use control::{Cx, bus::Change};
use futures::FutureExt;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    CounterFolder, LeaseReaper, Report, Service, SessionReaper, WorkspaceReaper,
    status::{Board, Outcome, Status, Tick},
};

/// The first rest after a failure; it doubles with each that follows.
const FIRST_REST: Duration = Duration::from_millis(500);
/// The longest rest after failures.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// A loop that has more to do rests as long as it has just worked, but not longer than this.
const LONGEST_BREATH: Duration = Duration::from_secs(1);

/// The loops that run.
#[derive(Default)]
pub struct Services {
    stop: CancellationToken,
    tasks: TaskTracker,
    boards: Vec<Arc<Board>>,
}

impl Services {
    /// Starts all loops of the program.
    #[must_use]
    pub fn start(cx: &Cx) -> Self {
        let mut services = Self::default();
        services.spawn(cx, LeaseReaper);
        services.spawn(cx, WorkspaceReaper);
        services.spawn(cx, SessionReaper);
        services.spawn(cx, CounterFolder);
        services
    }

    /// Starts one loop.
    pub fn spawn<S: Service>(&mut self, cx: &Cx, service: S) {
        let board = Arc::new(Board::new(S::NAME, service.period()));
        self.boards.push(Arc::clone(&board));
        let wakes = service.woken_by().map(|is_work| Wakes { is_work, changes: cx.bus.listen() });
        let looped = Loop { service, cx: cx.clone(), wakes, board };
        let stop = self.stop.clone();
        self.tasks.spawn(looped.run(stop));
    }

    /// How they are doing, in the order in which they were started.
    #[must_use]
    pub fn status(&self) -> Vec<Status> {
        self.boards.iter().map(|board| board.read()).collect()
    }

    /// Stops them: each ends the tick it is at, and begins no other.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

struct Loop<S> {
    service: S,
    cx: Cx,
    wakes: Option<Wakes>,
    board: Arc<Board>,
}

/// What ends an idle loop's rest early.
struct Wakes {
    is_work: fn(&Change) -> bool,
    changes: Receiver<Change>,
}

/// What comes after a tick.
enum Next {
    /// A rest, whatever happens.
    Rest(Duration),
    /// A rest that a change may end early.
    Idle(Duration),
}

impl<S: Service> Loop<S> {
    async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let next = self.tick().await;
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.pass(next) => {}
            }
        }
    }

    async fn tick(&self) -> Next {
        let (began, started) = (self.cx.clock.now(), Instant::now());
        let report = AssertUnwindSafe(self.service.tick(&self.cx)).catch_unwind().await;
        let report = match report {
            Ok(Ok(report)) => Some(report),
            Ok(Err(error)) => {
                tracing::warn!(service = S::NAME, %error, "a background loop failed");
                None
            }
            Err(_) => {
                tracing::error!(service = S::NAME, "a background loop panicked");
                None
            }
        };
        let took = started.elapsed();
        let outcome = report.map_or(Outcome::Failed, |report| Outcome::Done(report.done));
        let failures = self.board.note(Tick { began, took, outcome });
        match report {
            None => Next::Rest(rest_after(failures)),
            Some(Report { more: true, .. }) => Next::Rest(took.min(LONGEST_BREATH)),
            Some(Report { more: false, .. }) => Next::Idle(self.service.period()),
        }
    }

    async fn pass(&mut self, next: Next) {
        match next {
            Next::Rest(time) => tokio::time::sleep(time).await,
            Next::Idle(time) => tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = woken(self.wakes.as_mut()) => {}
            },
        }
    }
}

/// Waits for a change that means work. Whoever has fallen behind can't know what was missed, so that counts as work.
async fn woken(wakes: Option<&mut Wakes>) {
    let Some(Wakes { is_work, changes }) = wakes else { return std::future::pending().await };
    loop {
        match changes.recv().await {
            Ok(change) if !is_work(&change) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

fn rest_after(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(10);
    (FIRST_REST * 2_u32.pow(doublings)).min(LONGEST_REST)
}

#[cfg(test)]
mod tests {
    use super::{FIRST_REST, LONGEST_REST, rest_after};

    #[test]
    fn rests_after_failures_grow_up_to_a_bound() {
        assert_eq!([1, 2, 3].map(rest_after), [FIRST_REST, FIRST_REST * 2, FIRST_REST * 4]);
        assert_eq!([20, u32::MAX].map(rest_after), [LONGEST_REST; 2]);
    }
}
