//! Access to the live socket and to topics, and the reasons to close the socket.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use model::{
    live::{ClientMessage, MAX_TOPICS, ServerMessage, TopicKind},
    screen::RunFilter,
};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    fixture::LiveFixture,
    http,
    page::{Page, rejected_status},
};

/// The caller may no longer read.
const POLICY: u16 = 1008;
const INVALID: u16 = 1007;
const AGAIN: u16 = 1013;

/// Settings with which a session expires soon.
pub const SHORT_SESSIONS: &str = "session_idle = '5s'\nsession_absolute = '5s'\n";
/// Much longer than a session of [`SHORT_SESSIONS`].
const TIMEOUT: Duration = Duration::from_secs(30);

pub async fn upgrades(fixture: LiveFixture) -> Result<()> {
    let (server, cookie) = (fixture.server.url(), fixture.cookie.as_str());
    let wrong = format!("{cookie}x");
    for cookie in ["", wrong.as_str()] {
        ensure!(Page::open(server, cookie, server).await?.close_code().await? == POLICY, "{cookie:?}");
    }
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        ensure!(rejected_status(Page::open(server, cookie, origin).await)? == 403, "{origin}");
    }
    let mut page = Page::open(server, cookie, server).await?;
    page.subscribe(fixture.topic(TopicKind::FirstRun)?, fixture.position().await?).await
}

/// Needs a server with [`SHORT_SESSIONS`].
pub async fn expired(fixture: LiveFixture) -> Result<()> {
    let server = fixture.server.url();
    drop(Page::open(server, &fixture.cookie, server).await?);
    // While the session is valid its sockets stay open.
    let expired = async {
        loop {
            let mut page = Page::open(server, &fixture.cookie, server).await?;
            if let Ok(code) = timeout(Duration::from_millis(100), page.close_code()).await {
                return code;
            }
        }
    };
    let code = timeout(TIMEOUT, expired).await.context("the session does not end")??;
    ensure!(code == POLICY, "closed with {code}");
    Ok(())
}

pub async fn foreign_topics(fixture: LiveFixture) -> Result<()> {
    let other = fixture.other_user().await?;
    let run = fixture.create_run().await?;
    let position = fixture.position().await?;
    let mut page = Page::open(fixture.server.url(), &other, fixture.server.url()).await?;
    let topics = [
        TopicKind::Runs { filter: RunFilter::default() },
        TopicKind::Run { flow_run: run.parse()?, level: 0, lines: false },
        TopicKind::FirstRun,
    ];
    for of in topics {
        page.send_message(&ClientMessage::Subscribe { id: 3, topic: fixture.topic(of)?, position }).await?;
        let message = page.receive().await?;
        ensure!(message == ServerMessage::Refused { id: 3 }, "{message:?}");
    }
    Ok(())
}

pub async fn sign_out(fixture: LiveFixture) -> Result<()> {
    let server = fixture.server.url();
    let mut page = Page::open(server, &fixture.cookie, server).await?;
    page.subscribe(fixture.topic(TopicKind::FirstRun)?, fixture.position().await?).await?;
    http::post(server, "/ui/sign-out", "application/x-www-form-urlencoded", &fixture.cookie, b"").await?;
    ensure!(page.close_code().await? == POLICY);
    ensure!(Page::open(server, &fixture.cookie, server).await?.close_code().await? == POLICY);
    Ok(())
}

/// How soon a server closes the sockets of sessions that an administration command has ended.
const WITHIN: Duration = Duration::from_secs(1);

/// `provost admin set-password` ends the sessions and the sockets of a server that runs at the same time.
pub async fn set_password(fixture: LiveFixture) -> Result<()> {
    let server = fixture.server.url();
    let mut page = Page::open(server, &fixture.cookie, server).await?;
    page.subscribe(fixture.topic(TopicKind::FirstRun)?, fixture.position().await?).await?;
    let new = "eighteen loud kestrels\n";
    fixture.server.admin(&["set-password", "--user", "ann", "--password-file", "-"], new).await?;
    let committed = Instant::now();
    ensure!(page.close_code().await? == POLICY);
    ensure!(committed.elapsed() < WITHIN, "closed after {:?}", committed.elapsed());
    ensure!(Page::open(server, &fixture.cookie, server).await?.close_code().await? == POLICY);
    Ok(())
}

pub async fn deleted_workspace(fixture: LiveFixture) -> Result<()> {
    let server = fixture.server.url();
    let mut page = Page::open(server, &fixture.cookie, server).await?;
    page.subscribe(fixture.topic(TopicKind::FirstRun)?, fixture.position().await?).await?;
    let mut idle = Page::open(server, &fixture.cookie, server).await?;
    fixture.delete_workspace().await?;
    ensure!(page.close_code().await? == POLICY);
    // A socket without a subscription to the workspace stays open, but can't subscribe to it any more.
    let topic = fixture.topic(TopicKind::FirstRun)?;
    idle.send_message(&ClientMessage::Subscribe { id: 1, topic, position: model::live::StreamPosition::default() })
        .await?;
    let message = idle.receive().await?;
    ensure!(message == ServerMessage::Refused { id: 1 }, "{message:?}");
    Ok(())
}

pub async fn invalid_messages(fixture: LiveFixture) -> Result<()> {
    let server = fixture.server.url();
    let (unknown, truncated, too_long) = (vec![9], vec![1], vec![1, 2, 3]);
    for message in
        [Message::text("hello"), Message::binary(unknown), Message::binary(truncated), Message::binary(too_long)]
    {
        let mut page = Page::open(server, &fixture.cookie, server).await?;
        page.send(message.clone()).await?;
        ensure!(page.close_code().await? == INVALID, "{message:?}");
    }
    let mut page = Page::open(server, &fixture.cookie, server).await?;
    let position = fixture.position().await?;
    for id in 0..=u32::try_from(MAX_TOPICS)? {
        page.send_message(&ClientMessage::Subscribe { id, topic: fixture.topic(TopicKind::FirstRun)?, position })
            .await?;
    }
    ensure!(page.close_code().await? == AGAIN);
    let bad = RunFilter { names: vec!["x".repeat(300)], ..RunFilter::default() };
    let mut page = Page::open(server, &fixture.cookie, server).await?;
    page.send_message(&ClientMessage::Subscribe {
        id: 1,
        topic: fixture.topic(TopicKind::Runs { filter: bad })?,
        position,
    })
    .await?;
    ensure!(page.receive().await? == ServerMessage::Refused { id: 1 });
    Ok(())
}

pub async fn local(fixture: LiveFixture) -> Result<()> {
    let server = fixture.server.url();
    ensure!(rejected_status(Page::open(server, "", "http://evil.example").await)? == 403);
    let mut page = Page::open(server, "", server).await?;
    page.subscribe(fixture.topic(TopicKind::FirstRun)?, fixture.position().await?).await
}
