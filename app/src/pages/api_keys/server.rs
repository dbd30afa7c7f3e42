//! The server functions of API keys: doors into `control::api_key`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    api_key::{ApiKey, KeyList, KeySort},
    id::ApiKeyId,
    workspace::MeWorkspace,
};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Outcome};

/// The caller's keys.
#[server(prefix = "/ui", endpoint = "api-keys", output = Postcard)]
pub async fn list_keys(#[server(default)] search: String, sort: KeySort) -> Result<KeyList, Error> {
    let (visit, caller) = crate::context::visitor().await?;
    Ok(control::api_key::list(&visit.cx, caller, &search, sort).await?)
}

/// A new key: the only time that its secret leaves the server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    pub secret: String,
    pub key: ApiKey,
    /// What it opens: the commands beside it name them.
    pub workspaces: Vec<MeWorkspace>,
}

/// Makes a key that ends after one of [`super::create::LIVES`].
#[server(prefix = "/ui", endpoint = "create-api-key", output = Postcard)]
pub async fn create_key(name: String, expires: String) -> Result<Outcome<NewKey>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Filled, is_plain_form, visitor};

    let (visit, caller) = visitor().await?;
    let form = Filled { form: CreateKey::PATH, page: "/my/api-keys".to_owned(), typed: vec![("name", name.clone())] };
    let result = async {
        if is_plain_form() {
            // Its answer is a redirect, which must not carry a secret.
            return Err(control::Error::Conflict(
                "A key is made with JavaScript on: it is shown once, by a script.".to_owned(),
            ));
        }
        let life = super::create::life(&expires);
        let life = life.ok_or_else(|| control::Error::invalid("expires", "Choose one of these."))?;
        let expires = life.map(|life| visit.cx.clock.now().plus_micros(life.micros()));
        let new = control::api_key::NewKey { name, expires };
        // Read before: once there is a key, nothing may keep it from being shown.
        let workspaces = control::workspace::me_workspaces(&visit.cx, caller).await?;
        let made = control::api_key::create(&visit.cx, caller, new, visit.origin).await?;
        Ok(NewKey { secret: made.secret.reveal().to_owned(), key: made.key, workspaces })
    };
    visit.answer(result.await, form, |_| None)
}

/// Deletes a key.
#[server(prefix = "/ui", endpoint = "delete-api-key", output = Postcard)]
pub async fn delete_key(id: ApiKeyId) -> Result<Outcome<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Filled, visitor};

    let (visit, caller) = visitor().await?;
    let form = Filled { form: DeleteKey::PATH, page: "/my/api-keys".to_owned(), typed: Vec::new() };
    let result = control::api_key::delete(&visit.cx, caller, id, visit.origin).await;
    visit.answer(result, form, |()| None)
}
