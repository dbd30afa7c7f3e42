//! What the page of a flow run reads: its subflow runs, the log line of its failure, the lines around one, and what it waits for.

use control::{flow_run, log, screen};
use engine::api_version::Client;
use model::{
    flow_run::{CreatedBy, FlowRunCreate},
    id::{FlowRunId, TaskRunId},
    permission::{ReadRuns, WriteRuns},
    screen::{Failure, LinePage, LineSortKey, RunScreen, RunView},
    time::Timestamp,
};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::runs::{RunFixture, from_json};

async fn screen_of(fixture: &RunFixture, run: FlowRunId, view: RunView) -> RunScreen {
    screen::run(&fixture.cx, fixture.read, run, view).await.unwrap()
}

async fn failure(fixture: &RunFixture, run: FlowRunId) -> Failure {
    screen_of(fixture, run, RunView::default()).await.head.failure.unwrap()
}

/// The message of the line to which the failure leads.
async fn failure_line(fixture: &RunFixture, run: FlowRunId) -> Option<String> {
    let screen = screen_of(fixture, run, RunView::default()).await;
    let line = screen.head.failure.unwrap().line?;
    let found = screen.lines.lines.into_iter().find(|own| own.sort_key() == line);
    Some(found.expect("the line is in the log of the run").message)
}

/// Sends a line of a run, with the current time.
async fn write(fixture: &RunFixture, run: FlowRunId, task_run: Option<TaskRunId>, level: i32, message: &str) {
    write_at(fixture, run, task_run, level, message, fixture.cx.clock.now()).await;
}

async fn write_at(
    fixture: &RunFixture,
    run: FlowRunId,
    task_run: Option<TaskRunId>,
    level: i32,
    message: &str,
    at: Timestamp,
) {
    let line = json!({"name": "prefect", "level": level, "message": message, "timestamp": at, "flow_run_id": run, "task_run_id": task_run});
    log::write(&fixture.cx, fixture.write, vec![from_json(line)]).await.unwrap();
}

/// A running flow run with a running task run.
async fn run_with_task(fixture: &RunFixture) -> (FlowRunId, TaskRunId) {
    let run = fixture.run(json!({})).await.id;
    fixture.propose(run, json!({"type": "RUNNING"})).await;
    let task = fixture.task(run, "load-0", json!({})).await.id;
    fixture.propose_task(task, json!({"type": "RUNNING"})).await;
    (run, task)
}

async fn fail(app: &TestApp, fixture: &RunFixture, run: FlowRunId, task: TaskRunId) {
    app.advance(1.0);
    fixture.propose_task(task, json!({"type": "FAILED", "message": "no pilot"})).await;
    app.advance(1.0);
    fixture.propose(run, json!({"type": "FAILED", "message": "1 task run failed"})).await;
}

testkit::on_both! {
    async fn a_subflows_task_run_leads_to_its_newest_run(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let (parent, plain) = run_with_task(&fixture).await;
        let subflow_task = fixture.task(parent, "child-0", json!({})).await.id;
        let subflows = || async {
            let tasks = screen_of(&fixture, parent, RunView::default()).await.tasks;
            let row = |id| tasks.rows.iter().find(|row| row.id == id).unwrap().subflow;
            (tasks.subflows, row(plain), row(subflow_task))
        };
        assert_eq!(subflows().await, (0, None, None));
        let first = fixture.run(json!({"parent_task_run_id": subflow_task})).await.id;
        assert_eq!(subflows().await, (1, None, Some(first)));
        app.advance(1.0);
        let second = fixture.run(json!({"parent_task_run_id": subflow_task})).await.id;
        assert_eq!(subflows().await, (2, None, Some(second)));
        let child = screen_of(&fixture, first, RunView::default()).await;
        assert_eq!((child.head.parent.unwrap().id, child.tasks.subflows), (parent, 0));

        fixture.propose(second, json!({"type": "RUNNING"})).await;
        fixture.propose(second, json!({"type": "FAILED"})).await;
        fixture.propose(parent, json!({"type": "FAILED"})).await;
        let failed = failure(&fixture, parent).await.task_run.unwrap();
        assert_eq!((failed.id, failed.name.as_str(), failed.subflow), (subflow_task, "child-0", Some(second)));
    }

    async fn another_workspace_has_no_subflow_runs(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let (parent, task) = run_with_task(&fixture).await;
        fixture.run(json!({"parent_task_run_id": task})).await;
        let ben = app.person("ben").await;
        let place = app.workspace(&ben, "other").await;
        let (read, write) = (app.authorize::<ReadRuns>(&ben, place).await, app.authorize::<WriteRuns>(&ben, place).await);
        assert!(screen::run(&app.cx, read, parent, RunView::default()).await.is_err());
        let flow = control::flow::create(&app.cx, write, from_json(json!({"name": "Testing"}))).await.unwrap().value.id;
        let own = json!({"flow_id": flow, "parent_task_run_id": task});
        assert!(flow_run::create(&app.cx, write, from_json(own), Client::default()).await.is_err());
    }

    async fn a_failure_leads_to_the_last_error_of_its_task_run(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let (run, task) = run_with_task(&fixture).await;
        write(&fixture, run, None, 40, "an error of another source").await;
        write(&fixture, run, Some(task), 40, "the first try has failed").await;
        app.advance(1.0);
        write(&fixture, run, Some(task), 40, "the exception").await;
        write(&fixture, run, Some(task), 20, "a note").await;
        fail(&app, &fixture, run, task).await;
        write(&fixture, run, Some(task), 40, "Finished in state Failed").await;
        write(&fixture, run, None, 50, "Finished in state Failed").await;
        assert_eq!(failure_line(&fixture, run).await.as_deref(), Some("the exception"));
        let failed = failure(&fixture, run).await;
        assert_eq!((failed.task_run.unwrap().id, failed.message.as_str()), (task, "no pilot"));
    }

    async fn a_failure_leads_to_the_next_best_line(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let (run, task) = run_with_task(&fixture).await;
        fail(&app, &fixture, run, task).await;
        assert_eq!(failure_line(&fixture, run).await, None);

        let at = |seconds: i64| fixture.cx.clock.now().plus_micros(seconds * 1_000_000);
        let later = fixture.task(run, "load-1", json!({})).await.id;
        write_at(&fixture, run, Some(later), 40, "of another task run", at(-20)).await;
        assert_eq!(failure_line(&fixture, run).await.as_deref(), Some("of another task run"));
        write_at(&fixture, run, None, 40, "early, of the flow run", at(-10)).await;
        write_at(&fixture, run, None, 40, "of the flow run", at(-2)).await;
        write_at(&fixture, run, None, 40, "after its end", at(2)).await;
        assert_eq!(failure_line(&fixture, run).await.as_deref(), Some("of the flow run"));
        // The clock of this client is ahead.
        write_at(&fixture, run, Some(task), 40, "the exception", at(60)).await;
        write_at(&fixture, run, Some(task), 40, "Finished in state Failed", at(61)).await;
        assert_eq!(failure_line(&fixture, run).await.as_deref(), Some("the exception"));
        write_at(&fixture, run, Some(task), 30, "only a warning", at(-3)).await;
        assert_eq!(failure_line(&fixture, run).await.as_deref(), Some("the exception"));
    }

    async fn a_flow_runs_own_failure_leads_to_its_own_error(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let (run, task) = run_with_task(&fixture).await;
        write(&fixture, run, None, 40, "an error before").await;
        app.advance(1.0);
        write(&fixture, run, None, 40, "the exception").await;
        write(&fixture, run, Some(task), 40, "of a task run").await;
        app.advance(1.0);
        fixture.propose(run, json!({"type": "CRASHED", "message": "no memory"})).await;
        assert_eq!(failure_line(&fixture, run).await.as_deref(), Some("the exception"));
        assert_eq!(failure(&fixture, run).await.task_run, None);
    }

    async fn the_page_around_a_line_has_the_five_before_it(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let run = fixture.run(json!({})).await.id;
        let now = fixture.cx.clock.now();
        let line = |number: i64| {
            json!({"name": "prefect", "level": if number % 10 == 0 { 30 } else { 20 }, "message": number.to_string(),
                "timestamp": now.plus_micros(number), "flow_run_id": run})
        };
        let lines: Vec<Value> = (0..300).map(line).collect();
        log::write(&fixture.cx, fixture.write, from_json(json!(lines))).await.unwrap();
        let oldest = screen_of(&fixture, run, RunView { lines: LinePage::Oldest, ..RunView::default() }).await.lines.lines;
        let key = |number: usize| LinePage::Around(oldest[number].sort_key());
        for (level, number, before, first, length) in
            [(0, 0, 0, "0", 200), (0, 5, 0, "0", 200), (0, 6, 1, "1", 200), (0, 150, 145, "145", 155), (30, 60, 1, "10", 29), (40, 60, 0, "", 0)]
        {
            let view = RunView { level, lines: key(number), ..RunView::default() };
            let page = screen_of(&fixture, run, view).await.lines;
            let (start, rows) = (page.lines.first().map_or("", |line| line.message.as_str()), page.lines.len());
            assert_eq!((page.before, start, rows), (Some(before), first, length), "{level} {number}");
            assert_eq!(page.more, before + (rows as u64) < page.total, "{level} {number}");
        }
        let gone = LineSortKey { at: now.plus_micros(150), id: oldest[0].id };
        let view = RunView { lines: LinePage::Around(gone), ..RunView::default() };
        assert_eq!(screen_of(&fixture, run, view).await.lines.before, Some(145), "a line that was deleted");
    }

    async fn numbers_among_the_parameters_share_lines(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let numbers: Vec<u32> = (10..70).collect();
        let run = fixture.run(json!({"parameters": {"port": "Leith", "heights": numbers}})).await.id;
        let text = screen_of(&fixture, run, RunView::default()).await.head.parameters.unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines[0], lines[1], lines.len()), ("{", "  \"heights\": [", 10), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json!({"port": "Leith", "heights": numbers}));
    }

    async fn a_run_says_when_it_was_created_and_by_which_automation(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let created = app.cx.clock.now();
        let automation = CreatedBy { id: None, kind: Some("AUTOMATION".to_owned()), display_value: Some("Low water".to_owned()) };
        for (created_by, name) in [(Some(automation), Some("Low water")), (None, None)] {
            let create = FlowRunCreate { created_by, ..from_json(json!({"flow_id": fixture.flow})) };
            let run = flow_run::create(&fixture.cx, fixture.write, create, Client::default()).await.unwrap().value.id;
            let head = screen_of(&fixture, run, RunView::default()).await.head;
            assert_eq!((head.created, head.created_by.as_deref()), (created, name));
        }
    }

    async fn a_scheduled_or_paused_run_says_until_when(app: TestApp) {
        let fixture = &RunFixture::set_up(&app).await;
        let at = |seconds: i64| fixture.cx.clock.now().plus_micros(seconds * 1_000_000);
        let until = |run| async move { screen_of(fixture, run, RunView::default()).await.head.until };
        let run = fixture.run(json!({"state": {"type": "SCHEDULED", "state_details": {"scheduled_time": at(60)}}})).await.id;
        assert_eq!(until(run).await, Some(at(60)));
        fixture.propose(run, json!({"type": "PENDING"})).await;
        assert_eq!(until(run).await, None);
        let paused = fixture.run(json!({})).await.id;
        fixture.propose(paused, json!({"type": "RUNNING"})).await;
        fixture.propose(paused, json!({"type": "PAUSED", "state_details": {"pause_timeout": at(300)}})).await;
        assert_eq!(until(paused).await, Some(at(300)));
        let suspended = |run| async move { screen_of(fixture, run, RunView::default()).await.head.suspended };
        assert!(!suspended(paused).await, "its process waits");
        fixture.propose(paused, json!({"type": "RUNNING"})).await;
        assert_eq!(until(paused).await, None);
        let details = json!({"pause_timeout": at(300), "pause_reschedule": true});
        fixture.propose(paused, json!({"type": "PAUSED", "name": "Suspended", "state_details": details})).await;
        assert_eq!((until(paused).await, suspended(paused).await), (Some(at(300)), true));
    }
}
