//! A minimal HTTP/1.1 client with low cost per request, over kept-alive connections. Must not know the requests.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A running server responds sooner.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Largest accepted response body in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// The server, and the path prefix and API key of all requests.
#[derive(Clone, Debug)]
pub struct Target {
    host: String,
    prefix: String,
    key: Option<String>,
}

impl Target {
    /// `base` is a URL without TLS, such as `http://127.0.0.1:4200/api`.
    pub fn new(base: &str, key: Option<&str>) -> Result<Self> {
        let rest = base.strip_prefix("http://").with_context(|| format!("{base} does not begin with http://"))?;
        let (host, prefix) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        Ok(Self { host: host.to_owned(), prefix: prefix.to_owned(), key: key.map(str::to_owned) })
    }

    /// The header lines of every request, up to the value of content-length.
    fn headers(&self) -> String {
        let key = self.key.as_ref().map(|key| format!("authorization: Bearer {key}\r\n")).unwrap_or_default();
        format!("host: {}\r\n{key}content-type: application/json\r\ncontent-length: ", self.host)
    }
}

/// A connection that sends one request after the other.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    prefix: String,
    headers: String,
    buffer: Vec<u8>,
}

/// Status and body of a response; the body lives in the connection's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Response<'c> {
    pub status: u16,
    pub body: &'c [u8],
}

impl Connection {
    pub async fn open(target: &Target) -> Result<Self> {
        let stream =
            TcpStream::connect(&target.host).await.with_context(|| format!("cannot connect to {}", target.host))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            prefix: target.prefix.clone(),
            headers: target.headers(),
            buffer: Vec::with_capacity(16_384),
        })
    }

    pub async fn get(&mut self, path: &str) -> Result<Response<'_>> {
        self.send("GET", path, b"").await
    }

    pub async fn post(&mut self, path: &str, body: &[u8]) -> Result<Response<'_>> {
        self.send("POST", path, body).await
    }

    async fn send(&mut self, method: &str, path: &str, body: &[u8]) -> Result<Response<'_>> {
        let Self { prefix, headers, .. } = self;
        let mut request = format!("{method} {prefix}{path} HTTP/1.1\r\n{headers}{}\r\n\r\n", body.len()).into_bytes();
        request.extend_from_slice(body);
        let exchange = timeout(TIMEOUT, async {
            self.stream.write_all(&request).await?;
            self.read_response().await
        });
        let (status, start) = exchange.await.with_context(|| format!("{method} {path}: no response in time"))??;
        Ok(Response { status, body: &self.buffer[start..] })
    }

    /// Reads one complete response into the buffer; returns its status and the offset of its body.
    async fn read_response(&mut self) -> Result<(u16, usize)> {
        self.buffer.clear();
        let head = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more().await?;
        };
        let (status, length) = read_head(&self.buffer[..head])?;
        ensure!(length <= LARGEST, "a response of {length} bytes is too large");
        while self.buffer.len() < head + length {
            self.read_more().await?;
        }
        ensure!(self.buffer.len() == head + length, "the server sent more than the response");
        Ok((status, head))
    }

    async fn read_more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)).context("the server closed the connection")?;
        }
        Ok(())
    }
}

/// Parses the status and the content-length of a response head.
fn read_head(head: &[u8]) -> Result<(u16, usize)> {
    let text = std::str::from_utf8(head).context("the response head is not UTF-8")?;
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
    if status == 204 { Ok((status, 0)) } else { bail!("a response without content-length: {text:?}") }
}

#[cfg(test)]
mod tests {
    use super::{Target, read_head};

    #[test]
    fn response_head_is_parsed() {
        let head = |text: &str| read_head(text.as_bytes());
        assert_eq!(head("HTTP/1.1 201 Created\r\nContent-Length: 12\r\n\r\n").unwrap(), (201, 12));
        assert_eq!(head("HTTP/1.1 204 No Content\r\nx: y\r\n\r\n").unwrap(), (204, 0));
        assert!(head("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(head("nonsense\r\n\r\n").is_err());
    }

    #[test]
    fn target_is_parsed_from_its_url() {
        let target = Target::new("http://127.0.0.1:4200/api", Some("k")).unwrap();
        assert_eq!((target.host.as_str(), target.prefix.as_str()), ("127.0.0.1:4200", "/api"));
        assert_eq!(Target::new("http://h:1", None).unwrap().prefix, "");
        assert!(Target::new("https://h", None).is_err());
    }
}
