//! A route as a value. The router is built from a table of these, and the tests that must cover every route iterate over it.
//!
//! A route's access and payload are derived from the argument types of its handler, so the table can't differ from what the program
//! does.

use axum::{
    handler::Handler,
    routing::{MethodFilter, MethodRouter, on},
};
use model::permission::Permission;

/// Who may call a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Any caller, without a key.
    Public,
    /// A caller with a valid key.
    Caller,
    /// A member of the workspace with this permission.
    Member(Permission),
}

/// What a route reads from a request's body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Payload {
    /// Nothing.
    None,
    /// JSON; an empty body is allowed.
    Optional,
    /// JSON; an empty body is rejected.
    Required,
    /// Frames of a websocket.
    Frames,
}

/// Under which prefixes a route is mounted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mount {
    /// At the root only.
    Root,
    /// Below every workspace, and at the root for the workspace that the caller need not name.
    Workspace,
}

/// The methods of this API.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The inverse of [`Method::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// As in the request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// One route.
#[derive(Clone)]
pub struct Route<S> {
    pub method: Method,
    /// The path below the mount, without a trailing slash, with at most one `{id}` or `{name}`.
    pub path: &'static str,
    pub mount: Mount,
    pub access: Access,
    pub payload: Payload,
    pub(crate) service: MethodRouter<S>,
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// A route below every workspace and at the root.
    pub fn new<H, T>(method: Method, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: HandlerArgs + 'static,
    {
        Self {
            method,
            path,
            mount: Mount::Workspace,
            access: T::ACCESS,
            payload: T::PAYLOAD,
            service: on(method.filter(), handler),
        }
    }

    /// The same route, at the root only.
    #[must_use]
    pub fn at_root(self) -> Self {
        Self { mount: Mount::Root, ..self }
    }
}

/// Shorthand for tables of routes: `routes![Get "/flows/{id}" => read, …]`.
macro_rules! routes {
    ($($method:ident $path:literal => $handler:expr),* $(,)?) => {
        vec![$($crate::route::Route::new($crate::route::Method::$method, $path, $handler)),*]
    };
}
pub(crate) use routes;

/// The first argument of every handler: it authorizes the caller or rejects the request.
pub trait Authorize {
    /// The callers that it accepts.
    const ACCESS: Access;
}

/// The last argument of a handler. axum lets only this one read the body.
pub trait Input {
    /// What it reads from the body.
    const PAYLOAD: Payload = Payload::None;
}

/// The arguments of a handler: an [`Authorize`] first, an [`Input`] last.
pub trait HandlerArgs {
    const ACCESS: Access;
    const PAYLOAD: Payload;
}

// The first element of each tuple is axum's marker for how the last argument reads the request.
impl<M, A: Authorize> HandlerArgs for (M, A) {
    const ACCESS: Access = A::ACCESS;
    const PAYLOAD: Payload = Payload::None;
}

macro_rules! impl_handler_args {
    ($($between:ident)*) => {
        impl<M, A: Authorize, $($between,)* Z: Input> HandlerArgs for (M, A, $($between,)* Z) {
            const ACCESS: Access = A::ACCESS;
            const PAYLOAD: Payload = Z::PAYLOAD;
        }
    };
}

impl_handler_args!();
impl_handler_args!(B);
impl_handler_args!(B C);
impl_handler_args!(B C D);

mod inputs {
    use super::{Input, Payload};
    use crate::{
        extract::{
            body::{Json, JsonOrEmpty},
            path::{Id, IdOrName, Name},
            query::Query,
        },
        version::ClientVersion,
    };

    impl<T> Input for Json<T> {
        const PAYLOAD: Payload = Payload::Required;
    }

    impl<T> Input for JsonOrEmpty<T> {
        const PAYLOAD: Payload = Payload::Optional;
    }

    impl Input for axum::extract::WebSocketUpgrade {
        const PAYLOAD: Payload = Payload::Frames;
    }

    impl<T> Input for Id<T> {}
    impl<T> Input for IdOrName<T> {}
    impl<T> Input for Query<T> {}
    impl<S> Input for axum::extract::State<S> {}
    impl Input for Name {}
    impl Input for ClientVersion {}
}
