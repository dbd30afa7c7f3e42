//! The page that waits for a workspace's first run.

use control::screen;
use model::{id::FlowRunId, screen::FirstRunProgress};
use serde_json::{Value, json};
use store::{
    testing::RawConnection,
    value::{Type, Value as Cell},
};
use testkit::{Backend, TestApp};

use crate::runs::RunFixture;

async fn progress(fixture: &RunFixture) -> FirstRunProgress {
    screen::first_run(&fixture.cx, fixture.read).await.unwrap().progress
}

/// The run that the page shows, how many runs have begun, and how many are planned.
async fn shown(fixture: &RunFixture) -> (Option<FlowRunId>, u64, u64) {
    let FirstRunProgress { run, runs, planned, .. } = progress(fixture).await;
    (run.map(|run| run.id), runs, planned)
}

/// A run that is due so many seconds from now.
fn due(app: &TestApp, seconds: f64) -> Value {
    let time = app.cx.clock.now().plus_seconds(seconds);
    json!({"state": {"type": "SCHEDULED", "state_details": {"scheduled_time": time}}})
}

/// Adds so many copies of a run, each due a microsecond after the one before.
async fn copy_run(app: &TestApp, run: FlowRunId, copies: u64) {
    let id = match app.backend {
        Backend::Sqlite => "randomblob(16)",
        Backend::Postgres => "gen_random_uuid()",
    };
    let text = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < {copies})
         INSERT INTO flow_run (workspace_id, id, name, flow_id, parameters, context, empirical_policy, tags, labels, auto_scheduled,
             state_id, state_type, state_name, state_timestamp, run_count, expected_start_time, total_run_time, created, updated)
         SELECT r.workspace_id, {id}, r.name, r.flow_id, r.parameters, r.context, r.empirical_policy, r.tags, r.labels, r.auto_scheduled,
             r.state_id, r.state_type, r.state_name, r.state_timestamp, r.run_count, r.expected_start_time + n, r.total_run_time,
             r.created, r.updated
         FROM numbers, flow_run r WHERE r.id = $1"
    );
    let mut connection = RawConnection::open(&app.location).await.unwrap();
    let inserted = connection.touched(&text, &[Type::Uuid], vec![Cell::Uuid(run.0)]).await.unwrap();
    assert_eq!(inserted, copies);
}

testkit::on_both! {
    async fn a_planned_run_leaves_the_page_waiting(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        assert_eq!(shown(&fixture).await, (None, 0, 0));
        let planned = fixture.run(due(&app, 86_400.0)).await;
        fixture.run(due(&app, -3_600.0)).await;
        assert_eq!(shown(&fixture).await, (None, 0, 2), "neither tomorrow's run nor a late one has begun");
        fixture.propose(planned.id, json!({"type": "CANCELLED"})).await;
        assert_eq!(progress(&fixture).await.run, None, "a run that was cancelled before it started has not begun either");
    }

    async fn many_planned_and_cancelled_runs_hide_no_first_run(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let planned = fixture.run(due(&app, -3_600.0)).await.id;
        copy_run(&app, planned, 1_200).await;
        let cancelled = fixture.run(due(&app, -3_000.0)).await.id;
        fixture.propose(cancelled, json!({"type": "CANCELLED"})).await;
        copy_run(&app, cancelled, 100).await;
        assert_eq!(progress(&fixture).await.run, None);
        let retried = fixture.run(json!({})).await.id;
        for state in [json!({"type": "RUNNING"}), json!({"type": "SCHEDULED", "name": "AwaitingRetry"})] {
            fixture.propose(retried, state).await;
            assert_eq!(progress(&fixture).await.run.map(|run| run.id), Some(retried));
        }
        app.advance(-60.0);
        let stopped = fixture.run(json!({})).await.id;
        for state in ["RUNNING", "CANCELLED"] {
            fixture.propose(stopped, json!({"type": state})).await;
            assert_eq!(progress(&fixture).await.run.map(|run| run.id), Some(stopped));
        }
    }

    async fn the_first_run_that_began_is_shown(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        fixture.run(due(&app, -3_600.0)).await;
        app.advance(1.0);
        let first = fixture.run(json!({})).await;
        assert_eq!(shown(&fixture).await, (Some(first.id), 1, 1), "as soon as a client has taken it");
        fixture.propose(first.id, json!({"type": "RUNNING"})).await;
        app.advance(1.0);
        let second = fixture.run(json!({})).await;
        fixture.propose(second.id, json!({"type": "RUNNING"})).await;
        fixture.run(due(&app, 86_400.0)).await;
        assert_eq!(shown(&fixture).await, (Some(first.id), 2, 2), "and not the newest one");
        assert_eq!(progress(&fixture).await.run.map(|run| run.started.is_some()), Some(true));
    }
}
