//! An open page as the server sees it: a live socket.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures::{SinkExt as _, StreamExt as _};
use model::live::{ClientMessage, PATH, ServerMessage, StreamPosition, Topic};
use serde::de::DeserializeOwned;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};

/// An update arrives well within a second; the timeout allows for a busy machine.
const TIMEOUT: Duration = Duration::from_secs(3);

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

    pub async fn send_message(&mut self, message: &ClientMessage) -> Result<()> {
        self.send(Message::binary(postcard::to_allocvec(message)?)).await
    }

    /// Subscribes to a topic with the id 1; the server must accept it.
    pub async fn subscribe(&mut self, topic: Topic, position: StreamPosition) -> Result<()> {
        self.send_message(&ClientMessage::Subscribe { id: 1, topic, position }).await?;
        match self.receive().await? {
            ServerMessage::Subscribed { id: 1 } => Ok(()),
            other => bail!("not subscribed: {other:?}"),
        }
    }

    /// The next message.
    pub async fn receive(&mut self) -> Result<ServerMessage> {
        loop {
            let frame = timeout(TIMEOUT, self.0.next()).await.context("no message")?.context("the socket ended")??;
            match frame {
                Message::Binary(packed) => return Ok(postcard::from_bytes(&packed)?),
                Message::Ping(_) | Message::Pong(_) => {}
                other => bail!("instead of an update: {other:?}"),
            }
        }
    }

    /// Whether the topic is subscribed and not to be reloaded within half a second.
    pub async fn settles(&mut self) -> Result<bool> {
        let subscribed = self.receive().await?;
        match timeout(Duration::from_millis(500), self.receive()).await {
            Err(_) => Ok(subscribed == ServerMessage::Subscribed { id: 1 }),
            Ok(message) => message.map(|_| false),
        }
    }

    /// Receives updates until `find` returns a value, which is returned.
    pub async fn wait_for<U: DeserializeOwned, T>(&mut self, mut find: impl FnMut(U) -> Option<T>) -> Result<T> {
        loop {
            match self.receive().await? {
                ServerMessage::Update { id: 1, update, .. } => {
                    if let Some(found) = find(postcard::from_bytes(&update)?) {
                        return Ok(found);
                    }
                }
                other => bail!("instead of an update: {other:?}"),
            }
        }
    }

    /// The code with which the server closes the socket; messages before it are skipped.
    pub async fn close_code(&mut self) -> Result<u16> {
        loop {
            let frame =
                timeout(TIMEOUT, self.0.next()).await.context("the socket stays open")?.context("no close frame")??;
            if let Message::Close(close) = frame {
                return Ok(close.context("no code")?.code.into());
            }
        }
    }
}

/// The status of a rejected upgrade.
pub fn rejected_status(opened: Result<Page, tungstenite::Error>) -> Result<u16> {
    match opened {
        Err(tungstenite::Error::Http(response)) => Ok(response.status().as_u16()),
        Err(other) => bail!("no response: {other}"),
        Ok(_) => bail!("the socket was opened"),
    }
}
