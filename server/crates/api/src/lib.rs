#![doc = include_str!("../README.md")]

pub mod contract;
pub mod error;
pub mod extract;
pub mod list;
pub mod normalize_path;
pub mod not_built;
pub mod openapi;
pub mod reply;
pub mod route;
pub mod router;
pub mod routes;
pub mod version;
pub mod ws;
