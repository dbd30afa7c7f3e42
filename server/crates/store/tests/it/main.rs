//! Tests of the storage path, on both databases.

mod seam;
mod statements;
