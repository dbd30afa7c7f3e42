//! The web side of the server: the site's files, its pages, the live socket, and the middleware for security.
//!
//! It calls the use cases for sessions and access, and `live` those that read the screens which pages subscribe to. All other use
//! cases are called by the server functions in `app`. It must not know the database.

pub mod assets;
pub mod client_ip;
pub mod compression;
pub mod docs;
pub mod headers;
pub mod live;
pub mod origin;
pub mod pages;
pub mod plain_error;
pub mod sessions;
pub mod time_limit;
