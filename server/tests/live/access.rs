//! Who is let in, and who is sent away.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use model::{
    live::{Ask, MOST_TOPICS, Tell, TopicOf},
    screen::RunFilter,
};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    http,
    page::{Page, refused},
    place::Place,
};

/// The reader may not read any more.
const POLICY: u16 = 1008;
const INVALID: u16 = 1007;
const AGAIN: u16 = 1013;

/// Settings with which a session is over soon after it began.
pub const SHORT_LIFE: &str = "session_idle = '5s'\nsession_absolute = '5s'\n";
/// Much longer than that.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn upgrades(place: Place) -> Result<()> {
    let (server, cookie) = (place.server.url(), place.cookie.as_str());
    let wrong = format!("{cookie}x");
    for cookie in ["", wrong.as_str()] {
        ensure!(Page::open(server, cookie, server).await?.closed().await? == POLICY, "{cookie:?}");
    }
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        ensure!(refused(Page::open(server, cookie, origin).await)? == 403, "{origin}");
    }
    let mut page = Page::open(server, cookie, server).await?;
    page.follow(place.topic(TopicOf::FirstRun)?, place.mark().await?).await
}

/// The server's sessions live for [`SHORT_LIFE`].
pub async fn expired(place: Place) -> Result<()> {
    let server = place.server.url();
    drop(Page::open(server, &place.cookie, server).await?);
    // A socket of a session that goes on stays open.
    let over = async {
        loop {
            let mut page = Page::open(server, &place.cookie, server).await?;
            if let Ok(code) = timeout(Duration::from_millis(100), page.closed()).await {
                return code;
            }
        }
    };
    let code = timeout(PATIENCE, over).await.context("the session does not end")??;
    ensure!(code == POLICY, "closed with {code}");
    Ok(())
}

pub async fn foreign_topics(place: Place) -> Result<()> {
    let other = place.somebody_else().await?;
    let run = place.run().await?;
    let mark = place.mark().await?;
    let mut page = Page::open(place.server.url(), &other, place.server.url()).await?;
    let topics = [
        TopicOf::Runs { filter: RunFilter::default() },
        TopicOf::Run { flow_run: run.parse()?, level: 0, lines: false },
        TopicOf::FirstRun,
    ];
    for of in topics {
        page.ask(&Ask::Follow { id: 3, topic: place.topic(of)?, mark }).await?;
        let told = page.told().await?;
        ensure!(told == Tell::Refused { id: 3 }, "{told:?}");
    }
    Ok(())
}

pub async fn sign_out(place: Place) -> Result<()> {
    let server = place.server.url();
    let mut page = Page::open(server, &place.cookie, server).await?;
    page.follow(place.topic(TopicOf::FirstRun)?, place.mark().await?).await?;
    http::post(server, "/ui/sign-out", "application/x-www-form-urlencoded", &place.cookie, b"").await?;
    ensure!(page.closed().await? == POLICY);
    ensure!(Page::open(server, &place.cookie, server).await?.closed().await? == POLICY);
    Ok(())
}

pub async fn deleted_workspace(place: Place) -> Result<()> {
    let server = place.server.url();
    let mut page = Page::open(server, &place.cookie, server).await?;
    page.follow(place.topic(TopicOf::FirstRun)?, place.mark().await?).await?;
    let mut idle = Page::open(server, &place.cookie, server).await?;
    place.delete_workspace().await?;
    ensure!(page.closed().await? == POLICY);
    // One that follows nothing there stays open, and is refused what is there no more.
    let topic = place.topic(TopicOf::FirstRun)?;
    idle.ask(&Ask::Follow { id: 1, topic, mark: model::live::Mark::default() }).await?;
    let told = idle.told().await?;
    ensure!(told == Tell::Refused { id: 1 }, "{told:?}");
    Ok(())
}

pub async fn nonsense(place: Place) -> Result<()> {
    let server = place.server.url();
    let (unknown, cut, longer) = (vec![9], vec![1], vec![1, 2, 3]);
    for message in [Message::text("hello"), Message::binary(unknown), Message::binary(cut), Message::binary(longer)] {
        let mut page = Page::open(server, &place.cookie, server).await?;
        page.send(message.clone()).await?;
        ensure!(page.closed().await? == INVALID, "{message:?}");
    }
    let mut page = Page::open(server, &place.cookie, server).await?;
    let mark = place.mark().await?;
    for id in 0..=u32::try_from(MOST_TOPICS)? {
        page.ask(&Ask::Follow { id, topic: place.topic(TopicOf::FirstRun)?, mark }).await?;
    }
    ensure!(page.closed().await? == AGAIN);
    let bad = RunFilter { names: vec!["x".repeat(300)], ..RunFilter::default() };
    let mut page = Page::open(server, &place.cookie, server).await?;
    page.ask(&Ask::Follow { id: 1, topic: place.topic(TopicOf::Runs { filter: bad })?, mark }).await?;
    ensure!(page.told().await? == Tell::Refused { id: 1 });
    Ok(())
}

pub async fn local(place: Place) -> Result<()> {
    let server = place.server.url();
    ensure!(refused(Page::open(server, "", "http://evil.example").await)? == 403);
    let mut page = Page::open(server, "", server).await?;
    page.follow(place.topic(TopicOf::FirstRun)?, place.mark().await?).await
}
