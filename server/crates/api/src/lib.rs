#![doc = include_str!("../README.md")]

pub mod error;
pub mod extract;
pub mod normalize_path;
pub mod reply;
pub mod route;
pub mod router;
pub mod routes;
pub mod version;
pub mod ws;
