//! Errors, as status codes and bodies that Prefect's clients read.
//!
//! Three shapes of body exist, and clients know by the route which one to expect: `detail` for look-ups and for what a product rule
//! rejects, `exception_message` for calls that set a run's state, and the list of validation errors of a body. Internals (SQL
//! statements, panics, file names) are never in a body.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use control::Noun;
use http::{HeaderValue, StatusCode, header};
use model::{page::PageError, validation::ValidationError};
use serde_json::{Value, json};
use uuid::Uuid;

/// An answer that is not a success.
#[derive(Clone, PartialEq, Debug)]
pub enum ApiError {
    /// 401: the key is absent, unknown or expired.
    Unauthorized,
    /// 400 with this detail.
    BadRequest(String),
    /// 403 with this detail: the caller may read the object but not do this to it.
    Forbidden(String),
    /// 404 with `detail`, for look-ups: the noun of the object, as in `"Flow run not found"`.
    NotFound(Noun),
    /// 404 with `exception_message`, for calls that set a run's state: the noun and the id of the object.
    NotFoundException(Noun, Uuid),
    /// 404: a path parameter that no object can have.
    NoSuchPath,
    /// 404: no such operation, for example `"POST /nowhere"`.
    NoSuchOperation(String),
    /// 408: the body stopped arriving.
    BodyTimeout,
    /// 409 with this detail.
    Conflict(String),
    /// 410 with this detail.
    Gone(String),
    /// 413: the body is too large.
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// 422 with this detail: a product rule rejects the call.
    Unprocessable(String),
    /// 422: validation errors.
    Invalid(Box<ValidationErrors>),
    /// 423: no slot is free.
    Locked {
        /// Seconds. Clients read this header of every 423, so it is always sent.
        retry_after: f64,
    },
    /// 429: too many requests at once.
    TooManyRequests {
        /// Whole seconds: the oldest clients read nothing else.
        retry_after: u64,
    },
    /// 500: a fault of this server.
    Internal,
    /// 501: an operation that clients know and this server does not have yet, for example `"POST /flow_runs/history"`.
    NotBuilt(String),
    /// 503: the database is unavailable.
    Unavailable,
    /// 503: the database did not answer a COMMIT, so the call may have taken effect or not.
    InDoubt,
}

/// Seconds after which clients retry when the database is unavailable.
const UNAVAILABLE_RETRY_AFTER: u64 = 5;

/// The validation errors of one request.
#[derive(Clone, PartialEq, Debug)]
pub struct ValidationErrors {
    /// Each is `{type, loc, msg, input}`.
    pub errors: Vec<Value>,
    /// The parsed body; null if it is not JSON or too large to be sent back.
    pub request_body: Value,
}

impl ApiError {
    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) | Self::NotFoundException(..) | Self::NoSuchPath | Self::NoSuchOperation(_) => {
                StatusCode::NOT_FOUND
            }
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Gone(_) => StatusCode::GONE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unprocessable(_) | Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Locked { .. } => StatusCode::LOCKED,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotBuilt(_) => StatusCode::NOT_IMPLEMENTED,
            Self::Unavailable | Self::InDoubt => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn body(&self) -> Value {
        match self {
            Self::Unauthorized => json!({"exception_message": "Unauthorized"}),
            Self::NotFound(noun) => json!({"detail": noun.not_found()}),
            Self::NotFoundException(noun, id) => {
                json!({"exception_message": format!("{noun} with id {id} not found")})
            }
            Self::BadRequest(detail)
            | Self::Forbidden(detail)
            | Self::Conflict(detail)
            | Self::Gone(detail)
            | Self::Unprocessable(detail) => json!({"detail": detail}),
            Self::NoSuchPath => json!({"detail": "Not Found"}),
            Self::NoSuchOperation(operation) => {
                json!({"detail": format!("Not Found: this server has no {operation}.")})
            }
            Self::BodyTimeout => json!({"detail": "The request body did not arrive in time."}),
            Self::TooLarge { limit } => {
                json!({"detail": format!("The request body is too large: at most {limit} bytes are allowed.")})
            }
            Self::Invalid(validation) => json!({
                "exception_message": "Invalid request received.",
                "exception_detail": validation.errors,
                "request_body": validation.request_body,
            }),
            Self::Locked { .. } => json!({"detail": "Locked"}),
            Self::TooManyRequests { .. } => json!({"detail": "Too many requests."}),
            Self::Internal => json!({"exception_message": "Internal Server Error"}),
            Self::NotBuilt(operation) => {
                json!({"detail": format!("Not implemented: this server does not have {operation} yet.")})
            }
            Self::Unavailable => json!({"exception_message": "Service Unavailable"}),
            Self::InDoubt => {
                json!({"exception_message": "The database did not respond. The change may or may not have been saved."})
            }
        }
    }

    fn retry_after(&self) -> Option<String> {
        match self {
            Self::Locked { retry_after } => Some(retry_after.to_string()),
            Self::TooManyRequests { retry_after } => Some(retry_after.to_string()),
            Self::Unavailable | Self::InDoubt => Some(UNAVAILABLE_RETRY_AFTER.to_string()),
            _ => None,
        }
    }
}

/// A segment of a `loc`: array indexes are numbers.
fn loc_segment(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| text.into(), Value::from)
}

impl From<Vec<ValidationError>> for ApiError {
    fn from(errors: Vec<ValidationError>) -> Self {
        let item = |error: &ValidationError| {
            let loc = std::iter::once("body").chain(error.loc.iter().map(String::as_str));
            json!({"type": error.kind, "loc": loc.map(loc_segment).collect::<Vec<_>>(), "msg": error.message, "input": null})
        };
        let errors = errors.iter().map(item).collect();
        Self::Invalid(Box::new(ValidationErrors { errors, request_body: Value::Null }))
    }
}

impl From<control::Error> for ApiError {
    fn from(error: control::Error) -> Self {
        use control::Error;
        match error {
            Error::Unauthenticated => Self::Unauthorized,
            Error::NotFound { noun, .. } => Self::NotFound(noun),
            Error::Invalid(errors) => errors.into(),
            Error::MissingReference(detail) => Self::BadRequest(detail),
            Error::Conflict(detail) => Self::Conflict(detail),
            Error::Forbidden(detail) => Self::Forbidden(detail),
            Error::Gone(detail) => Self::Gone(detail.to_owned()),
            Error::NoFreeSlot { retry_after } => Self::Locked { retry_after },
            // Rounded up: a client that retries a moment too early is only rejected again.
            Error::TooManyRequests { retry_after } => Self::TooManyRequests { retry_after: retry_after.as_secs() + 1 },
            Error::TooBroad { .. } => Self::Unprocessable(error.to_string()),
            Error::Unavailable => Self::Unavailable,
            Error::InDoubt => Self::InDoubt,
            Error::Internal => Self::Internal,
        }
    }
}

/// An error of a call that sets a run's state. Clients read there from `exception_message` that the run does not exist.
#[derive(Clone, PartialEq, Debug)]
pub struct SetStateError(ApiError);

impl From<control::Error> for SetStateError {
    fn from(error: control::Error) -> Self {
        Self(match error {
            control::Error::NotFound { noun, id: Some(id) } => ApiError::NotFoundException(noun, id),
            error => error.into(),
        })
    }
}

impl IntoResponse for SetStateError {
    fn into_response(self) -> Response {
        self.0.into_response()
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
    use model::validation::ValidationError;
    use serde_json::json;
    use uuid::Uuid;

    use super::{ApiError, SetStateError};

    #[test]
    fn retry_after_is_sent_as_clients_read_it() {
        let wait = |error: ApiError| error.into_response().headers()[header::RETRY_AFTER].to_str().unwrap().to_owned();
        assert_eq!(wait(ApiError::Locked { retry_after: 1.25 }), "1.25");
        assert_eq!(wait(ApiError::TooManyRequests { retry_after: 2 }), "2");
        assert_eq!(wait(ApiError::Unavailable), "5");
    }

    #[test]
    fn list_indexes_in_a_loc_are_numbers() {
        let ApiError::Invalid(validation) = ApiError::from(vec![ValidationError::value("related.3.role", "needed")])
        else {
            panic!("not a validation error")
        };
        assert_eq!(validation.errors[0]["loc"], json!(["body", "related", 3, "role"]));
    }

    #[test]
    fn not_found_has_two_shapes() {
        let error = control::Error::not_found("Flow run", Uuid::nil());
        assert_eq!(ApiError::from(error.clone()).body(), json!({"detail": "Flow run not found"}));
        assert_eq!(
            SetStateError::from(error).0.body(),
            json!({"exception_message": "Flow run with id 00000000-0000-0000-0000-000000000000 not found"})
        );
    }
}
