//! One module per page, or a folder for the pages of one noun. Each loads its data from the server and passes plain values to `ui`.

pub mod api_keys;
pub mod artifacts;
mod auth_page;
pub mod client_links;
pub mod client_sign_in;
pub mod connecting;
pub mod first_run;
mod handle;
pub mod help;
pub mod my_sign_in;
pub mod not_found;
pub mod register;
pub mod run;
pub mod runs;
pub mod server_error;
pub mod services;
pub mod sign_in;
pub mod variables;
pub mod workspaces;
