//! A person signed in by cookie, who posts what the pages' forms post. Must not know what a page looks like.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Browser {
    http: reqwest::Client,
    server: String,
}

impl Browser {
    pub async fn sign_in(server: &str, email: &str, password: &str) -> Result<Self> {
        let http = reqwest::Client::builder().cookie_store(true).timeout(PATIENCE).build()?;
        let browser = Self { http, server: server.to_owned() };
        browser.post("sign-in", &[("email", email), ("password", password)]).await?;
        Ok(browser)
    }

    /// Deletes the person's key of that name.
    pub async fn delete_key(&self, name: &str) -> Result<()> {
        let screen = self.post("api-keys", &[("search", name), ("sort", "newest")]).await?;
        let keys = screen.pointer("/list/keys").and_then(Value::as_array);
        let keys = keys.with_context(|| format!("no list of keys in {screen}"))?;
        let key = keys.iter().find(|key| key["name"] == name).with_context(|| format!("no key {name} in {screen}"))?;
        let id = key["id"].as_str().with_context(|| format!("a key without id: {key}"))?;
        self.post("delete-api-key", &[("id", id)]).await?;
        Ok(())
    }

    async fn post(&self, form: &str, fields: &[(&str, &str)]) -> Result<Value> {
        let request = self.http.post(format!("{}/ui/{form}", self.server)).form(fields);
        // A browser's script names where the page came from; without it the server takes no cookie.
        let request = request.header("origin", &self.server).header("accept", "application/json");
        let answer = request.send().await.with_context(|| format!("{form}: no answer"))?;
        let status = answer.status();
        let body = answer.text().await?;
        ensure!(status.is_success(), "{form} answered {status}: {body}");
        serde_json::from_str(&body).with_context(|| format!("{form} answered no JSON: {body}"))
    }
}
