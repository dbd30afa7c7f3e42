//! The REST and websocket API that clients call: extractors, status codes, routes.
//!
//! Each handler calls one use case of `control`. This crate must not know SQL or the pages.

pub mod error;
pub mod extract;
pub mod normalize_path;
pub mod reply;
pub mod route;
pub mod router;
pub mod routes;
pub mod version;
pub mod ws;
