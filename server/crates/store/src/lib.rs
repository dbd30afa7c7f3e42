//! All SQL of the program, for SQLite and PostgreSQL, behind one transaction type.
//!
//! - [`db`]: hand in a [`write::Write`] or a [`write::Read`]; [`tx`] is what they see;
//! - [`statement`]: statements as typed, registered constants; [`row`], [`value`], [`column`]: what goes in and comes out; [`built`]: selects
//!   made at run time, which [`filter`] turns out of `model`'s filters;
//! - [`batch`] and [`lanes`]: how writes reach SQLite (one writer, group commit) and PostgreSQL (lanes); [`driver`] alone names the drivers;
//! - [`tenant`]: the proof that opens a workspace's tables, minted here alone; [`system`]: the door for background loops;
//! - [`migrate`] and `migrations/`: the tables;
//! - the rest: one file a family of tables.
//!
//! It knows no rule of orchestration, no transport and no clock: time and ids come with the values it is given.

pub mod access;
pub mod account;
pub mod api_key;
pub mod audit;
mod batch;
pub mod block;
mod built;
pub mod column;
pub mod concurrency;
pub mod counter;
pub mod db;
pub mod driver;
pub mod error;
pub mod event;
pub mod favourite;
pub mod filter;
pub mod flow;
pub mod flow_run;
pub mod fold;
pub mod identity;
mod lanes;
pub mod log;
pub mod migrate;
pub mod person;
pub mod probe;
pub mod reap;
pub mod row;
pub mod screen;
pub mod session;
pub mod state;
pub mod statement;
pub mod system;
pub mod task_run;
pub mod tenant;
pub mod tx;
pub mod value;
pub mod workspace;
pub mod write;

pub use db::Db;
pub use error::{Error, Result};
pub use tenant::Tenant;
pub use tx::Tx;
pub use write::{Read, Write};
