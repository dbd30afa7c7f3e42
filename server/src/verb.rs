//! The verbs of the command line, one file each. They must not parse arguments; that is [`crate::cli`].

pub mod admin;
pub mod migrate;
pub mod serve;
