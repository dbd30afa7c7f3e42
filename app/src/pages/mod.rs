//! One module a page, or a folder for pages of one noun. Each asks the server for what it shows and hands plain values to `ui`.

pub mod api_keys;
pub mod client_sign_in;
pub mod connecting;
mod door;
pub mod first_run;
mod handle;
pub mod help;
pub mod my_sign_in;
pub mod not_found;
pub mod printed;
pub mod register;
pub mod run;
pub mod runs;
pub mod server_error;
pub mod sign_in;
pub mod workspaces;
