//! Requests of a browser, with its cookie, as bytes: the clients of the other tests keep their cookies to themselves.

use anyhow::{Context as _, Result, ensure};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// Posts from a page of the server itself.
pub async fn post(server: &str, path: &str, kind: &str, cookie: &str, body: &[u8]) -> Result<Answer> {
    let host = server.strip_prefix("http://").context("a plain address")?;
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {server}\r\n{cookie}Content-Type: {kind}\r\n\
         Accept: application/x-postcard\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(&[request.as_bytes(), body].concat()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").context("no answer")?;
    let (head, body) = (std::str::from_utf8(&answer[..end])?, &answer[end + 4..]);
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_vec() })
}

/// Signs in; the session's cookie.
pub async fn sign_in(server: &str, email: &str, password: &str) -> Result<String> {
    let form = format!("email={}&password={}", email.replace('@', "%40"), password.replace(' ', "+"));
    let answer = post(server, "/ui/sign-in", "application/x-www-form-urlencoded", "", form.as_bytes()).await?;
    let cookie =
        answer.head.lines().find_map(|line| line.to_lowercase().starts_with("set-cookie:").then(|| line[11..].trim()));
    let cookie = cookie.with_context(|| format!("no cookie: {}", answer.head))?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// What a server function answers to its arguments, which are sent in the order in which it takes them.
pub async fn ask<T: DeserializeOwned>(
    server: &str,
    cookie: &str,
    function: &str,
    arguments: &impl Serialize,
) -> Result<T> {
    let packed = postcard::to_allocvec(arguments)?;
    let answer = post(server, &format!("/ui/{function}"), "application/x-postcard", cookie, &packed).await?;
    ensure!(answer.status == 200, "{function} answered {}", answer.status);
    postcard::from_bytes(&answer.body).with_context(|| format!("{function} answered something else"))
}
