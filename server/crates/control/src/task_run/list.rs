//! Lists of task runs.

use model::{filter::query::TaskRunQuery, permission::ReadRuns, task_run::TaskRun, time::Timestamp};
use store::task_run::TaskRunWithState;

use crate::list::ListQuery;

impl ListQuery for TaskRunQuery {
    type Permission = ReadRuns;
    type Object = TaskRun;

    fn object(row: TaskRunWithState, now: Timestamp) -> TaskRun {
        TaskRun::from(row).at(now)
    }
}
