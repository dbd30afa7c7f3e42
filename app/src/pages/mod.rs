//! One module a page, or a folder for pages of one noun. Each asks the server for what it shows and hands plain values to `ui`.

pub mod not_found;
pub mod printed;
pub mod server_error;
