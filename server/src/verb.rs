//! What each verb of the command line does. One file a verb; none knows how it was typed.

pub mod admin;
pub mod migrate;
pub mod serve;
