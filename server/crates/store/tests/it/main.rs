//! Tests of the storage path, on both databases.

mod furnished;
mod seam;
mod statements;
mod twin;
