//! The page that waits for a workspace's first run.

use control::screen;
use model::{id::FlowRunId, screen::FirstRunProgress};
use serde_json::{Value, json};
use testkit::TestApp;

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
