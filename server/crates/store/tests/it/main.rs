//! Tests of the storage path, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod furnished;
mod plans;
mod schema;
mod seam;
mod statements;
mod tables;
mod twin;
