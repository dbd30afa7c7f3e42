//! Takes a batch of events.

use std::collections::BTreeSet;

use engine::recorder::RecordedTransition;
use model::{
    event::Event,
    id::{FlowRunId, TaskRunId},
    permission::WriteRuns,
    time::Timestamp,
};
use store::{
    Tenant, Tx, Write,
    column::Json,
    counter,
    event::{EventRow, INSERT_EVENTS},
};

use super::task_run::{Batch, Recorded};
use crate::{Cx, Error, Result, access::Workspace, bus::Change};

/// The most events of one write.
pub const MOST_EVENTS: usize = 128;

/// Keeps these events, at most [`MOST_EVENTS`], and records what they tell of task runs. When it returns, all of it is durable; doing it
/// again, or in another order, changes nothing.
///
/// # Errors
/// [`Error::Invalid`] for an event that breaks a bound, and those of the database.
pub async fn record(cx: &Cx, ws: Workspace<WriteRuns>, events: Vec<Event>) -> Result<()> {
    if events.len() > MOST_EVENTS {
        return Err(Error::invalid("events", format!("at most {MOST_EVENTS} events at once")));
    }
    for event in &events {
        event.validate()?;
    }
    let mut transitions: Vec<RecordedTransition> = events.iter().filter_map(transition).collect();
    transitions.sort_by_key(|transition| (transition.state.timestamp, transition.state.id));
    let now = cx.clock.now();
    let mut rows: Vec<EventRow> = events.into_iter().map(|event| row(event, now)).collect();
    // Whoever sends the same events in another order waits for this batch's, and not each for the other's.
    rows.sort_by_key(|row| row.id);
    let recorded = cx.db.write(RecordEvents { tenant: *ws.tenant(), rows, transitions, now }).await?;
    for (task_run, flow_run) in recorded {
        cx.bus.tell(Change::TaskRun { workspace: ws.id(), task_run, flow_run });
    }
    Ok(())
}

/// An event that claims to tell of a task run and does not make sense is kept as an event and records nothing.
fn transition(event: &Event) -> Option<RecordedTransition> {
    RecordedTransition::from_event(event).unwrap_or_else(|invalid| {
        tracing::info!(event.id = %event.id, %invalid, "an event tells of a task run in a way that can't be read");
        None
    })
}

fn row(event: Event, received: Timestamp) -> EventRow {
    EventRow {
        id: event.id,
        occurred: event.occurred,
        received,
        resource_id: event.resource_id().to_owned(),
        event: event.event,
        resource: Json(event.resource),
        related: Json(event.related),
        payload: Json(event.payload),
        follows: event.follows,
    }
}

struct RecordEvents {
    tenant: Tenant,
    /// In the order of their ids.
    rows: Vec<EventRow>,
    /// In the order in which they happened.
    transitions: Vec<RecordedTransition>,
    now: Timestamp,
}

impl Write for RecordEvents {
    type Out = BTreeSet<(TaskRunId, Option<FlowRunId>)>;
    type Error = Error;

    /// The order of locks: events, flow runs, task runs, each by id.
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        tx.of(&self.tenant).insert(&INSERT_EVENTS, &self.rows).await?;
        if self.transitions.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut batch = Batch::load(tx, &self.tenant, &self.transitions).await?;
        for transition in &self.transitions {
            batch.enter(transition, self.now);
        }
        let Recorded { task_runs, moves } = batch.write(tx, &self.tenant).await?;
        counter::count(tx, &self.tenant, &moves).await?;
        Ok(task_runs)
    }
}
