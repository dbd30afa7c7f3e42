//! Tests of the storage layer, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod changes;
mod growth;
mod plain;
mod plans;
mod populated;
mod schema;
mod sort_time;
mod statements;
mod tables;
mod tenant_isolation;
mod write_isolation;
