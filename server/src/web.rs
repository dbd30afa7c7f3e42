//! What is neither API nor page: files of the site, and the layers that guard every answer in a browser.
//!
//! It knows no use case and no database.

pub mod assets;
pub mod client_ip;
pub mod headers;
pub mod live;
pub mod origin;
