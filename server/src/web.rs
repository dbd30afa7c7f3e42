//! The web side of the server: the site's files, its pages, the live socket, and the middleware for security.
//!
//! It must not know the database, nor use cases other than sessions and access.

pub mod assets;
pub mod client_ip;
pub mod headers;
pub mod live;
pub mod origin;
pub mod pages;
pub mod plain_error;
pub mod sessions;
pub mod time_limit;
