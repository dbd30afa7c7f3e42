//! What goes wrong, in the bodies that clients of this field know.
//!
//! Three shapes exist and clients tell them apart by route: `detail` where something was looked for or refused by a rule of the
//! product, `exception_message` where a run's state was asked for, and the list of complaints about a body. Nothing of the inside
//! (statements, panics, file names) is ever in them.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use model::{invalid::Invalid, page::PageError};
use serde_json::{Value, json};

/// An answer that is not a success.
#[derive(Clone, PartialEq, Debug)]
pub enum ApiError {
    /// 401: no key, a wrong one, an expired one.
    Unauthorized,
    /// 400 with a sentence.
    BadRequest(String),
    /// 403 with a sentence: the caller sees the thing but may not do this to it.
    Forbidden(String),
    /// 404 of a look-up: `"Flow run not found"`.
    NotFound(String),
    /// 404 of a call that does something: the same sentence in the other shape.
    Missing(String),
    /// 404: a path that can't name anything.
    NoSuchPath,
    /// 404: `"POST /flow_runs/history"` is no operation of this server.
    NoSuchOperation(String),
    /// 408: the body stopped coming.
    Stalled,
    /// 409 with a sentence.
    Conflict(String),
    /// 410 with a sentence.
    Gone(String),
    /// 413.
    TooLarge {
        /// The most bytes a body may have.
        limit: usize,
    },
    /// 422: a rule of the product refuses it.
    Unprocessable(String),
    /// 422: the body is not what it should be.
    Invalid(Box<Complaint>),
    /// 423: no slot is free; worth another try after so many seconds.
    Locked {
        /// Seconds to wait; clients read it unconditionally.
        retry_after: f64,
    },
    /// 429: too much at once; worth another try after so many seconds.
    TooManyRequests {
        /// Whole seconds: the oldest clients read nothing else.
        retry_after: u64,
    },
    /// 500.
    Internal,
    /// 503: the database is away.
    Unavailable,
    /// 503: it went away with the answer, so that nobody knows what came of the call.
    InDoubt,
}

/// How many seconds a database that is away is left alone.
const AWAY: u64 = 5;

/// What is wrong with a body.
#[derive(Clone, PartialEq, Debug)]
pub struct Complaint {
    /// The single complaints, each `{type, loc, msg, input}`.
    pub problems: Vec<Value>,
    /// The body as it was understood; null when it is too big to be sent back or no JSON.
    pub request_body: Value,
}

impl ApiError {
    /// The status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) | Self::Missing(_) | Self::NoSuchPath | Self::NoSuchOperation(_) => StatusCode::NOT_FOUND,
            Self::Stalled => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Gone(_) => StatusCode::GONE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unprocessable(_) | Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Locked { .. } => StatusCode::LOCKED,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable | Self::InDoubt => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The same in the shape of calls that do something: what they did not find is told as an exception, with its id.
    #[must_use]
    pub fn of_action(self, id: impl std::fmt::Display) -> Self {
        match self {
            Self::NotFound(sentence) => {
                let thing = sentence.strip_suffix(" not found").unwrap_or(&sentence);
                Self::Missing(format!("{thing} with id {id} not found"))
            }
            other => other,
        }
    }

    fn body(&self) -> Value {
        match self {
            Self::Unauthorized => json!({"exception_message": "Unauthorized"}),
            Self::Missing(message) => json!({"exception_message": message}),
            Self::BadRequest(detail)
            | Self::Forbidden(detail)
            | Self::NotFound(detail)
            | Self::Conflict(detail)
            | Self::Gone(detail)
            | Self::Unprocessable(detail) => json!({"detail": detail}),
            Self::NoSuchPath => json!({"detail": "Not Found"}),
            Self::NoSuchOperation(asked) => json!({"detail": format!("Not Found: this server has no {asked}.")}),
            Self::Stalled => json!({"detail": "The request body did not arrive in time."}),
            Self::TooLarge { limit } => {
                json!({"detail": format!("The request body is too large: at most {limit} bytes are allowed.")})
            }
            Self::Invalid(complaint) => json!({
                "exception_message": "Invalid request received.",
                "exception_detail": complaint.problems,
                "request_body": complaint.request_body,
            }),
            Self::Locked { .. } => json!({"detail": "Locked"}),
            Self::TooManyRequests { .. } => json!({"detail": "Too many requests."}),
            Self::Internal => json!({"exception_message": "Internal Server Error"}),
            Self::Unavailable => json!({"exception_message": "Service Unavailable"}),
            Self::InDoubt => {
                json!({"exception_message": "The database did not answer. This may have been done, or not."})
            }
        }
    }

    fn retry_after(&self) -> Option<String> {
        match self {
            Self::Locked { retry_after } => Some(retry_after.to_string()),
            Self::TooManyRequests { retry_after } => Some(retry_after.to_string()),
            Self::Unavailable | Self::InDoubt => Some(AWAY.to_string()),
            _ => None,
        }
    }
}

/// One step of the way to a field: indexes of lists are numbers.
fn step(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| text.into(), Value::from)
}

impl From<Vec<Invalid>> for ApiError {
    fn from(invalids: Vec<Invalid>) -> Self {
        let problem = |invalid: &Invalid| {
            let loc = std::iter::once("body").chain(invalid.loc.iter().map(String::as_str));
            json!({"type": invalid.kind, "loc": loc.map(step).collect::<Vec<_>>(), "msg": invalid.message, "input": null})
        };
        let problems = invalids.iter().map(problem).collect();
        Self::Invalid(Box::new(Complaint { problems, request_body: Value::Null }))
    }
}

impl From<control::Error> for ApiError {
    fn from(error: control::Error) -> Self {
        use control::Error;
        match error {
            Error::Unauthenticated => Self::Unauthorized,
            Error::NotFound(thing) => Self::NotFound(format!("{thing} not found")),
            Error::Invalid(invalids) => invalids.into(),
            Error::BadRequest(sentence) => Self::BadRequest(sentence),
            Error::Conflict(sentence) => Self::Conflict(sentence),
            Error::Forbidden(sentence) => Self::Forbidden(sentence),
            Error::Gone(sentence) => Self::Gone(sentence.to_owned()),
            Error::Locked { retry_after } => Self::Locked { retry_after },
            // Rounded up: whoever comes back a moment too early is only sent away again.
            Error::TooMany { retry_after } => Self::TooManyRequests { retry_after: retry_after.as_secs() + 1 },
            Error::Unavailable => Self::Unavailable,
            Error::InDoubt => Self::InDoubt,
            Error::Internal => Self::Internal,
        }
    }
}

impl From<PageError> for ApiError {
    fn from(error: PageError) -> Self {
        Self::Unprocessable(error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Body::from(self.body().to_string());
        let mut response = Response::new(body);
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(wait) = self.retry_after().and_then(|wait| HeaderValue::try_from(wait).ok()) {
            headers.insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use http::header;
    use model::invalid::Invalid;
    use serde_json::json;

    use super::ApiError;

    #[test]
    fn waits_are_sent_as_clients_read_them() {
        let wait = |error: ApiError| error.into_response().headers()[header::RETRY_AFTER].to_str().unwrap().to_owned();
        assert_eq!(wait(ApiError::Locked { retry_after: 1.25 }), "1.25");
        assert_eq!(wait(ApiError::TooManyRequests { retry_after: 2 }), "2");
        assert_eq!(wait(ApiError::Unavailable), "5");
    }

    #[test]
    fn a_complaint_of_the_model_keeps_its_place() {
        let ApiError::Invalid(complaint) = ApiError::from(vec![Invalid::value("related.3.role", "needed")]) else {
            panic!("not a complaint")
        };
        assert_eq!(complaint.problems[0]["loc"], json!(["body", "related", 3, "role"]));
    }

    #[test]
    fn the_two_shapes_of_not_found() {
        assert_eq!(ApiError::NotFound("Flow not found".into()).body(), json!({"detail": "Flow not found"}));
        assert_eq!(
            ApiError::Missing("Flow run with id 1 not found".into()).body(),
            json!({"exception_message": "Flow run with id 1 not found"})
        );
    }
}
