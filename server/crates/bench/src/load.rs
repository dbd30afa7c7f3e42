//! Requests at the least cost to whoever sends them: HTTP/1.1 over connections that are kept. Must not know what is asked.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No answer of a server that is alive takes so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// No answer that is asked for here is larger.
const LARGEST: usize = 4 * 1024 * 1024;

/// Where requests go: a server, the path that all of them begin with, and the key that all of them carry.
#[derive(Clone, Debug)]
pub struct Target {
    host: String,
    prefix: String,
    key: Option<String>,
}

impl Target {
    /// `base` is an address without encryption, such as `http://127.0.0.1:4200/api`.
    pub fn new(base: &str, key: Option<&str>) -> Result<Self> {
        let rest = base.strip_prefix("http://").with_context(|| format!("{base} does not begin with http://"))?;
        let (host, prefix) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        Ok(Self { host: host.to_owned(), prefix: prefix.to_owned(), key: key.map(str::to_owned) })
    }

    /// The part of every request that stays the same, up to its length.
    fn fields(&self) -> String {
        let key = self.key.as_ref().map(|key| format!("authorization: Bearer {key}\r\n")).unwrap_or_default();
        format!("host: {}\r\n{key}content-type: application/json\r\ncontent-length: ", self.host)
    }
}

/// A connection that one request after the other goes over.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    prefix: String,
    fields: String,
    buffer: Vec<u8>,
}

/// What came back.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'c> {
    pub status: u16,
    pub body: &'c [u8],
}

impl Connection {
    pub async fn open(target: &Target) -> Result<Self> {
        let stream = TcpStream::connect(&target.host).await.with_context(|| format!("no way to {}", target.host))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, prefix: target.prefix.clone(), fields: target.fields(), buffer: Vec::with_capacity(16_384) })
    }

    pub async fn get(&mut self, path: &str) -> Result<Answer<'_>> {
        self.send("GET", path, b"").await
    }

    pub async fn post(&mut self, path: &str, body: &[u8]) -> Result<Answer<'_>> {
        self.send("POST", path, body).await
    }

    async fn send(&mut self, method: &str, path: &str, body: &[u8]) -> Result<Answer<'_>> {
        let Self { prefix, fields, .. } = self;
        let mut request = format!("{method} {prefix}{path} HTTP/1.1\r\n{fields}{}\r\n\r\n", body.len()).into_bytes();
        request.extend_from_slice(body);
        let exchanged = timeout(PATIENCE, async {
            self.stream.write_all(&request).await?;
            self.read_answer().await
        });
        let (status, start) = exchanged.await.with_context(|| format!("{method} {path}: no answer in time"))??;
        Ok(Answer { status, body: &self.buffer[start..] })
    }

    /// Fills the buffer with one whole answer; its status, and where its body begins.
    async fn read_answer(&mut self) -> Result<(u16, usize)> {
        self.buffer.clear();
        let head = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more().await?;
        };
        let (status, length) = read_head(&self.buffer[..head])?;
        ensure!(length <= LARGEST, "an answer of {length} bytes");
        while self.buffer.len() < head + length {
            self.read_more().await?;
        }
        ensure!(self.buffer.len() == head + length, "more came than the answer");
        Ok((status, head))
    }

    async fn read_more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)).context("the server closed the connection")?;
        }
        Ok(())
    }
}

/// The status, and the length of the body.
fn read_head(head: &[u8]) -> Result<(u16, usize)> {
    let text = std::str::from_utf8(head).context("the head of an answer is no text")?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("no status in {text:?}"))?;
    for line in lines {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            return Ok((status, value.trim().parse().with_context(|| format!("{line:?}"))?));
        }
    }
    if status == 204 { Ok((status, 0)) } else { bail!("an answer that does not say its length: {text:?}") }
}

#[cfg(test)]
mod tests {
    use super::{Target, read_head};

    #[test]
    fn a_head_tells_status_and_length() {
        let head = |text: &str| read_head(text.as_bytes());
        assert_eq!(head("HTTP/1.1 201 Created\r\nContent-Length: 12\r\n\r\n").unwrap(), (201, 12));
        assert_eq!(head("HTTP/1.1 204 No Content\r\nx: y\r\n\r\n").unwrap(), (204, 0));
        assert!(head("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(head("nonsense\r\n\r\n").is_err());
    }

    #[test]
    fn a_target_is_read_from_its_address() {
        let target = Target::new("http://127.0.0.1:4200/api", Some("k")).unwrap();
        assert_eq!((target.host.as_str(), target.prefix.as_str()), ("127.0.0.1:4200", "/api"));
        assert_eq!(Target::new("http://h:1", None).unwrap().prefix, "");
        assert!(Target::new("https://h", None).is_err());
    }
}
