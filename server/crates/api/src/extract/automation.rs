//! Who created a run, as the headers say that the actions of automations send.

use axum::extract::FromRequestParts;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, request::Parts};
use model::flow_run::CreatedBy;
use serde_json::json;
use uuid::Uuid;

use crate::{error::ApiError, extract::validation::validation_error};

const ID: &str = "prefect-automation-id";
/// In Base64, because names of automations have any characters.
const NAME: &str = "prefect-automation-name";
/// No automation has a longer name.
const MAX_NAME_BYTES: usize = 2_048;

/// The automation that makes a call; none for other callers.
#[derive(Clone, Debug)]
pub struct Automation(pub Option<CreatedBy>);

impl<S: Send + Sync> FromRequestParts<S> for Automation {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        automation(&parts.headers).map(Self)
    }
}

/// Both headers are needed, and a name that can't be read counts as none.
fn automation(headers: &HeaderMap) -> Result<Option<CreatedBy>, ApiError> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(id) = text(ID) else { return Ok(None) };
    let id = Uuid::try_parse(id)
        .map_err(|error| validation_error("header", json!({ID: id}), vec![ID.into()], &error.to_string()))?;
    let name =
        text(NAME).filter(|name| name.len() <= MAX_NAME_BYTES).and_then(|name| BASE64_STANDARD.decode(name).ok());
    let name =
        name.and_then(|name| String::from_utf8(name).ok()).filter(|name| !name.is_empty() && !name.contains('\0'));
    Ok(name.map(|name| CreatedBy { id: Some(id), kind: Some("AUTOMATION".to_owned()), display_value: Some(name) }))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName};

    use super::{ID, NAME, automation};

    const AUTOMATION: &str = "20000000-0000-4000-8000-000000000001";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn an_automation_is_named_by_both_headers() {
        let created_by = automation(&headers(&[(ID, AUTOMATION), (NAME, "bmlnaHRseQ==")])).unwrap().unwrap();
        assert_eq!(created_by.display_value.as_deref(), Some("nightly"));
        assert_eq!(created_by.id.unwrap().to_string(), AUTOMATION);
        for incomplete in [&[(ID, AUTOMATION)][..], &[(NAME, "bmlnaHRseQ==")], &[(ID, AUTOMATION), (NAME, "%")], &[]] {
            assert_eq!(automation(&headers(incomplete)), Ok(None), "{incomplete:?}");
        }
    }

    #[test]
    fn an_automation_has_a_uuid() {
        assert_eq!(automation(&headers(&[(ID, "x"), (NAME, "bmlnaHRseQ==")])).unwrap_err().status(), 422);
    }
}
