//! What serves browsers: the site's files, its pages, the live socket, and the layers that guard every answer.
//!
//! It knows no use case beyond who is signed in, and no database.

pub mod assets;
pub mod client_ip;
pub mod headers;
pub mod live;
pub mod origin;
pub mod pages;
pub mod plain;
pub mod sessions;
pub mod time_limit;
