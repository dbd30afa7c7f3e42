//! JSON bodies: read completely, up to a size limit, and rejected with the location of the first error.

use std::error::Error as _;

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use http::{HeaderMap, header};
use http_body_util::LengthLimitError;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};

use crate::{
    error::{ApiError, ValidationErrors},
    extract::{
        strict::Strict,
        validation::{loc_of, validation_error},
    },
};

/// A larger body is answered with 413.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The body is part of the answer to a validation error only up to this size.
const MAX_ECHO_BYTES: usize = 64 * 1024;

/// A required body.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

/// An optional body: an empty one is read as `T::default()`.
#[derive(Clone, Debug)]
pub struct JsonOrEmpty<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        parse(&read(request).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for JsonOrEmpty<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = read(request).await?;
        if bytes.trim_ascii().is_empty() { Ok(Self(T::default())) } else { parse(&bytes).map(Self) }
    }
}

async fn read(request: Request) -> Result<Vec<u8>, ApiError> {
    let (parts, body) = request.into_parts();
    let too_large = ApiError::TooLarge { limit: MAX_BODY_BYTES };
    if content_length(&parts.headers).is_some_and(|length| length > MAX_BODY_BYTES as u64) {
        return Err(too_large);
    }
    if is_plain_text(&parts.headers) {
        return Err(body_error("dict_type", "the body must be JSON, not plain text"));
    }
    to_bytes(body, MAX_BODY_BYTES).await.map(Vec::from).map_err(|error| {
        let exceeds_limit = error.source().is_some_and(|cause| cause.is::<LengthLimitError>());
        // The other errors are a body that stopped arriving, and a broken connection, over which no answer is received.
        if exceeds_limit { too_large } else { ApiError::BodyTimeout }
    })
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_plain_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("text/plain")
}

/// Reads `bytes` as JSON of the shape `T`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    if bytes.trim_ascii().is_empty() {
        return Err(body_error("missing", "Field required"));
    }
    if let Some(error) = nesting_error(bytes) {
        return Err(error);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Strict(&mut deserializer)).map_err(|error| {
        let loc = loc_of(error.path());
        rejection(bytes, loc, error.inner())
    })?;
    deserializer.end().map_err(|error| rejection(bytes, Vec::new(), &error))?;
    Ok(value)
}

/// serde stops at the first value of a wrong type, and the text after it may be invalid JSON: a syntax error is reported first.
fn rejection(bytes: &[u8], loc: Vec<Value>, error: &serde_json::Error) -> ApiError {
    let echo = if bytes.len() <= MAX_ECHO_BYTES {
        serde_json::from_slice(bytes)
    } else {
        serde_json::from_slice::<IgnoredAny>(bytes).map(|_| Value::Null)
    };
    match echo {
        Ok(body) => validation_error("body", body, loc, &message(error)),
        Err(syntax_error) => invalid_json(&message(&syntax_error), syntax_error.line(), syntax_error.column()),
    }
}

fn invalid_json(message: &str, line: usize, column: usize) -> ApiError {
    let error = json!({
        "type": "json_invalid",
        "loc": ["body"],
        "msg": format!("JSON decode error: {message} at line {line} column {column}"),
        "input": {},
        "ctx": {"error": message, "line": line, "column": column},
    });
    ApiError::Invalid(Box::new(ValidationErrors { errors: vec![error], request_body: Value::Null }))
}

/// The deepest nesting of arrays and objects that `serde_json` reads. The depth is checked before parsing, because nothing else limits
/// the nesting inside ignored keys.
const MAX_DEPTH: usize = 127;

fn nesting_error(bytes: &[u8]) -> Option<ApiError> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            let line_start = bytes[..index].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
            let line = 1 + bytes[..index].iter().filter(|byte| **byte == b'\n').count();
            return Some(invalid_json("nested too deep", line, index - line_start + 1));
        }
    }
    None
}

/// An error of the whole body.
fn body_error(kind: &str, message: &str) -> ApiError {
    let error = json!({"type": kind, "loc": ["body"], "msg": message, "input": null});
    ApiError::Invalid(Box::new(ValidationErrors { errors: vec![error], request_body: Value::Null }))
}

/// The message without the position that `serde_json` appends.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::FromRequest, extract::Request};
    use http::{StatusCode, header};
    use model::{
        filter::query::FlowRunQuery, flow::FlowCreate, flow_run::FlowRunCreate, log::LogCreate,
        orchestration::SetState, wire::Object,
    };
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::{Json, JsonOrEmpty, MAX_BODY_BYTES, parse};
    use crate::error::ApiError;

    fn error_item<T: DeserializeOwned>(body: &str) -> Value {
        match parse::<T>(body.as_bytes()).map(|_| ()) {
            Err(ApiError::Invalid(validation)) => validation.errors[0].clone(),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn validation_errors_name_the_field() {
        let flow_run = |rest: &str| format!(r#"{{"flow_id": "ffc8be5d-17d2-4dfc-8b0b-223935274593", {rest}}}"#);
        let cases = [
            (error_item::<FlowCreate>("{}"), "missing", json!(["body", "name"])),
            (error_item::<FlowCreate>(r#"{"name": 1}"#), "value_error", json!(["body", "name"])),
            (error_item::<FlowCreate>(r#"{"name": "a/b"}"#), "value_error", json!(["body", "name"])),
            (error_item::<FlowCreate>(r#"{"name": "a", "x": 1}"#), "extra_forbidden", json!(["body", "x"])),
            (error_item::<FlowCreate>(r#"{"name": "a", "tags": "t"}"#), "value_error", json!(["body", "tags"])),
            (error_item::<FlowCreate>(r#"["name"]"#), "value_error", json!(["body"])),
            (error_item::<FlowRunQuery>("[]"), "value_error", json!(["body"])),
            (error_item::<FlowRunQuery>(r#"{"flow_runs": []}"#), "value_error", json!(["body", "flow_runs"])),
            (
                error_item::<Vec<LogCreate>>(r#"[["n", 1, "m", "2026-11-24T03:46:20Z", null, null, null]]"#),
                "value_error",
                json!(["body", 0]),
            ),
            (error_item::<FlowCreate>("null"), "value_error", json!(["body"])),
            (
                error_item::<FlowRunCreate>(&flow_run(r#""parameters": []"#)),
                "value_error",
                json!(["body", "parameters"]),
            ),
            (error_item::<FlowRunCreate>(r#"{"flow_id": "x"}"#), "value_error", json!(["body", "flow_id"])),
            (error_item::<SetState>(r#"{"state": {"type": "DONE"}}"#), "value_error", json!(["body", "state", "type"])),
            (error_item::<SetState>(r#"{"state": {}}"#), "missing", json!(["body", "state", "type"])),
            (error_item::<Vec<LogCreate>>(r#"[{"name": "a"}]"#), "missing", json!(["body", 0, "level"])),
            (
                error_item::<FlowRunQuery>(r#"{"flow_runs": {"state": {"type": {"any_": ["X"]}}}}"#),
                "value_error",
                json!(["body", "flow_runs", "state", "type", "any_", 0]),
            ),
            (
                error_item::<FlowRunQuery>(r#"{"work_pools": {"name": {"any_": ["p"]}}}"#),
                "value_error",
                json!(["body", "work_pools"]),
            ),
            (error_item::<FlowRunQuery>(r#"{"limit": "many"}"#), "value_error", json!(["body", "limit"])),
            (error_item::<FlowRunQuery>(r#"{"sort": true}"#), "value_error", json!(["body", "sort"])),
            (error_item::<FlowCreate>(r#"{"name": "a", "name": "b"}"#), "value_error", json!(["body", "name"])),
        ];
        for (error, kind, loc) in cases {
            assert_eq!((&error["type"], &error["loc"]), (&json!(kind), &loc), "{error}");
        }
    }

    #[test]
    fn syntax_errors_have_line_and_column() {
        for (body, line, column) in [
            ("{\"name\":\n  oops}", 2, 3),
            ("{\"name\": \"a\"} x", 1, 15),
            ("{\"name\": \"a", 1, 11),
            ("{\"name\": \"\u{0}\"}", 1, 11),
            ("[1,]", 1, 4),
            ("{\"x\": 1,\n \"y\" 1}", 2, 6),
            ("{\"name\": 1} x", 1, 13),
        ] {
            let error = error_item::<FlowCreate>(body);
            assert_eq!(error["type"], "json_invalid", "{body:?}: {error}");
            assert_eq!((&error["ctx"]["line"], &error["ctx"]["column"]), (&json!(line), &json!(column)), "{body:?}");
        }
    }

    #[test]
    fn nesting_is_limited_even_in_ignored_keys() {
        let nested = |depth: usize| format!("{{\"a\":\n{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse::<Object>(nested(126).as_bytes()).is_ok());
        let text = format!(r#"{{"a": "{}\"{}"}}"#, "[".repeat(200), "{".repeat(200));
        assert!(parse::<Object>(text.as_bytes()).is_ok(), "brackets in a string do not count");
        for error in [error_item::<Object>(&nested(127)), error_item::<FlowRunQuery>(&nested(10_000))] {
            assert_eq!(error["ctx"], json!({"error": "nested too deep", "line": 2, "column": 127}), "{error}");
        }
    }

    async fn read<E: FromRequest<()>>(kind: Option<&str>, body: impl Into<Body>) -> Result<E, E::Rejection> {
        let mut request = Request::builder().method("POST").uri("/");
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        E::from_request(request.body(body.into()).unwrap(), &()).await
    }

    #[tokio::test]
    async fn any_content_type_but_plain_text_is_read_as_json() {
        for kind in [None, Some("application/json"), Some("application/x-www-form-urlencoded")] {
            assert!(read::<Json<Object>>(kind, "{}").await.is_ok(), "{kind:?}");
        }
        let error = read::<Json<Object>>(Some("Text/Plain; charset=utf-8"), "{}").await.unwrap_err();
        assert_eq!(error.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[tokio::test]
    async fn only_an_optional_body_may_be_empty() {
        assert!(read::<JsonOrEmpty<FlowRunQuery>>(None, "").await.is_ok());
        let error = read::<Json<FlowRunQuery>>(None, " ").await.unwrap_err();
        assert_eq!(error.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[tokio::test]
    async fn a_body_that_stops_arriving_is_a_timeout() {
        let stalled = futures::stream::iter([Ok("{"), Err(std::io::Error::from(std::io::ErrorKind::TimedOut))]);
        let error = read::<Json<Object>>(None, Body::from_stream(stalled)).await.unwrap_err();
        assert_eq!(error.status(), StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn a_body_may_reach_the_limit_but_not_exceed_it() {
        let body = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
        assert!(read::<Json<String>>(None, body(MAX_BODY_BYTES)).await.is_ok());
        let error = read::<Json<String>>(None, body(MAX_BODY_BYTES + 1)).await.unwrap_err();
        assert_eq!(error.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
