//! Lists the caller's workspaces: as cards for the page, and in the form for clients. The numbers of runs are read from counters.

use std::collections::HashMap;

use model::{
    id::{UserId, WorkspaceId},
    state::StateType,
    time::Timestamp,
    workspace::{Day, HISTORY_DAYS, MeWorkspace, WorkspaceCard},
};
use store::{
    Read, Tx,
    counter::{self, RunKind},
    workspace::{MEMBERSHIPS, MembershipRow, RUN_DAYS_OF_MEMBER},
};

use super::MAX_WORKSPACES;
use crate::{Cx, Error, Result, access::Caller};

/// The caller's workspaces with the runs of the last days, favourites first.
///
/// # Errors
/// Only those of the database.
pub async fn cards(cx: &Cx, caller: Caller) -> Result<Vec<WorkspaceCard>> {
    let today = counter::bucket(cx.clock.now(), counter::DAY);
    cx.db.read(Cards { person: caller.person(), first_day: today + 1 - HISTORY_DAYS }).await
}

/// The caller's workspaces in the form that clients request when they sign in.
///
/// # Errors
/// Only those of the database.
pub async fn me_workspaces(cx: &Cx, caller: Caller) -> Result<Vec<MeWorkspace>> {
    let rows = cx.db.all(&MEMBERSHIPS, (caller.person(), MAX_WORKSPACES)).await?;
    let split = rows.into_iter().map(MembershipRow::split);
    Ok(split.map(|(account, workspace)| MeWorkspace::new(&account, &workspace)).collect())
}

struct Cards {
    person: UserId,
    first_day: i64,
}

impl Read for Cards {
    type Out = Vec<WorkspaceCard>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<WorkspaceCard>> {
        let rows = tx.all(&MEMBERSHIPS, (self.person, MAX_WORKSPACES)).await?;
        let mut flow_runs = self.counts(tx, RunKind::FlowRun).await?;
        let mut task_runs = self.counts(tx, RunKind::TaskRun).await?;
        let card = |row: MembershipRow| {
            let flow_runs = flow_runs.remove(&row.id).unwrap_or_default();
            let task_runs = task_runs.remove(&row.id).unwrap_or_default();
            self.card(row, &flow_runs, &task_runs)
        };
        Ok(rows.into_iter().map(card).collect())
    }
}

impl Cards {
    async fn counts(&self, tx: &mut Tx<'_>, kind: RunKind) -> Result<HashMap<WorkspaceId, Vec<DayCount>>> {
        let mut counts: HashMap<WorkspaceId, Vec<DayCount>> = HashMap::new();
        for (workspace, day, state, runs) in tx.all(&RUN_DAYS_OF_MEMBER, (self.person, kind, self.first_day)).await? {
            counts.entry(workspace).or_default().push((day, state, runs));
        }
        Ok(counts)
    }

    fn card(&self, row: MembershipRow, flow_runs: &[DayCount], task_runs: &[DayCount]) -> WorkspaceCard {
        let days = chart_days(self.first_day, flow_runs);
        let favourite = row.favourite;
        let (account, workspace) = row.split();
        WorkspaceCard {
            account,
            workspace,
            favourite,
            flow_runs: days.iter().map(|day| day.total()).sum(),
            task_runs: in_chart(self.first_day, task_runs).map(|(_, _, runs)| runs).sum(),
            days,
        }
    }
}

/// A number of runs: the day since 1970, the state, how many.
type DayCount = (i64, StateType, i64);

/// The counts of the days in the card's chart. Scheduled runs are also counted on later days, which are left out.
fn in_chart(first_day: i64, counts: &[DayCount]) -> impl Iterator<Item = (usize, StateType, i64)> {
    let days = usize::try_from(HISTORY_DAYS).unwrap_or_default();
    counts.iter().filter_map(move |(day, state, runs)| {
        let index = usize::try_from(day - first_day).ok().filter(|index| *index < days)?;
        Some((index, *state, *runs))
    })
}

fn chart_days(first_day: i64, counts: &[DayCount]) -> Vec<Day> {
    let start = |day| Timestamp::from_micros(day * counter::DAY * 1_000_000);
    let mut days: Vec<Day> =
        (first_day..first_day + HISTORY_DAYS).map(|day| Day { start: start(day), ..Day::default() }).collect();
    for (index, state, runs) in in_chart(first_day, counts) {
        let day = &mut days[index];
        *match state {
            StateType::Completed => &mut day.completed,
            StateType::Failed | StateType::Crashed | StateType::Cancelled => &mut day.broken,
            StateType::Scheduled
            | StateType::Pending
            | StateType::Running
            | StateType::Paused
            | StateType::Cancelling => &mut day.open,
        } += runs;
    }
    days
}

#[cfg(test)]
mod tests {
    use model::state::StateType;

    use super::chart_days;

    #[test]
    fn a_chart_has_each_of_its_days_and_no_other() {
        let counts = [
            (99, StateType::Completed, 7),
            (100, StateType::Completed, 2),
            (100, StateType::Failed, 1),
            (129, StateType::Crashed, 3),
            (129, StateType::Running, 4),
            (129, StateType::Cancelled, 1),
            (130, StateType::Scheduled, 9),
        ];
        let days = chart_days(100, &counts);
        assert_eq!(days.len(), 30);
        assert_eq!((days[0].completed, days[0].broken, days[0].open), (2, 1, 0));
        assert_eq!(days[0].start.to_string(), "1970-04-11T00:00:00.000000Z");
        assert_eq!((days[29].completed, days[29].broken, days[29].open), (0, 4, 4));
        assert_eq!(days.iter().map(|day| day.total()).sum::<i64>(), 11);
    }
}
