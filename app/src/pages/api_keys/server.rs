//! The server functions of API keys. Each calls one use case of `control::api_key`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    api_key::{ApiKey, KeyList, KeySort},
    id::ApiKeyId,
    workspace::MeWorkspace,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, FormResult},
    secret::Secret,
};

/// The caller's keys.
#[server(prefix = "/ui", endpoint = "api-keys", output = Postcard)]
pub async fn list_keys(#[server(default)] search: String, sort: KeySort) -> Result<KeyList, Error> {
    let (context, caller) = crate::context::authenticated().await?;
    Ok(control::api_key::list(&context.cx, caller, &search, sort).await?)
}

/// A new key. Only this response contains its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedKey {
    pub secret: Secret,
    pub key: ApiKey,
    /// The caller's workspaces, for the commands that are shown with the key.
    pub workspaces: Vec<MeWorkspace>,
}

/// Creates a key with one of [`super::lifetime::LIFETIMES`].
#[server(prefix = "/ui", endpoint = "create-api-key", output = Postcard)]
pub async fn create_key(name: String, expires: String) -> Result<FormResult<CreatedKey>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated, is_plain_form};

    let (context, caller) = authenticated().await?;
    let submission = Submission {
        form: CreateKey::PATH,
        page: crate::links::api_keys_path().to_owned(),
        typed: vec![("name", name.clone())],
    };
    let result = async {
        if is_plain_form() {
            // The response is a redirect, which must not contain the secret.
            return Err(control::Error::Conflict("Creating a key needs JavaScript.".to_owned()));
        }
        let lifetime = super::lifetime::parse_lifetime(&expires);
        let lifetime = lifetime.ok_or_else(|| control::Error::invalid("expires", "Choose an expiry from the list."))?;
        let expires = lifetime.map(|lifetime| context.cx.clock.now().plus_micros(lifetime.micros()));
        let new = control::api_key::NewKey { name, expires };
        // Loaded first: once the key exists, no error may prevent that it is shown.
        let workspaces = control::workspace::me_workspaces(&context.cx, caller).await?;
        let created = control::api_key::create(&context.cx, caller, new, context.client).await?;
        Ok(CreatedKey { secret: Secret::reveal(created.secret.reveal()), key: created.key, workspaces })
    };
    context.form_response(result.await, submission, |_| None)
}

/// Deletes a key.
#[server(prefix = "/ui", endpoint = "delete-api-key", output = Postcard)]
pub async fn delete_key(id: ApiKeyId) -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let submission =
        Submission { form: DeleteKey::PATH, page: crate::links::api_keys_path().to_owned(), typed: Vec::new() };
    let result = control::api_key::delete(&context.cx, caller, id, context.client).await;
    context.form_response(result, submission, |()| None)
}
