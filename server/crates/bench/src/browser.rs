//! A browser session: signed in by cookie, posts the forms of pages. Must not know the HTML of a page.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use model::api_key::KeyList;

const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Browser {
    http: reqwest::Client,
    server: String,
}

impl Browser {
    pub async fn sign_in(server: &str, email: &str, password: &str) -> Result<Self> {
        let http = reqwest::Client::builder().cookie_store(true).timeout(TIMEOUT).build()?;
        let browser = Self { http, server: server.to_owned() };
        browser.post("sign-in", &[("email", email), ("password", password)]).await?;
        Ok(browser)
    }

    /// Deletes the user's API key with that name.
    pub async fn delete_key(&self, name: &str) -> Result<()> {
        let response = self.post("api-keys", &[("search", name), ("sort", "newest")]).await?;
        // The server function returns more values after the list; they are not needed.
        let (list, _) = postcard::take_from_bytes::<KeyList>(&response).context("the response has no list of keys")?;
        let key = list.keys.iter().find(|key| key.name == name).with_context(|| format!("no key {name}"))?;
        self.post("delete-api-key", &[("id", &key.id.to_string())]).await?;
        Ok(())
    }

    /// Posts a form and returns the body in postcard format, which the wasm of pages requests.
    async fn post(&self, form: &str, fields: &[(&str, &str)]) -> Result<Vec<u8>> {
        let request = self.http.post(format!("{}/ui/{form}", self.server)).form(fields);
        // Browsers send the origin of the page; without it the server ignores the cookie.
        let request = request.header("origin", &self.server).header("accept", "application/x-postcard");
        let response = request.send().await.with_context(|| format!("{form}: no response"))?;
        let status = response.status();
        ensure!(status.is_success(), "{form} returned {status}");
        Ok(response.bytes().await?.to_vec())
    }
}
