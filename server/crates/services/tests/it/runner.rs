//! The runner: services tick at the start, when a change means work, and after a failure, but not after the stop.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use control::{Cx, Error, Result, changes::Change};
use model::id::UserId;
use services::{Report, Service, Services, TickOutcome};
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
        assert_eq!((status.name, status.ticks, status.done, status.failures), ("test-service", 2, 6, 0));
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
        assert_eq!((status.ticks, status.failures), (3, 0), "success resets the failures");
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
        assert_eq!(status.len(), 5);
        assert!(status.iter().all(|status| status.failures == 0), "{status:?}");
    }
}
