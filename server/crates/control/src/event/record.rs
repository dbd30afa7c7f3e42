//! Records a batch of events.

use engine::recorder::RecordedTransition;
use model::{event::Event, permission::WriteRuns, time::Timestamp};
use store::{
    Tenant, Tx, Write, counter,
    event::{EventRow, INSERT_EVENTS},
};

use super::task_run::Batch;
use crate::{Cx, Error, Result, access::Workspace};

/// The most events of one write.
pub const MAX_EVENTS: usize = 128;

/// Stores these events, at most [`MAX_EVENTS`], and records their task run states. When it returns, all of them are durable. Recording them
/// again, or in another order, changes nothing.
///
/// # Errors
/// [`Error::Invalid`] for an event that exceeds a limit, and those of the database.
pub async fn record(cx: &Cx, ws: Workspace<WriteRuns>, events: Vec<Event>) -> Result<()> {
    if events.len() > MAX_EVENTS {
        return Err(Error::invalid("events", format!("at most {MAX_EVENTS} events at once")));
    }
    for event in &events {
        event.validate()?;
    }
    let mut transitions: Vec<RecordedTransition> = events.iter().filter_map(transition).collect();
    transitions.sort_by_key(|transition| (transition.state.timestamp, transition.state.id));
    let now = cx.clock.now();
    let mut rows: Vec<EventRow> = events.into_iter().map(|event| row(event, now)).collect();
    // Sorted, so that two batches with the same events lock them in the same order and can't deadlock.
    rows.sort_by_key(|row| row.id);
    cx.db.write(RecordEvents { tenant: *ws.tenant(), rows, transitions, now }).await
}

/// The task run state of an event. An event with an invalid one is stored, but no state is recorded.
fn transition(event: &Event) -> Option<RecordedTransition> {
    RecordedTransition::from_event(event).unwrap_or_else(|invalid| {
        tracing::info!(event.id = %event.id, %invalid, "an event has an invalid task run state");
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
        resource: event.resource,
        related: event.related,
        payload: event.payload,
        follows: event.follows,
    }
}

struct RecordEvents {
    tenant: Tenant,
    /// Sorted by id.
    rows: Vec<EventRow>,
    /// Sorted by the time of the state.
    transitions: Vec<RecordedTransition>,
    now: Timestamp,
}

impl Write for RecordEvents {
    type Out = ();
    type Error = Error;

    /// Locks events, then flow runs, then task runs, each sorted by id.
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tx = tx.of(&self.tenant);
        tx.insert(&INSERT_EVENTS, &self.rows).await?;
        if self.transitions.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::load(&mut tx, &self.transitions).await?;
        for transition in &self.transitions {
            batch.apply(transition, self.now);
        }
        let deltas = batch.write(&mut tx).await?;
        Ok(counter::apply(&mut tx, &deltas).await?)
    }
}
