//! What pages are told.

use anyhow::{Result, ensure};
use model::{
    live::{Ask, Mark, News, Tell, TopicOf},
    screen::{LINES_A_PAGE, LinePage, MOST_COUNTED, RunFilter, RunLine, RunScreen, RunView, TASKS_A_PAGE, TaskCount},
    state::StateType,
};

use crate::{
    page::Page,
    place::{Place, noon},
};

async fn opened(place: &Place) -> Result<Page> {
    Ok(Page::open(place.server.url(), &place.cookie, place.server.url()).await?)
}

fn all_runs() -> TopicOf {
    TopicOf::Runs { filter: RunFilter::default() }
}

pub async fn list(place: Place) -> Result<()> {
    let mut page = opened(&place).await?;
    page.follow(place.topic(all_runs())?, place.mark().await?).await?;

    let run = place.run().await?;
    let row = page.until(|news| runs(news)?.0).await?;
    ensure!((row.0.as_str(), row.1) == (run.as_str(), Some(StateType::Pending)), "{row:?}");

    place.set_state(&run, "RUNNING").await?;
    place.set_state(&run, "COMPLETED").await?;
    page.until(|news| runs(news)?.0.filter(|row| row.1 == Some(StateType::Completed))).await?;

    // A list of failed runs is told that this one is none of them.
    let failed = RunFilter { types: vec![StateType::Failed], ..RunFilter::default() };
    let mut filtered = opened(&place).await?;
    filtered.follow(place.topic(TopicOf::Runs { filter: failed })?, place.mark().await?).await?;
    let other = place.run().await?;
    let (total, gone) = filtered.until(|news| runs(news).map(|(_, total, gone)| (total, gone))).await?;
    ensure!(total == 0 && gone == [other], "{total} {gone:?}");
    Ok(())
}

type Row = (String, Option<StateType>);

/// The first row, how many match, and who doesn't.
fn runs(news: News) -> Option<(Option<Row>, u64, Vec<String>)> {
    let News::Runs(news) = news else { return None };
    let row = news.rows.into_iter().next().map(|row| (row.id.to_string(), row.state.map(|(state_type, _)| state_type)));
    Some((row, news.total, news.gone.iter().map(ToString::to_string).collect()))
}

pub async fn run(place: Place) -> Result<()> {
    let run = place.run().await?;
    let mut page = on_run(&place, &run).await?;

    place.set_state(&run, "RUNNING").await?;
    let head_and_states = |news| match news {
        News::Run(news) => news.head.and_then(|head| head.state).zip(news.states),
        _ => None,
    };
    let (state, states) = page.until(head_and_states).await?;
    ensure!(state.state_type == StateType::Running && states.len() == 2, "{states:?}");

    place.task_run(&run, 0).await?;
    let task = |news| match news {
        News::Run(news) => news.tasks.map(|tasks| (tasks.rows, tasks.counts)),
        _ => None,
    };
    let (rows, counts) = page.until(task).await?;
    ensure!(
        rows.len() == 1 && rows[0].name == "load-0" && counts == [count(StateType::Pending, 1)],
        "{rows:?} {counts:?}"
    );

    // Written at the same moment and told one after the other: none is lost, none is told twice.
    for message in ["one", "two", "three"] {
        place.log(&run, message).await?;
        ensure!(told_lines(&mut page).await? == [message]);
    }
    Ok(())
}

/// A page of the run that follows its log.
async fn on_run(place: &Place, run: &str) -> Result<Page> {
    let of = TopicOf::Run { flow_run: run.parse()?, level: 20, lines: true };
    let mut page = opened(place).await?;
    page.follow(place.topic(of)?, place.mark().await?).await?;
    Ok(page)
}

/// The messages that are told next.
async fn told_lines(page: &mut Page) -> Result<Vec<String>> {
    let lines = page.until(|news| match news {
        News::Run(news) => news.lines,
        _ => None,
    });
    let lines = lines.await?;
    ensure!(!lines.gap, "{lines:?}");
    Ok(lines.lines.into_iter().map(|line| line.message).collect())
}

/// A line is told when it arrives, whenever it says that it was written.
pub async fn wrong_clocks(place: Place) -> Result<()> {
    let run = place.run().await?;
    let mut page = on_run(&place, &run).await?;
    let minute = 60_000_000;
    for (message, after) in [("a day ahead", 24 * 60 * minute), ("right", 0), ("a minute late", -minute)] {
        place.log_all(&run, [(noon().plus_micros(after), message.to_owned())]).await?;
        ensure!(told_lines(&mut page).await? == [message]);
    }
    Ok(())
}

/// More lines than are told at once, older than what the page shows: it begins anew, at the end of the log.
pub async fn late_crowd(place: Place) -> Result<()> {
    let run = place.run().await?;
    let mut page = on_run(&place, &run).await?;
    place.log_all(&run, [(noon().plus_micros(60_000_000), "the newest".to_owned())]).await?;
    ensure!(told_lines(&mut page).await? == ["the newest"]);
    let late = (0..600).map(|number| (noon().plus_micros(number), format!("late {number}")));
    place.log_all(&run, late).await?;
    let lines = page.until(|news| match news {
        News::Run(news) => news.lines,
        _ => None,
    });
    let lines = lines.await?;
    ensure!(lines.gap && lines.total == 601, "{lines:?}");
    ensure!(lines.lines.last().is_some_and(|line| line.message == "the newest"), "{lines:?}");
    Ok(())
}

/// While a run goes on its page shows the end of the log, which is followed; then the beginning.
pub async fn end_of_log(place: Place) -> Result<()> {
    let run = place.run().await?;
    place.set_state(&run, "RUNNING").await?;
    write_lines(&place, &run, 250).await?;
    let screen = place.screen(&run, RunView::default()).await?;
    ensure!(numbers(&screen) == (50..250).collect::<Vec<_>>() && !screen.lines.more);
    ensure!(screen.lines.before == Some(50));

    place.set_state(&run, "COMPLETED").await?;
    let screen = place.screen(&run, RunView::default()).await?;
    ensure!(numbers(&screen) == (0..200).collect::<Vec<_>>() && screen.lines.more);
    ensure!(screen.lines.before == Some(0));
    Ok(())
}

/// In a log that is longer than is counted, pages follow each other without a gap, and none claims to know where it stands.
pub async fn long_log(place: Place) -> Result<()> {
    let (run, most) = (place.run().await?, MOST_COUNTED.unsigned_abs());
    let all = most + 300;
    write_lines(&place, &run, all).await?;
    let page = |lines| place.screen(&run, RunView { lines, ..RunView::default() });

    let newest = page(LinePage::Newest).await?;
    ensure!(numbers(&newest).last() == Some(&(all - 1)) && !newest.lines.more);
    ensure!((newest.lines.before, newest.lines.total) == (None, most));
    let first = newest.lines.lines.first().map(RunLine::place).expect("lines");
    let previous = page(LinePage::Before(first)).await?;
    ensure!(numbers(&previous).last() == numbers(&newest).first().map(|line| line - 1).as_ref());
    ensure!(numbers(&previous).len() == LINES_A_PAGE && previous.lines.more);

    let oldest = page(LinePage::Oldest).await?;
    ensure!(oldest.lines.before == Some(0) && oldest.lines.more);
    let last = oldest.lines.lines.last().map(RunLine::place).expect("lines");
    let next = page(LinePage::After(last)).await?;
    ensure!(numbers(&next) == (200..400).collect::<Vec<_>>());
    ensure!(next.lines.before == Some(200));
    Ok(())
}

/// A task run that broke stands before all others, though it was made last, and the others are known not to have begun.
pub async fn broken(place: Place) -> Result<()> {
    let run = place.run().await?;
    place.set_state(&run, "RUNNING").await?;
    let mut last = String::new();
    for number in 0..=TASKS_A_PAGE {
        last = place.task_run(&run, number).await?;
    }
    for state in ["RUNNING", "FAILED"] {
        place.set_state_of("task_runs", &last, state).await?;
    }
    let tasks = place.screen(&run, RunView::default()).await?.tasks;
    let first = tasks.rows.first().expect("task runs");
    ensure!(first.name == format!("load-{TASKS_A_PAGE}") && tasks.more, "{first:?}");
    let failed = TaskCount { begun: 1, ..count(StateType::Failed, 1) };
    ensure!(tasks.counts == [failed, count(StateType::Pending, TASKS_A_PAGE as u64)], "{:?}", tasks.counts);
    let tasks_after = u32::try_from(TASKS_A_PAGE)?;
    let rest = place.screen(&run, RunView { tasks_after, ..RunView::default() }).await?.tasks;
    ensure!(rest.rows.len() == 1 && !rest.more);
    Ok(())
}

/// So many task runs of this state, none of which began.
fn count(state_type: StateType, runs: u64) -> TaskCount {
    TaskCount { state_type: Some(state_type), runs, begun: 0 }
}

/// Lines that say which they are.
async fn write_lines(place: &Place, run: &str, lines: u64) -> Result<()> {
    place.log_all(run, (0..lines).map(|line| (noon().plus_micros(line as i64), line.to_string()))).await
}

fn numbers(screen: &RunScreen) -> Vec<u64> {
    screen.lines.lines.iter().filter_map(|line| line.message.parse().ok()).collect()
}

pub async fn caught_up(place: Place) -> Result<()> {
    let mark = place.mark().await?;
    let run = place.run().await?;
    let mut page = opened(&place).await?;
    page.follow(place.topic(all_runs())?, mark).await?;
    let (row, total, _) = page.until(runs).await?;
    ensure!(row.is_some_and(|(id, _)| id == run) && total == 1);
    Ok(())
}

pub async fn first_run(place: Place) -> Result<()> {
    let mut page = opened(&place).await?;
    page.follow(place.topic(TopicOf::FirstRun)?, place.mark().await?).await?;
    let run = place.run().await?;
    place.log(&run, "The fun is about to begin").await?;
    let line = page.until(|news| match news {
        News::FirstRun(progress) => progress.called.and(progress.run).zip(progress.line),
        _ => None,
    });
    let (row, line) = line.await?;
    ensure!((row.id.to_string(), line.message.as_str()) == (run, "The fun is about to begin"), "{row:?} {line:?}");
    Ok(())
}

pub async fn foreign_mark(place: Place) -> Result<()> {
    let mark = place.mark().await?;
    let mut page = opened(&place).await?;
    for mark in [Mark { start: mark.start ^ 1, ..mark }, Mark { number: mark.number + 1, ..mark }] {
        page.ask(&Ask::Follow { id: 7, topic: place.topic(all_runs())?, mark }).await?;
        let told = page.told().await?;
        ensure!(told == Tell::Reload { id: 7 }, "{told:?}");
    }
    // And the page that then reads itself afresh goes on.
    page.follow(place.topic(all_runs())?, place.mark().await?).await
}
