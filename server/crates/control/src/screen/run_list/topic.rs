//! The topic of the list: the rows of changed runs, and the counts.

use std::{collections::BTreeSet, time::Duration};

use model::{
    id::FlowRunId,
    live::Update,
    permission::ReadRuns,
    screen::{RunFilter, Since},
};

use super::{check, run_list_update};
use crate::{
    Cx, Result,
    access::Workspace,
    changes::Change,
    screen::topic::{MAX_CHANGED, ReadUpdate, Topic, UPDATE_INTERVAL},
};

/// The shortest time between two updates if each counts many rows.
const COUNT_INTERVAL: Duration = Duration::from_millis(500);
/// From this number of planned runs on, counting them is counting many rows.
const MANY_PLANNED: u64 = 1_000;

/// The runs of the workspace that match.
pub struct RunListTopic {
    workspace: Workspace<ReadRuns>,
    filter: RunFilter,
    changed: BTreeSet<FlowRunId>,
    /// Whether the last update counted many planned runs.
    has_many_planned: bool,
}

impl RunListTopic {
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) for a filter that exceeds a limit.
    pub fn new(workspace: Workspace<ReadRuns>, filter: RunFilter) -> Result<Self> {
        check(&filter)?;
        Ok(Self { workspace, filter, changed: BTreeSet::new(), has_many_planned: false })
    }
}

impl Topic for RunListTopic {
    fn record(&mut self, change: &Change) -> bool {
        let (Change::FlowRun { flow_run, .. } | Change::TaskRun { flow_run: Some(flow_run), .. }) = change else {
            return false;
        };
        if self.changed.len() <= MAX_CHANGED {
            self.changed.insert(*flow_run);
        }
        true
    }

    fn interval(&self) -> Duration {
        let counts_many = self.filter.since != Since::Ever || self.has_many_planned;
        if counts_many { COUNT_INTERVAL } else { UPDATE_INTERVAL }
    }

    fn read<'a>(&'a mut self, cx: &'a Cx) -> ReadUpdate<'a> {
        Box::pin(async {
            if self.changed.len() > MAX_CHANGED {
                return Ok(None);
            }
            let update = run_list_update(cx, self.workspace, self.filter.clone(), self.changed.clone()).await?;
            self.changed.clear();
            self.has_many_planned = update.planned.total >= MANY_PLANNED;
            Ok(Some(Update::Runs(update)))
        })
    }
}
