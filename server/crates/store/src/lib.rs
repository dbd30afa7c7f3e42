//! All SQL of the program, for SQLite and PostgreSQL, behind one transaction type.
//!
//! - [`db`]: runs values of [`write::Write`] and [`write::Read`], which use a [`tx`];
//! - [`statement`]: statements as typed, registered constants; [`row`], [`value`], [`column`]: parameters and rows; [`built`]: selects that
//!   [`filter`] builds at run time from `model`'s filters;
//! - [`batch`] and [`writers`]: run writes on SQLite (one writer thread, group commit) and on PostgreSQL (several connections); [`driver`] is
//!   the only module that names the drivers;
//! - [`changes`]: what writes publish after their COMMIT, to the subscribers of every process on the database;
//! - [`tenant`]: the proofs of a membership, made only by look-ups in this crate; a workspace's tables need one; [`system`]: names of the
//!   background loops that may use statements across workspaces;
//! - [`migrate`] and `migrations/`: the schema;
//! - every other module: the statements of one family of tables.
//!
//! It must not know the rules of orchestration, any transport, or a clock: callers pass times and ids as values.

pub mod access;
pub mod account;
pub mod api_key;
pub mod audit;
mod batch;
pub mod block;
mod built;
pub mod changes;
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
mod limits;
pub mod log;
pub mod migrate;
pub mod person;
pub mod reap;
pub mod row;
pub mod screen;
pub mod session;
pub mod state;
pub mod statement;
pub mod system;
pub mod task_run;
pub mod tenant;
pub mod testing;
pub mod tx;
pub mod value;
pub mod workspace;
pub mod write;
mod writers;

pub use changes::Change;
pub use db::Db;
pub use error::{Error, Result};
pub use tenant::{AccountMember, Actor, Tenant};
pub use tx::Tx;
pub use write::{Read, Write};
