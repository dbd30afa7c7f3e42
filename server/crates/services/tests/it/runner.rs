//! The runner: services tick at the start, when a change means work, and after a failure, but not after the stop.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use control::{Cx, Error, Result, access, changes::Change, local, server};
use model::{id::UserId, server::TickOutcome};
use services::{Report, Service, Services};
use testkit::on_both;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use uuid::Uuid;

/// Sends the number of each tick to the test, and runs `act` in it.
struct TestService<F> {
    ticks: UnboundedSender<u64>,
    count: AtomicU64,
    act: F,
}

impl<F: Fn(u64) -> Result<Report> + Send + Sync + 'static> TestService<F> {
    fn new(act: F) -> (Self, UnboundedReceiver<u64>) {
        let (ticks, receiver) = mpsc::unbounded_channel();
        (Self { ticks, count: AtomicU64::new(0), act }, receiver)
    }
}

impl<F: Fn(u64) -> Result<Report> + Send + Sync + 'static> Service for TestService<F> {
    const NAME: &'static str = "test-service";
    const TITLE: &'static str = "Test";
    const DESCRIPTION: &'static str = "Does what a test says";
    const COUNTS: (&'static str, &'static str) = ("thing done", "things done");

    fn period(&self) -> Duration {
        Duration::from_secs(3600)
    }

    fn woken_by(&self) -> Option<fn(&Change) -> bool> {
        Some(|change| matches!(change, Change::ClientCalled { .. }))
    }

    async fn tick(&self, _cx: &Cx) -> Result<Report> {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        self.ticks.send(number).unwrap();
        (self.act)(number)
    }
}

async fn next(ticks: &mut UnboundedReceiver<u64>) -> u64 {
    tokio::time::timeout(Duration::from_secs(20), ticks.recv())
        .await
        .expect("a tick in time")
        .expect("a running service")
}

fn done(report: Report) -> impl Fn(u64) -> Result<Report> {
    move |_| Ok(report)
}

on_both! {
    async fn a_change_wakes_a_service(app: TestApp) {
        let mut services = Services::default();
        let (service, mut ticks) = TestService::new(done(Report { done: 3, more: false }));
        services.spawn(&app.cx, service);
        assert_eq!(next(&mut ticks).await, 1);
        app.cx.changes().publish([Change::WorkspaceDeleted { workspace: model::id::WorkspaceId(Uuid::nil()) }]);
        app.cx.changes().publish([Change::ClientCalled { person: UserId(Uuid::nil()) }]);
        assert_eq!(next(&mut ticks).await, 2);
        services.stop().await;
        assert!(ticks.recv().await.is_none(), "a stopped service does not tick, and only the change that means work woke it");
        let status = &services.status()[0];
        assert_eq!((&*status.name, status.ticks, status.done, &status.failing), ("test-service", 2, 6, &None));
        let last = status.last.unwrap();
        assert_eq!((last.outcome, last.started), (TickOutcome::Done(3), app.cx.clock.now()));
    }

    async fn a_service_with_more_work_ticks_again(app: TestApp) {
        let mut services = Services::default();
        let (service, mut ticks) = TestService::new(|number| Ok(Report { done: 1, more: number < 5 }));
        services.spawn(&app.cx, service);
        for number in 1..=5 {
            assert_eq!(next(&mut ticks).await, number);
        }
        services.stop().await;
        assert_eq!(services.status()[0].done, 5);
    }

    async fn a_service_survives_errors_and_panics(app: TestApp) {
        let mut services = Services::default();
        let (service, mut ticks) = TestService::new(|number| match number {
            1 => Err(Error::Unavailable),
            2 => panic!("a bug in the service"),
            _ => Ok(Report::default()),
        });
        services.spawn(&app.cx, service);
        assert_eq!(next(&mut ticks).await, 1);
        assert_eq!(next(&mut ticks).await, 2);
        assert_eq!(next(&mut ticks).await, 3);
        services.stop().await;
        let status = &services.status()[0];
        assert_eq!((status.ticks, status.errors, &status.failing), (3, 2, &None), "success ends the failures");
    }

    async fn a_failing_service_shows_its_error_and_next_try(app: TestApp) {
        let mut services = Services::default();
        let (service, mut ticks) = TestService::new(|number| match number {
            1 => Err(Error::Conflict("x".repeat(2_000))),
            _ => Err(Error::Unavailable),
        });
        services.spawn(&app.cx, service);
        assert_eq!(next(&mut ticks).await, 1);
        let failing = loop {
            let status = services.status().remove(0);
            if let (Some(failing), None) = (status.failing, status.running) {
                break failing;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!((failing.times, failing.error.chars().count()), (1, 500), "a long error is cut");
        assert_eq!(next(&mut ticks).await, 2);
        services.stop().await;
        let status = services.status().remove(0);
        assert_eq!((status.errors, status.last.unwrap().outcome), (2, TickOutcome::Failed));
        let (failing, now) = (status.failing.unwrap(), app.cx.clock.now());
        assert_eq!((failing.since, failing.times, &*failing.error), (now, 2, "the database can’t be reached"));
        assert_eq!(failing.next_try, now.plus_seconds(1.0));
    }

    async fn a_running_tick_is_shown(app: TestApp) {
        let (release, gate) = std::sync::mpsc::channel();
        let gate = std::sync::Mutex::new(gate);
        let mut services = Services::default();
        let (service, mut ticks) = TestService::new(move |_| {
            tokio::task::block_in_place(|| gate.lock().unwrap().recv().unwrap());
            Ok(Report::default())
        });
        services.spawn(&app.cx, service);
        assert_eq!(next(&mut ticks).await, 1);
        assert_eq!(services.status()[0].running, Some(app.cx.clock.now()));
        release.send(()).unwrap();
        services.stop().await;
        assert_eq!((services.status()[0].running, services.status()[0].ticks), (None, 1));
    }

    async fn administrators_see_the_services_that_run(app: TestApp) {
        let app = app.with(|settings| settings.local = true);
        local::ensure(&app.cx).await.unwrap();
        let caller = access::authenticate_local(&app.cx).unwrap();
        let administrator = access::authorize_administrator(&app.cx, caller).await.unwrap();
        assert!(server::screen(&app.cx, administrator).services.is_empty());
        let services = Services::start(&app.cx);
        services.stop().await;
        let screen = server::screen(&app.cx, administrator);
        assert_eq!(screen.services, services.status(), "in the order of their start");
        for text in screen.services.iter().flat_map(|one| [&one.title, &one.description, &one.counts.0, &one.counts.1]) {
            assert!((4..60).contains(&text.len()), "{text}");
        }
    }

    async fn all_services_of_the_server_start_and_stop(app: TestApp) {
        let services = Services::start(&app.cx);
        assert_eq!(app.cx.changes().subscriber_count(), 0, "no service is woken by changes, so none of them subscribes");
        let first_ticks = async {
            while services.status().iter().any(|status| status.ticks == 0) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), first_ticks).await.expect("each service ticks at the start");
        services.stop().await;
        let status = services.status();
        // PostgreSQL indexes names itself.
        assert_eq!(status.len(), if app.cx.db.is_embedded() { 6 } else { 5 });
        assert!(status.iter().all(|status| status.failing.is_none()), "{status:?}");
    }
}
