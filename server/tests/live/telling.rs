//! What pages are told.

use anyhow::{Result, ensure};
use model::{
    live::{Ask, LinesFrom, Mark, News, Tell, TopicOf},
    screen::RunFilter,
    state::StateType,
    time::Timestamp,
};

use crate::{page::Page, place::Place};

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
    let from = LinesFrom { read: Timestamp::from_micros(0), last: None };
    let of = TopicOf::Run { flow_run: run.parse()?, level: 20, lines: Some(from) };
    let mut page = opened(&place).await?;
    page.follow(place.topic(of)?, place.mark().await?).await?;

    place.set_state(&run, "RUNNING").await?;
    let head_and_states = |news| match news {
        News::Run(news) => news.head.and_then(|head| head.state).zip(news.states),
        _ => None,
    };
    let (state, states) = page.until(head_and_states).await?;
    ensure!(state.state_type == StateType::Running && states.len() == 2, "{states:?}");

    place.task_run(&run).await?;
    let task = |news| match news {
        News::Run(news) => news.tasks.map(|tasks| (tasks.rows, tasks.counts)),
        _ => None,
    };
    let (rows, counts) = page.until(task).await?;
    ensure!(
        rows.len() == 1 && rows[0].name == "load-0" && counts == [(Some(StateType::Pending), 1)],
        "{rows:?} {counts:?}"
    );

    // Written at the same moment and told one after the other: none is lost, none is told twice.
    let mut told = Vec::new();
    for message in ["one", "two", "three"] {
        place.log(&run, message).await?;
        let lines = page.until(|news| match news {
            News::Run(news) => news.lines,
            _ => None,
        });
        let lines = lines.await?;
        ensure!(!lines.gap, "{lines:?}");
        told.extend(lines.lines.into_iter().map(|line| line.message));
    }
    ensure!(told == ["one", "two", "three"], "{told:?}");
    Ok(())
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
