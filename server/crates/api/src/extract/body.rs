//! Bodies: read whole, bounded, and refused with the place of the mistake.

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
    complaint::{misshapen, steps},
    error::{ApiError, Complaint},
    strict::Strict,
};

/// The most bytes of a body.
pub const LARGEST: usize = 8 * 1024 * 1024;

/// The most bytes of a body that is sent back with a complaint about it.
const LARGEST_ECHO: usize = 64 * 1024;

/// A body that must be there.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

/// A body that may be left out: then everything in it has its default.
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
    let too_large = ApiError::TooLarge { limit: LARGEST };
    if declared_length(&parts.headers).is_some_and(|length| length > LARGEST as u64) {
        return Err(too_large);
    }
    if is_plain_text(&parts.headers) {
        return Err(complain("dict_type", "the body must be JSON, not plain text"));
    }
    to_bytes(body, LARGEST).await.map(Vec::from).map_err(|error| {
        let over = error.source().is_some_and(|cause| cause.is::<LengthLimitError>());
        // Else it stalled, or the connection broke: then nobody reads the answer.
        if over { too_large } else { ApiError::Stalled }
    })
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
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
        return Err(complain("missing", "Field required"));
    }
    if let Some(place) = too_deep(bytes) {
        return Err(place);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Strict(&mut deserializer)).map_err(|error| {
        let place = steps(error.path());
        refuse(bytes, place, error.inner())
    })?;
    deserializer.end().map_err(|error| refuse(bytes, Vec::new(), &error))?;
    Ok(value)
}

/// The reading stops at the first thing that is amiss, and what comes after it may be no JSON at all: that is told first.
fn refuse(bytes: &[u8], place: Vec<Value>, error: &serde_json::Error) -> ApiError {
    let echo = if bytes.len() <= LARGEST_ECHO {
        serde_json::from_slice(bytes)
    } else {
        serde_json::from_slice::<IgnoredAny>(bytes).map(|_| Value::Null)
    };
    match echo {
        Ok(body) => misshapen("body", body, place, &message(error)),
        Err(flaw) => broken(&flaw),
    }
}

/// No JSON at all.
fn broken(error: &serde_json::Error) -> ApiError {
    unreadable(&message(error), error.line(), error.column())
}

fn unreadable(message: &str, line: usize, column: usize) -> ApiError {
    let problem = json!({
        "type": "json_invalid",
        "loc": ["body"],
        "msg": format!("JSON decode error: {message} at line {line} column {column}"),
        "input": {},
        "ctx": {"error": message, "line": line, "column": column},
    });
    ApiError::Invalid(Box::new(Complaint { problems: vec![problem], request_body: Value::Null }))
}

/// How deep lists and objects may stand in one another: as deep as `serde_json` reads. It is looked at first, since nothing else would
/// bound what stands in keys that are passed over.
const DEEPEST: usize = 127;

fn too_deep(bytes: &[u8]) -> Option<ApiError> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            let line_start = bytes[..index].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
            let line = 1 + bytes[..index].iter().filter(|byte| **byte == b'\n').count();
            return Some(unreadable("nested too deep", line, index - line_start + 1));
        }
    }
    None
}

/// A complaint about the body as a whole.
fn complain(kind: &str, message: &str) -> ApiError {
    let problem = json!({"type": kind, "loc": ["body"], "msg": message, "input": null});
    ApiError::Invalid(Box::new(Complaint { problems: vec![problem], request_body: Value::Null }))
}

/// The message without the position that `serde_json` hangs on it.
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
        filter::flow_run::FlowRunQuery, flow::FlowCreate, flow_run::FlowRunCreate, log::LogCreate,
        orchestration::SetState, wire::Object,
    };
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::{Json, JsonOrEmpty, LARGEST, parse};
    use crate::error::ApiError;

    fn problem<T: DeserializeOwned>(body: &str) -> Value {
        match parse::<T>(body.as_bytes()).map(|_| ()) {
            Err(ApiError::Invalid(complaint)) => complaint.problems[0].clone(),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn complaints_name_the_field() {
        let flow_run = |rest: &str| format!(r#"{{"flow_id": "ffc8be5d-17d2-4dfc-8b0b-223935274593", {rest}}}"#);
        let cases = [
            (problem::<FlowCreate>("{}"), "missing", json!(["body", "name"])),
            (problem::<FlowCreate>(r#"{"name": 1}"#), "value_error", json!(["body", "name"])),
            (problem::<FlowCreate>(r#"{"name": "a/b"}"#), "value_error", json!(["body", "name"])),
            (problem::<FlowCreate>(r#"{"name": "a", "x": 1}"#), "extra_forbidden", json!(["body", "x"])),
            (problem::<FlowCreate>(r#"{"name": "a", "tags": "t"}"#), "value_error", json!(["body", "tags"])),
            (problem::<FlowCreate>(r#"["name"]"#), "value_error", json!(["body"])),
            (problem::<FlowRunQuery>("[]"), "value_error", json!(["body"])),
            (problem::<FlowRunQuery>(r#"{"flow_runs": []}"#), "value_error", json!(["body", "flow_runs"])),
            (
                problem::<Vec<LogCreate>>(r#"[["n", 1, "m", "2026-11-24T03:46:20Z", null, null, null]]"#),
                "value_error",
                json!(["body", 0]),
            ),
            (problem::<FlowCreate>("null"), "value_error", json!(["body"])),
            (problem::<FlowRunCreate>(&flow_run(r#""parameters": []"#)), "value_error", json!(["body", "parameters"])),
            (problem::<FlowRunCreate>(r#"{"flow_id": "x"}"#), "value_error", json!(["body", "flow_id"])),
            (problem::<SetState>(r#"{"state": {"type": "DONE"}}"#), "value_error", json!(["body", "state", "type"])),
            (problem::<SetState>(r#"{"state": {}}"#), "missing", json!(["body", "state", "type"])),
            (problem::<Vec<LogCreate>>(r#"[{"name": "a"}]"#), "missing", json!(["body", 0, "level"])),
            (
                problem::<FlowRunQuery>(r#"{"flow_runs": {"state": {"type": {"any_": ["X"]}}}}"#),
                "value_error",
                json!(["body", "flow_runs", "state", "type", "any_", 0]),
            ),
            (
                problem::<FlowRunQuery>(r#"{"work_pools": {"name": {"any_": ["p"]}}}"#),
                "value_error",
                json!(["body", "work_pools"]),
            ),
            (problem::<FlowRunQuery>(r#"{"limit": "many"}"#), "value_error", json!(["body", "limit"])),
            (problem::<FlowRunQuery>(r#"{"sort": true}"#), "value_error", json!(["body", "sort"])),
            (problem::<FlowCreate>(r#"{"name": "a", "name": "b"}"#), "value_error", json!(["body", "name"])),
        ];
        for (problem, kind, loc) in cases {
            assert_eq!((&problem["type"], &problem["loc"]), (&json!(kind), &loc), "{problem}");
        }
    }

    #[test]
    fn broken_json_is_placed_by_line_and_column() {
        for (body, line, column) in [
            ("{\"name\":\n  oops}", 2, 3),
            ("{\"name\": \"a\"} x", 1, 15),
            ("{\"name\": \"a", 1, 11),
            ("{\"name\": \"\u{0}\"}", 1, 11),
            ("[1,]", 1, 4),
            ("{\"x\": 1,\n \"y\" 1}", 2, 6),
            ("{\"name\": 1} x", 1, 13),
        ] {
            let problem = problem::<FlowCreate>(body);
            assert_eq!(problem["type"], "json_invalid", "{body:?}: {problem}");
            assert_eq!(
                (&problem["ctx"]["line"], &problem["ctx"]["column"]),
                (&json!(line), &json!(column)),
                "{body:?}"
            );
        }
    }

    #[test]
    fn nesting_is_bounded_also_where_nobody_looks() {
        let nested = |depth: usize| format!("{{\"a\":\n{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse::<Object>(nested(126).as_bytes()).is_ok());
        let text = format!(r#"{{"a": "{}\"{}"}}"#, "[".repeat(200), "{".repeat(200));
        assert!(parse::<Object>(text.as_bytes()).is_ok(), "brackets in a text do not count");
        for problem in [problem::<Object>(&nested(127)), problem::<FlowRunQuery>(&nested(10_000))] {
            assert_eq!(problem["ctx"], json!({"error": "nested too deep", "line": 2, "column": 127}), "{problem}");
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
    async fn json_needs_no_content_type_but_must_not_be_called_text() {
        for kind in [None, Some("application/json"), Some("application/x-www-form-urlencoded")] {
            assert!(read::<Json<Object>>(kind, "{}").await.is_ok(), "{kind:?}");
        }
        let error = read::<Json<Object>>(Some("Text/Plain; charset=utf-8"), "{}").await.unwrap_err();
        assert_eq!(error.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[tokio::test]
    async fn only_some_bodies_may_be_empty() {
        assert!(read::<JsonOrEmpty<FlowRunQuery>>(None, "").await.is_ok());
        let error = read::<Json<FlowRunQuery>>(None, " ").await.unwrap_err();
        assert_eq!(error.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }

    #[tokio::test]
    async fn a_body_that_stops_coming_is_late_and_not_large() {
        let stalled = futures::stream::iter([Ok("{"), Err(std::io::Error::from(std::io::ErrorKind::TimedOut))]);
        let error = read::<Json<Object>>(None, Body::from_stream(stalled)).await.unwrap_err();
        assert_eq!(error.status(), StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn a_body_may_fill_the_limit_and_not_pass_it() {
        let body = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
        assert!(read::<Json<String>>(None, body(LARGEST)).await.is_ok());
        let error = read::<Json<String>>(None, body(LARGEST + 1)).await.unwrap_err();
        assert_eq!(error.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
