//! What a machine needs besides Rust and a C compiler, one file each: each checks whether it is installed, and installs it if not.

pub mod chromium;
pub mod disk;
pub mod namespace;
pub mod node;
pub mod package;
pub mod postgres;
pub mod python;
pub mod wasm;
