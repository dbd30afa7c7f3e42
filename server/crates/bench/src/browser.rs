//! A person signed in by cookie, who posts what the pages' forms post. Must not know what a page looks like.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use model::api_key::KeyList;

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
        let answer = self.post("api-keys", &[("search", name), ("sort", "newest")]).await?;
        // What stands behind the list is of no use here.
        let (list, _) = postcard::take_from_bytes::<KeyList>(&answer).context("no list of keys")?;
        let key = list.keys.iter().find(|key| key.name == name).with_context(|| format!("no key {name}"))?;
        self.post("delete-api-key", &[("id", &key.id.to_string())]).await?;
        Ok(())
    }

    /// What is answered, packed as a page's script takes it.
    async fn post(&self, form: &str, fields: &[(&str, &str)]) -> Result<Vec<u8>> {
        let request = self.http.post(format!("{}/ui/{form}", self.server)).form(fields);
        // A browser's script names where the page came from; without it the server takes no cookie.
        let request = request.header("origin", &self.server).header("accept", "application/x-postcard");
        let answer = request.send().await.with_context(|| format!("{form}: no answer"))?;
        let status = answer.status();
        ensure!(status.is_success(), "{form} answered {status}");
        Ok(answer.bytes().await?.to_vec())
    }
}
