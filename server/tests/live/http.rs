//! Requests of a browser, with its cookie, as bytes: the clients of the other tests keep their cookies to themselves.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// Posts from a page of the server itself.
pub async fn post(server: &str, path: &str, kind: &str, cookie: &str, body: &str) -> Result<Answer> {
    let host = server.strip_prefix("http://").context("a plain address")?;
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {server}\r\n{cookie}Content-Type: {kind}\r\n\
         Accept: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(host).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    let (head, body) = text.split_once("\r\n\r\n").context("no answer")?;
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

/// Signs in; the session's cookie.
pub async fn sign_in(server: &str, email: &str, password: &str) -> Result<String> {
    let form = format!("email={}&password={}", email.replace('@', "%40"), password.replace(' ', "+"));
    let answer = post(server, "/ui/sign-in", "application/x-www-form-urlencoded", "", &form).await?;
    let cookie =
        answer.head.lines().find_map(|line| line.to_lowercase().starts_with("set-cookie:").then(|| line[11..].trim()));
    let cookie = cookie.with_context(|| format!("no cookie: {} {}", answer.head, answer.body))?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// What a server function answers.
pub async fn ask(server: &str, cookie: &str, function: &str, body: &Value) -> Result<Value> {
    let answer = post(server, &format!("/ui/{function}"), "application/json", cookie, &body.to_string()).await?;
    ensure!(answer.status == 200, "{function} answered {}: {}", answer.status, answer.body);
    serde_json::from_str(&answer.body).with_context(|| format!("no JSON: {}", answer.body))
}
