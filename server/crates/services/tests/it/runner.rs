//! How loops are run: at once, when the bus tells of work, again after a failure, and not after the stop.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use control::{Cx, Error, Result, bus::Change};
use model::id::UserId;
use services::{Outcome, Report, Service, Services};
use testkit::on_both;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use uuid::Uuid;

/// Tells of each tick, and does in it what it was told to.
struct Told<F> {
    ticks: UnboundedSender<u64>,
    count: AtomicU64,
    act: F,
}

impl<F: Fn(u64) -> Result<Report> + Send + Sync + 'static> Told<F> {
    fn new(act: F) -> (Self, UnboundedReceiver<u64>) {
        let (ticks, told) = mpsc::unbounded_channel();
        (Self { ticks, count: AtomicU64::new(0), act }, told)
    }
}

impl<F: Fn(u64) -> Result<Report> + Send + Sync + 'static> Service for Told<F> {
    const NAME: &'static str = "told";

    fn period(&self) -> Duration {
        Duration::from_secs(3600)
    }

    fn woken_by(&self) -> Option<fn(&Change) -> bool> {
        Some(|change| matches!(change, Change::Called { .. }))
    }

    async fn tick(&self, _cx: &Cx) -> Result<Report> {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        self.ticks.send(number).unwrap();
        (self.act)(number)
    }
}

async fn next(told: &mut UnboundedReceiver<u64>) -> u64 {
    tokio::time::timeout(Duration::from_secs(20), told.recv()).await.expect("a tick in time").expect("a loop that runs")
}

fn done(report: Report) -> impl Fn(u64) -> Result<Report> {
    move |_| Ok(report)
}

on_both! {
    async fn a_change_wakes_a_loop(kit: Kit) {
        let mut services = Services::default();
        let (service, mut told) = Told::new(done(Report { done: 3, more: false }));
        services.spawn(&kit.cx, service);
        assert_eq!(next(&mut told).await, 1);
        kit.cx.bus.tell(Change::WorkspaceDeleted { workspace: model::id::WorkspaceId(Uuid::nil()) });
        kit.cx.bus.tell(Change::Called { person: UserId(Uuid::nil()) });
        assert_eq!(next(&mut told).await, 2);
        services.stop().await;
        assert!(told.recv().await.is_none(), "a stopped loop is gone, and nothing but the right change woke it");
        let status = &services.status()[0];
        assert_eq!((status.name, status.ticks, status.done, status.failures), ("told", 2, 6, 0));
        let last = status.last.unwrap();
        assert_eq!((last.outcome, last.began), (Outcome::Done(3), kit.cx.clock.now()));
    }

    async fn a_loop_with_more_to_do_goes_on(kit: Kit) {
        let mut services = Services::default();
        let (service, mut told) = Told::new(|number| Ok(Report { done: 1, more: number < 5 }));
        services.spawn(&kit.cx, service);
        for number in 1..=5 {
            assert_eq!(next(&mut told).await, number);
        }
        services.stop().await;
        assert_eq!(services.status()[0].done, 5);
    }

    async fn a_loop_survives_failures_and_panics(kit: Kit) {
        let mut services = Services::default();
        let (service, mut told) = Told::new(|number| match number {
            1 => Err(Error::Unavailable),
            2 => panic!("a fault of the loop"),
            _ => Ok(Report::default()),
        });
        services.spawn(&kit.cx, service);
        assert_eq!(next(&mut told).await, 1);
        assert_eq!(next(&mut told).await, 2);
        assert_eq!(next(&mut told).await, 3);
        services.stop().await;
        let status = &services.status()[0];
        assert_eq!((status.ticks, status.failures), (3, 0), "success forgets the failures before it");
    }

    async fn all_loops_of_the_program_start_and_stop(kit: Kit) {
        let services = Services::start(&kit.cx);
        assert_eq!(kit.cx.bus.listeners(), 0, "none of them is woken by a change, so none makes changes dearer");
        let first_ticks = async {
            while services.status().iter().any(|status| status.ticks == 0) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), first_ticks).await.expect("each loop ticks at once");
        services.stop().await;
        let status = services.status();
        assert_eq!(status.len(), 4);
        assert!(status.iter().all(|status| status.failures == 0), "{status:?}");
    }
}
