//! The screens: all data that a page shows, a file a page. Use cases read them, pages render them, the live socket updates their parts.

mod artifact;
mod first_run;
mod run;
mod run_list;
mod value_kind;
mod variables;

use serde::{Deserialize, Serialize};

pub use self::{
    artifact::{
        ARTIFACTS_PER_PAGE, ArtifactCard, ArtifactColumn, ArtifactContent, ArtifactHead, ArtifactHistory,
        ArtifactImage, ArtifactList, ArtifactListFilter, ArtifactRef, ArtifactScreen, ArtifactTable, ArtifactVersion,
        VERSIONS_PER_PAGE,
    },
    first_run::{FirstRunProgress, FirstRunScreen},
    run::{
        FailedTask, Failure, LINES_PER_PAGE, LinePage, LineSortKey, LogLinesUpdate, MAX_STATES, RunHead, RunLine,
        RunLines, RunLink, RunScreen, RunUpdate, RunView, TASKS_PER_PAGE, TaskCount, TaskRow, TaskRows, TaskRunsUpdate,
    },
    run_list::{
        PLANNED_RUNS, PlannedRuns, RUNS_PER_PAGE, RunCursor, RunFilter, RunList, RunListUpdate, RunRow, RunSortKey,
        Since, StateCounts,
    },
    value_kind::{InvalidValue, ValueKind},
    variables::{
        MAX_VARIABLE_PAGES, VARIABLES_PER_PAGE, VariableDetail, VariableList, VariableListQuery, VariableOrder,
        VariableRow, VariableScreen,
    },
};
use crate::{id::StateId, state::StateType, time::Timestamp};

/// Queries count up to this number; pages show a count that reaches it as "10,000+".
pub const MAX_COUNT: i64 = 10_001;

/// A state of a run, as pages show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StateLine {
    pub id: StateId,
    pub state_type: StateType,
    pub name: String,
    pub at: Timestamp,
    pub message: Option<String>,
}
