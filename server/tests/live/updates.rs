//! The updates that pages receive.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use model::{
    live::{ClientMessage, ServerMessage, StreamPosition, Topic, TopicKind},
    screen::{
        ArtifactContent, ArtifactList, ArtifactListFilter, ArtifactRef, ArtifactScreen, FirstRunProgress,
        LINES_PER_PAGE, LinePage, MAX_COUNT, RunFilter, RunLine, RunListUpdate, RunScreen, RunUpdate, RunView,
        TASKS_PER_PAGE, TaskCount,
    },
    state::StateType,
};
use serde_json::{Value, json};

use crate::{
    fixture::{LiveFixture, noon},
    page::Page,
};

async fn open_page(fixture: &LiveFixture) -> Result<Page> {
    Ok(Page::open(fixture.server.url(), &fixture.cookie, fixture.server.url()).await?)
}

fn all_runs() -> TopicKind {
    TopicKind::Runs { filter: RunFilter::default() }
}

pub async fn run_list(fixture: LiveFixture) -> Result<()> {
    let mut page = open_page(&fixture).await?;
    page.subscribe(fixture.topic(all_runs())?, fixture.position().await?).await?;

    let run = fixture.create_run().await?;
    let row = page.wait_for(|update| run_list_update(update)?.0).await?;
    ensure!((row.0.as_str(), row.1) == (run.as_str(), Some(StateType::Pending)), "{row:?}");

    fixture.set_state(&run, "RUNNING").await?;
    fixture.set_state(&run, "COMPLETED").await?;
    page.wait_for(|update| run_list_update(update)?.0.filter(|row| row.1 == Some(StateType::Completed))).await?;

    // A list of failed runs learns that this run does not match.
    let failed = RunFilter { types: vec![StateType::Failed], ..RunFilter::default() };
    let mut filtered = open_page(&fixture).await?;
    filtered.subscribe(fixture.topic(TopicKind::Runs { filter: failed })?, fixture.position().await?).await?;
    let other = fixture.create_run().await?;
    let (total, gone) =
        filtered.wait_for(|update| run_list_update(update).map(|(_, total, gone)| (total, gone))).await?;
    ensure!(total == 0 && gone == [other], "{total} {gone:?}");
    Ok(())
}

/// Two topics of one socket are about different workspaces.
pub async fn two_workspaces(fixture: LiveFixture) -> Result<()> {
    let mut page = open_page(&fixture).await?;
    let elsewhere = Topic { workspace: fixture.create_workspace().await?, kind: all_runs() };
    page.subscribe(elsewhere, fixture.position().await?).await?;
    let (topic, position) = (fixture.topic(all_runs())?, fixture.position().await?);
    page.send_message(&ClientMessage::Subscribe { id: 2, topic, position }).await?;
    ensure!(page.receive().await? == ServerMessage::Subscribed { id: 2 });
    let run = fixture.create_run().await?;
    for state in ["RUNNING", "COMPLETED"] {
        fixture.set_state(&run, state).await?;
        let message = page.receive().await?;
        ensure!(matches!(message, ServerMessage::Update { id: 2, .. }), "{message:?}");
    }
    Ok(())
}

/// How soon a page shows what a client sent to another server.
const WITHIN: Duration = Duration::from_secs(1);

/// A page that is open on one server shows within a second what a client sends to another one.
pub async fn two_servers(fixture: LiveFixture) -> Result<()> {
    let replica = fixture.server.start_replica().await?;
    let mut page = Page::open(replica.url(), &fixture.cookie, replica.url()).await?;
    // Until it receives from the other server, a new server has pages reload.
    loop {
        let position = fixture.position_at(replica.url()).await?;
        page.send_message(&ClientMessage::Subscribe { id: 1, topic: fixture.topic(all_runs())?, position }).await?;
        if page.settles().await? {
            break;
        }
    }
    let run = fixture.create_run().await?;
    for state in [StateType::Pending, StateType::Running, StateType::Completed] {
        if state != StateType::Pending {
            fixture.set_state(&run, state.as_str()).await?;
        }
        let sent = Instant::now();
        page.wait_for(|update| run_list_update(update)?.0.filter(|row| *row == (run.clone(), Some(state)))).await?;
        ensure!(sent.elapsed() < WITHIN, "{state:?} took {:?}", sent.elapsed());
    }
    fixture.delete_workspace().await?;
    let sent = Instant::now();
    ensure!(page.close_code().await? == 1008);
    ensure!(sent.elapsed() < WITHIN, "the deleted workspace's socket closed after {:?}", sent.elapsed());
    Ok(())
}

type Row = (String, Option<StateType>);

/// The first row, the number of matching runs, and the runs that do not match.
fn run_list_update(update: RunListUpdate) -> Option<(Option<Row>, u64, Vec<String>)> {
    let row =
        update.rows.into_iter().next().map(|row| (row.id.to_string(), row.state.map(|(state_type, _)| state_type)));
    Some((row, update.total, update.gone.iter().map(ToString::to_string).collect()))
}

pub async fn run(fixture: LiveFixture) -> Result<()> {
    let run = fixture.create_run().await?;
    let mut page = open_run_page(&fixture, &run).await?;

    fixture.set_state(&run, "RUNNING").await?;
    let head_and_states = |update: RunUpdate| update.head.and_then(|head| head.state).zip(update.states);
    let (state, states) = page.wait_for(head_and_states).await?;
    ensure!(state.state_type == StateType::Running && states.len() == 2, "{states:?}");

    fixture.create_task_run(&run, 0).await?;
    let task_runs = |update: RunUpdate| update.tasks.map(|tasks| (tasks.rows, tasks.counts));
    let (rows, counts) = page.wait_for(task_runs).await?;
    ensure!(
        rows.len() == 1 && rows[0].name == "load-0" && counts == [count(StateType::Pending, 1)],
        "{rows:?} {counts:?}"
    );

    // The lines have the same timestamp: each is sent exactly once.
    for message in ["one", "two", "three"] {
        fixture.log(&run, message).await?;
        ensure!(next_lines(&mut page).await? == [message]);
    }
    Ok(())
}

/// Opens a page of the run that subscribes to its log lines.
async fn open_run_page(fixture: &LiveFixture, run: &str) -> Result<Page> {
    let topic = TopicKind::Run { flow_run: run.parse()?, level: 20, lines: true };
    let mut page = open_page(fixture).await?;
    page.subscribe(fixture.topic(topic)?, fixture.position().await?).await?;
    Ok(page)
}

/// The messages of the next log lines.
async fn next_lines(page: &mut Page) -> Result<Vec<String>> {
    let lines = page.wait_for(|update: RunUpdate| update.lines).await?;
    ensure!(!lines.gap, "{lines:?}");
    Ok(lines.lines.into_iter().map(|line| line.message).collect())
}

/// A line is sent when it arrives, whatever its timestamp.
pub async fn wrong_clocks(fixture: LiveFixture) -> Result<()> {
    let run = fixture.create_run().await?;
    let mut page = open_run_page(&fixture, &run).await?;
    let minute = 60_000_000;
    for (message, after) in [("a day ahead", 24 * 60 * minute), ("right", 0), ("a minute late", -minute)] {
        fixture.log_all(&run, [(noon().plus_micros(after), message.to_owned())]).await?;
        ensure!(next_lines(&mut page).await? == [message]);
    }
    Ok(())
}

/// More lines than one update may have, all older than those on the page: the update replaces them with the end of the log.
pub async fn many_late_lines(fixture: LiveFixture) -> Result<()> {
    let run = fixture.create_run().await?;
    let mut page = open_run_page(&fixture, &run).await?;
    fixture.log_all(&run, [(noon().plus_micros(60_000_000), "the newest".to_owned())]).await?;
    ensure!(next_lines(&mut page).await? == ["the newest"]);
    let late = (0..600).map(|number| (noon().plus_micros(number), format!("late {number}")));
    fixture.log_all(&run, late).await?;
    let lines = page.wait_for(|update: RunUpdate| update.lines).await?;
    ensure!(lines.gap && lines.total == 601, "{lines:?}");
    ensure!(lines.lines.last().is_some_and(|line| line.message == "the newest"), "{lines:?}");
    Ok(())
}

/// The page of an active run shows the end of the log; the page of a finished run shows its beginning.
pub async fn end_of_log(fixture: LiveFixture) -> Result<()> {
    let run = fixture.create_run().await?;
    fixture.set_state(&run, "RUNNING").await?;
    write_lines(&fixture, &run, 250).await?;
    let screen = fixture.screen(&run, RunView::default()).await?;
    ensure!(numbers(&screen) == (50..250).collect::<Vec<_>>() && !screen.lines.more);
    ensure!(screen.lines.before == Some(50));

    fixture.set_state(&run, "COMPLETED").await?;
    let screen = fixture.screen(&run, RunView::default()).await?;
    ensure!(numbers(&screen) == (0..200).collect::<Vec<_>>() && screen.lines.more);
    ensure!(screen.lines.before == Some(0));
    Ok(())
}

/// A log with more than `MAX_COUNT` lines: its pages have no gap, and pages beyond the counted lines have no line numbers.
pub async fn long_log(fixture: LiveFixture) -> Result<()> {
    let (run, counted) = (fixture.create_run().await?, MAX_COUNT.unsigned_abs());
    let all = counted + 300;
    write_lines(&fixture, &run, all).await?;
    let page = |lines| fixture.screen(&run, RunView { lines, ..RunView::default() });

    let newest = page(LinePage::Newest).await?;
    ensure!(numbers(&newest).last() == Some(&(all - 1)) && !newest.lines.more);
    ensure!((newest.lines.before, newest.lines.total) == (None, counted));
    let first = newest.lines.lines.first().map(RunLine::sort_key).expect("lines");
    let previous = page(LinePage::Before(first)).await?;
    ensure!(numbers(&previous).last() == numbers(&newest).first().map(|line| line - 1).as_ref());
    ensure!(numbers(&previous).len() == LINES_PER_PAGE && previous.lines.more);

    let oldest = page(LinePage::Oldest).await?;
    ensure!(oldest.lines.before == Some(0) && oldest.lines.more);
    let last = oldest.lines.lines.last().map(RunLine::sort_key).expect("lines");
    let next = page(LinePage::After(last)).await?;
    ensure!(numbers(&next) == (200..400).collect::<Vec<_>>());
    ensure!(next.lines.before == Some(200));
    Ok(())
}

/// A failed task run is listed before all others, although it was created last; the others count as not begun.
pub async fn failed_task_runs(fixture: LiveFixture) -> Result<()> {
    let run = fixture.create_run().await?;
    fixture.set_state(&run, "RUNNING").await?;
    let mut last = String::new();
    for number in 0..=TASKS_PER_PAGE {
        last = fixture.create_task_run(&run, number).await?;
    }
    for state in ["RUNNING", "FAILED"] {
        fixture.set_state_of("task_runs", &last, state).await?;
    }
    let tasks = fixture.screen(&run, RunView::default()).await?.tasks;
    let first = tasks.rows.first().expect("task runs");
    ensure!(first.name == format!("load-{TASKS_PER_PAGE}") && tasks.more, "{first:?}");
    let failed = TaskCount { begun: 1, ..count(StateType::Failed, 1) };
    ensure!(tasks.counts == [failed, count(StateType::Pending, TASKS_PER_PAGE as u64)], "{:?}", tasks.counts);
    let tasks_after = u32::try_from(TASKS_PER_PAGE)?;
    let rest = fixture.screen(&run, RunView { tasks_after, ..RunView::default() }).await?.tasks;
    ensure!(rest.rows.len() == 1 && !rest.more);
    Ok(())
}

/// A count of task runs in this state, none of which has begun.
fn count(state_type: StateType, runs: u64) -> TaskCount {
    TaskCount { state_type: Some(state_type), runs, begun: 0 }
}

/// Writes log lines whose messages are their numbers.
async fn write_lines(fixture: &LiveFixture, run: &str, lines: u64) -> Result<()> {
    fixture.log_all(run, (0..lines).map(|line| (noon().plus_micros(line as i64), line.to_string()))).await
}

fn numbers(screen: &RunScreen) -> Vec<u64> {
    screen.lines.lines.iter().filter_map(|line| line.message.parse().ok()).collect()
}

pub async fn catch_up(fixture: LiveFixture) -> Result<()> {
    let position = fixture.position().await?;
    let run = fixture.create_run().await?;
    let mut page = open_page(&fixture).await?;
    page.subscribe(fixture.topic(all_runs())?, position).await?;
    let (row, total, _) = page.wait_for(run_list_update).await?;
    ensure!(row.is_some_and(|(id, _)| id == run) && total == 1);
    Ok(())
}

/// The list and the page of a key get new, changed and deleted artifacts; the page of a key gets only those of its key.
pub async fn artifacts(fixture: LiveFixture) -> Result<()> {
    let create = async |key: &str, progress: u32| {
        let artifact = json!({ "key": key, "type": "progress", "data": progress });
        let created: Value = fixture.api.post("/artifacts/", &artifact).await?;
        Ok::<_, anyhow::Error>(format!("/artifacts/{}", created["id"].as_str().unwrap_or_default()))
    };
    let list = TopicKind::Artifacts { filter: ArtifactListFilter::default(), skip: 0 };
    let mut listed = open_page(&fixture).await?;
    listed.subscribe(fixture.topic(list)?, fixture.position().await?).await?;
    let progress_in_list =
        |list: ArtifactList| Some(list.cards.into_iter().map(|card| card.preview).collect::<Vec<_>>());
    let artifact = create("load", 10).await?;
    ensure!(listed.wait_for(progress_in_list).await? == [ArtifactContent::Progress(10.0)]);

    let load = ArtifactRef::Newest("load".parse()?);
    let topic = TopicKind::Artifact { artifact: load, key: Some("load".to_owned()), skip: 0 };
    let mut page = open_page(&fixture).await?;
    page.subscribe(fixture.topic(topic)?, fixture.position().await?).await?;
    let screen = |screen: ArtifactScreen| Some((screen.content, screen.history.total));
    create("other", 50).await?;
    fixture.change("PATCH", &artifact, Some(&json!({ "data": 20 }))).await?;
    ensure!(page.wait_for(screen).await? == (ArtifactContent::Progress(20.0), 1), "the other key is another page");
    let second = create("load", 30).await?;
    ensure!(page.wait_for(screen).await? == (ArtifactContent::Progress(30.0), 2));
    fixture.change("DELETE", &second, None).await?;
    ensure!(page.wait_for(screen).await? == (ArtifactContent::Progress(20.0), 1));
    fixture.change("DELETE", &artifact, None).await?;
    ensure!(page.receive().await? == ServerMessage::Refused { id: 1 }, "the key has no artifact any more");
    Ok(())
}

pub async fn first_run(fixture: LiveFixture) -> Result<()> {
    let mut page = open_page(&fixture).await?;
    page.subscribe(fixture.topic(TopicKind::FirstRun)?, fixture.position().await?).await?;
    let run = fixture.create_run().await?;
    fixture.log(&run, "The fun is about to begin").await?;
    let line = |progress: FirstRunProgress| progress.called.and(progress.run).zip(progress.line);
    let (row, line) = page.wait_for(line).await?;
    ensure!((row.id.to_string(), line.message.as_str()) == (run, "The fun is about to begin"), "{row:?} {line:?}");
    Ok(())
}

pub async fn unknown_position(fixture: LiveFixture) -> Result<()> {
    let position = fixture.position().await?;
    let mut page = open_page(&fixture).await?;
    for position in [
        StreamPosition { process: position.process ^ 1, ..position },
        StreamPosition { sequence: position.sequence + 1, ..position },
    ] {
        page.send_message(&ClientMessage::Subscribe { id: 7, topic: fixture.topic(all_runs())?, position }).await?;
        let message = page.receive().await?;
        ensure!(message == ServerMessage::Reload { id: 7 }, "{message:?}");
    }
    // After a reload the page can subscribe.
    page.subscribe(fixture.topic(all_runs())?, fixture.position().await?).await
}
