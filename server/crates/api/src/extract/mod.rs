//! The extractors of handlers: the caller and their permission, the body, the path, the query.

pub mod auth;
pub mod automation;
pub mod body;
pub mod path;
pub mod query;
mod strict;
mod validation;
