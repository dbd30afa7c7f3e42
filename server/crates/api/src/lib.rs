//! The surface that clients call: extractors, status codes, routes.
//!
//! Thin doors into `control`. It knows neither SQL nor pages.

pub mod body;
mod complaint;
pub mod error;
pub mod gate;
pub mod path;
pub mod query;
pub mod reply;
pub mod route;
pub mod router;
pub mod routes;
pub mod slash;
mod strict;
pub mod version;
mod ws;
