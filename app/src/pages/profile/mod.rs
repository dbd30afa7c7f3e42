//! The settings of a person: the profile, and the browsers in which they are signed in.

mod appearance;
mod deletion;
mod names;
mod page;
mod server;
mod sessions;

pub use page::MyProfilePage;
pub use sessions::MySessionsPage;
