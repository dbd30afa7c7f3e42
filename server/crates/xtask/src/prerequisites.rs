//! What a machine must have beside Rust and a C compiler, one file each: is it there, and if not, get it.

pub mod chromium;
pub mod disk;
pub mod namespace;
pub mod node;
pub mod package;
pub mod postgres;
pub mod python;
pub mod wasm;
