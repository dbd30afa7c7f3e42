//! Raw HTTP requests with a browser's cookie, because the HTTP clients of the other tests do not expose their cookies.

use anyhow::{Context as _, Result, ensure};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// Posts with the server's own origin.
pub async fn post(server: &str, path: &str, content_type: &str, cookie: &str, body: &[u8]) -> Result<Response> {
    let host = server.strip_prefix("http://").context("an http:// URL")?;
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {server}\r\n{cookie}Content-Type: {content_type}\r\n\
         Accept: application/x-postcard\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(&[request.as_bytes(), body].concat()).await?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await?;
    let end = response.windows(4).position(|four| four == b"\r\n\r\n").context("no response")?;
    let (head, body) = (std::str::from_utf8(&response[..end])?, &response[end + 4..]);
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    Ok(Response { status, head: head.to_owned(), body: body.to_vec() })
}

/// Requests a page as a browser does, and leaves its response to be read.
pub async fn request_page(server: &str, path: &str, cookie: &str, encoding: &str) -> Result<TcpStream> {
    let host = server.strip_prefix("http://").context("an http:// URL")?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\
         Accept-Encoding: {encoding}\r\nConnection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// Reads at least once, and until what was read contains `end`.
pub async fn read_until(stream: &mut TcpStream, end: &str) -> Result<String> {
    let (mut read, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let count = stream.read(&mut buffer).await?;
        read.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&read);
        if text.contains(end) {
            return Ok(text.into_owned());
        }
        ensure!(count > 0, "the response ended without {end}: {text}");
    }
}

/// Signs in and returns the session cookie.
pub async fn sign_in(server: &str, email: &str, password: &str) -> Result<String> {
    let form = format!("email={}&password={}", email.replace('@', "%40"), password.replace(' ', "+"));
    let response = post(server, "/ui/sign-in", "application/x-www-form-urlencoded", "", form.as_bytes()).await?;
    let cookie = response
        .head
        .lines()
        .find_map(|line| line.to_lowercase().starts_with("set-cookie:").then(|| line[11..].trim()));
    let cookie = cookie.with_context(|| format!("no cookie: {}", response.head))?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// Calls a server function with its arguments in the order of its parameters.
pub async fn call<T: DeserializeOwned>(
    server: &str,
    cookie: &str,
    function: &str,
    arguments: &impl Serialize,
) -> Result<T> {
    let packed = postcard::to_allocvec(arguments)?;
    let response = post(server, &format!("/ui/{function}"), "application/x-postcard", cookie, &packed).await?;
    ensure!(response.status == 200, "{function} returned {}", response.status);
    postcard::from_bytes(&response.body).with_context(|| format!("{function} returned an unexpected body"))
}
