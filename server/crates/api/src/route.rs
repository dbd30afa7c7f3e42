//! One route as a value: the router is made of these, and so are the rows of the tests that must see every route.
//!
//! Who may call a route and whether it takes a body is not written beside its handler: it is read off the types of the handler's
//! arguments, so the table can't say anything that the program doesn't do.

use axum::{
    handler::Handler,
    routing::{MethodFilter, MethodRouter, on},
};
use model::permission::Permission;

/// Who may call a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Everybody.
    Public,
    /// Whoever shows a good key.
    Caller,
    /// A member of the workspace who has this permission there.
    Member(Permission),
}

/// What a route reads from a request's body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Payload {
    /// Nothing.
    None,
    /// JSON that may be left out.
    Optional,
    /// JSON that must be there.
    Required,
    /// Frames of a socket.
    Frames,
}

/// Where a route stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// At the root alone.
    Root,
    /// Below every workspace, and at the root for the workspace that goes without saying.
    Workspace,
}

/// The methods of this API.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Method {
    /// The word in a request.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// One route.
#[derive(Clone)]
pub struct Route<S> {
    pub method: Method,
    /// The path below the scope, without a slash at the end, with at most one `{id}` or `{name}`.
    pub path: &'static str,
    pub scope: Scope,
    pub access: Access,
    pub payload: Payload,
    pub(crate) service: MethodRouter<S>,
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// A route below every workspace.
    pub fn new<H, T>(method: Method, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: Declared + 'static,
    {
        Self {
            method,
            path,
            scope: Scope::Workspace,
            access: T::ACCESS,
            payload: T::PAYLOAD,
            service: on(method.filter(), handler),
        }
    }

    /// The same at the root alone.
    #[must_use]
    pub fn at_root(self) -> Self {
        Self { scope: Scope::Root, ..self }
    }
}

/// Shorthand for tables of routes: `routes![Get "/flows/{id}" => read, …]`.
macro_rules! routes {
    ($($method:ident $path:literal => $handler:expr),* $(,)?) => {
        vec![$($crate::route::Route::new($crate::route::Method::$method, $path, $handler)),*]
    };
}
pub(crate) use routes;

/// The first argument of every handler: it lets callers in or not.
pub trait Gate {
    /// Whom it lets in.
    const ACCESS: Access;
}

/// The last argument of a handler.
pub trait Input {
    /// What it reads from the body.
    const PAYLOAD: Payload = Payload::None;
}

/// The arguments of a handler: a [`Gate`] first, an [`Input`] last.
pub trait Declared {
    const ACCESS: Access;
    const PAYLOAD: Payload;
}

// The first element of each tuple is axum's marker for how the last argument reads the request.
impl<M, A: Gate> Declared for (M, A) {
    const ACCESS: Access = A::ACCESS;
    const PAYLOAD: Payload = Payload::None;
}

macro_rules! declared {
    ($($between:ident)*) => {
        impl<M, A: Gate, $($between,)* Z: Input> Declared for (M, A, $($between,)* Z) {
            const ACCESS: Access = A::ACCESS;
            const PAYLOAD: Payload = Z::PAYLOAD;
        }
    };
}

declared!();
declared!(B);
declared!(B C);
declared!(B C D);

/// A door that is open to everybody.
#[derive(Clone, Copy, Debug)]
pub struct Open;

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Open {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self)
    }
}

impl Gate for Open {
    const ACCESS: Access = Access::Public;
}

mod inputs {
    use super::{Input, Payload};
    use crate::{
        body::{Json, JsonOrEmpty},
        path::{Id, Named},
        query::Query,
        version::Calling,
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
    impl<T> Input for Query<T> {}
    impl<S> Input for axum::extract::State<S> {}
    impl Input for Named {}
    impl Input for Calling {}
}
