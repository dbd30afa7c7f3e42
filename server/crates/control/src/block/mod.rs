//! Blocks: a client's named settings, with the type and the schema they follow.
//!
//! - [`block_type`], [`schema`], [`document`]: what a caller can do with each;
//! - [`checksum`]: what a schema is known by, the same that clients compute;
//! - `built_in`: types that every workspace has; `reference`: blocks inside blocks.
//!
//! Nothing here keeps secrets: a schema that has secret fields is refused until they can be encrypted.

pub mod block_type;
mod built_in;
pub mod checksum;
pub mod document;
mod reference;
pub mod schema;
