//! Blocks: a client's named settings, each with a block type and a block schema.
//!
//! - [`block_type`], [`schema`], [`document`]: what a caller can do with each;
//! - [`checksum`]: the checksum of a schema, which clients compute too;
//! - [`built_in`]: types that every workspace has; `reference`: blocks inside blocks.
//!
//! The server can't encrypt secrets yet, so it rejects schemas with secret fields.

pub mod block_type;
pub mod built_in;
pub mod checksum;
pub mod document;
mod reference;
pub mod schema;
