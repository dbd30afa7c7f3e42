//! A look behind the storage path for its tests: prepares any statement of the program, and tries it in a transaction that is never
//! committed. The product does not use it.

use model::id::WorkspaceId;
use sea_query::SelectStatement;

use crate::{built, error::Result};
pub use crate::{
    built::Built,
    driver::probe::{Described, Probe, describe},
};

/// A select over `table` as it is run inside a workspace.
///
/// # Errors
/// If it holds a value that no column has.
pub fn built(workspace: WorkspaceId, table: &'static str, select: SelectStatement, embedded: bool) -> Result<Built> {
    Built::of(&built::within(workspace, table, select), embedded)
}

/// The same for what counts its rows up to `most`.
///
/// # Errors
/// As [`built`].
pub fn counted(
    workspace: WorkspaceId,
    table: &'static str,
    select: SelectStatement,
    most: u64,
    embedded: bool,
) -> Result<Built> {
    Built::of(&built::counted(built::within(workspace, table, select), most), embedded)
}
