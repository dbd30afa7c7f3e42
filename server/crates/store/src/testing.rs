//! For tests only: prepares and runs any SQL on a connection of its own, outside tenant proofs and queues. The product must not use it.

use model::id::WorkspaceId;
use sea_query::SelectStatement;

use crate::{built, error::Result};
pub use crate::{
    built::BuiltSelect,
    driver::testing::{Described, RawConnection, describe},
};

/// A select over `table`, rendered as it is run inside a workspace.
///
/// # Errors
/// If it contains a value of a type that no column has.
pub fn build_select(
    workspace: WorkspaceId,
    table: &'static str,
    select: SelectStatement,
    embedded: bool,
) -> Result<BuiltSelect> {
    BuiltSelect::of(&built::in_workspace(workspace, table, select), embedded)
}

/// The same for the select that counts its rows up to `limit`.
///
/// # Errors
/// See [`build_select`].
pub fn build_count(
    workspace: WorkspaceId,
    table: &'static str,
    select: SelectStatement,
    limit: u64,
    embedded: bool,
) -> Result<BuiltSelect> {
    BuiltSelect::of(&built::count_up_to(built::in_workspace(workspace, table, select), limit), embedded)
}
