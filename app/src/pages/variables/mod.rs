//! The page of a workspace's variables: the list with its live updates, and the dialogs that create, edit and delete one.

mod dialog_context;
mod dialogs;
mod editor;
mod fields;
mod list;
mod list_query;
mod live_list;
mod rows;
mod server;
mod value_field;

pub use list::VariablesPage;
