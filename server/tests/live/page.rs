//! An open page, as the server sees it: a socket that asks and is told.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures::{SinkExt as _, StreamExt as _};
use model::live::{Ask, Mark, News, PATH, Tell, Topic};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};

/// From a call to the open page: well within a second. A busy machine gets a little more.
const SOON: Duration = Duration::from_secs(3);

pub struct Page(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Page {
    /// Opens the socket from a page of `origin`.
    pub async fn open(server: &str, cookie: &str, origin: &str) -> Result<Self, tungstenite::Error> {
        let mut request = format!("{}{PATH}", server.replace("http://", "ws://")).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("origin", origin.parse().expect("an origin is a header's value"));
        if !cookie.is_empty() {
            headers.insert("cookie", cookie.parse().expect("a cookie is a header's value"));
        }
        Ok(Self(connect_async(request).await?.0))
    }

    pub async fn send(&mut self, message: Message) -> Result<()> {
        Ok(self.0.send(message).await?)
    }

    pub async fn ask(&mut self, ask: &Ask) -> Result<()> {
        self.send(Message::binary(postcard::to_allocvec(ask)?)).await
    }

    /// Follows a topic as number 1, which must be taken.
    pub async fn follow(&mut self, topic: Topic, mark: Mark) -> Result<()> {
        self.ask(&Ask::Follow { id: 1, topic, mark }).await?;
        match self.told().await? {
            Tell::Following { id: 1 } => Ok(()),
            other => bail!("not followed: {other:?}"),
        }
    }

    /// What is told next.
    pub async fn told(&mut self) -> Result<Tell> {
        loop {
            let frame =
                timeout(SOON, self.0.next()).await.context("nothing is told")?.context("the socket ended")??;
            match frame {
                Message::Binary(packed) => return Ok(postcard::from_bytes(&packed)?),
                Message::Ping(_) | Message::Pong(_) => {}
                other => bail!("instead of news: {other:?}"),
            }
        }
    }

    /// News, one after the other, until `found` finds in them what is waited for.
    pub async fn until<T>(&mut self, mut found: impl FnMut(News) -> Option<T>) -> Result<T> {
        loop {
            match self.told().await? {
                Tell::News { id: 1, news, .. } => {
                    if let Some(found) = found(news) {
                        return Ok(found);
                    }
                }
                other => bail!("instead of news: {other:?}"),
            }
        }
    }

    /// The code with which the server closes the socket, whatever it told before.
    pub async fn closed(&mut self) -> Result<u16> {
        loop {
            let frame =
                timeout(SOON, self.0.next()).await.context("the socket stays open")?.context("no close frame")??;
            if let Message::Close(close) = frame {
                return Ok(close.context("no code")?.code.into());
            }
        }
    }
}

/// The status with which an upgrade was refused.
pub fn refused(opened: Result<Page, tungstenite::Error>) -> Result<u16> {
    match opened {
        Err(tungstenite::Error::Http(answer)) => Ok(answer.status().as_u16()),
        Err(other) => bail!("no answer: {other}"),
        Ok(_) => bail!("the socket was opened"),
    }
}
