//! A client for a server's public HTTP API with a base address and an optional key. Must not know any route.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::RequestBuilder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::load::Target;

const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
}

impl Api {
    /// `base` is the address that routes are relative to, such as `http://127.0.0.1:4200/api`.
    pub fn new(base: impl Into<String>, key: Option<&str>) -> Result<Self> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self { http, base: base.into(), key: key.map(str::to_owned) })
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// The same address and key for `load`, which sends requests at lower cost.
    pub fn target(&self) -> Result<Target> {
        Target::new(&self.base, self.key.as_deref())
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.send(path, self.http.get(self.address(path))).await
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.send(path, self.http.post(self.address(path)).json(body)).await
    }

    /// Any request with any answer: its status and its text.
    pub async fn call(
        &self,
        method: &str,
        path: &str,
        headers: impl IntoIterator<Item = (&str, &str)>,
        body: Option<String>,
    ) -> Result<(u16, String)> {
        let mut request = self.authorized(self.http.request(method.parse()?, self.address(path)));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.with_context(|| format!("{path}: no response"))?;
        let status = response.status().as_u16();
        Ok((status, response.text().await.with_context(|| format!("{path}: broken response"))?))
    }

    /// How many bytes the body of the answer to a POST request has in an encoding.
    pub async fn answer_bytes(&self, path: &str, encoding: &str, body: &str) -> Result<usize> {
        let request = self.authorized(self.http.post(self.address(path)));
        let request = request.header("content-type", "application/json").header("accept-encoding", encoding);
        let response = request.body(body.to_owned()).send().await.with_context(|| format!("{path}: no response"))?;
        ensure!(response.status().is_success(), "{path} returned {}", response.status());
        Ok(response.bytes().await.with_context(|| format!("{path}: broken response"))?.len())
    }

    /// The status of a GET request; statuses outside 2xx are not an error.
    pub async fn status(&self, path: &str) -> Result<u16> {
        let response = self.authorized(self.http.get(self.address(path))).send().await?;
        Ok(response.status().as_u16())
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    async fn send<T: DeserializeOwned>(&self, path: &str, request: RequestBuilder) -> Result<T> {
        let response = self.authorized(request).send().await.with_context(|| format!("{path}: no response"))?;
        let status = response.status();
        let body = response.text().await.with_context(|| format!("{path}: broken response"))?;
        ensure!(status.is_success(), "{path} returned {status}: {body}");
        serde_json::from_str(&body).with_context(|| format!("{path} returned an unexpected body: {body}"))
    }
}
