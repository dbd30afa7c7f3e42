//! Takes a batch of events.

use std::collections::BTreeMap;

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
    flow_run::ENCLOSING_FLOW_RUN,
};

use super::task_run::{self, Around};
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
    let transitions = events.iter().filter_map(transition).collect();
    let now = cx.clock.now();
    let rows = events.into_iter().map(|event| row(event, now)).collect();
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
    rows: Vec<EventRow>,
    transitions: Vec<RecordedTransition>,
    now: Timestamp,
}

impl Write for RecordEvents {
    type Out = Vec<(TaskRunId, Option<FlowRunId>)>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        tx.of(&self.tenant).insert(&INSERT_EVENTS, &self.rows).await?;
        // By flow run, in the order in which they are locked; each flow run's in the order in which it happened.
        let mut by_flow_run: BTreeMap<Option<FlowRunId>, Vec<&RecordedTransition>> = BTreeMap::new();
        for transition in &self.transitions {
            by_flow_run.entry(transition.flow_run_id).or_default().push(transition);
        }
        let (mut moves, mut recorded) = (Vec::new(), Vec::new());
        for (flow_run, mut transitions) in by_flow_run {
            // The flow run may be deleted meanwhile: then nobody asks for its task runs any more.
            let Some(around) = self.lock(tx, flow_run).await? else { continue };
            transitions.sort_by_key(|transition| (transition.task_run_id, transition.state.timestamp));
            for transition in transitions {
                let (id, moved) = task_run::record(tx, &self.tenant, transition.clone(), &around, self.now).await?;
                moves.extend(moved);
                recorded.push((id, flow_run));
            }
        }
        counter::count(tx, &self.tenant, &moves).await?;
        recorded.dedup();
        Ok(recorded)
    }
}

impl RecordEvents {
    async fn lock(&self, tx: &mut Tx<'_>, flow_run: Option<FlowRunId>) -> Result<Option<Around>> {
        let Some(flow_run) = flow_run else { return Ok(Some(Around::nothing())) };
        let found = tx.of(&self.tenant).optional(&ENCLOSING_FLOW_RUN, (flow_run,)).await?;
        Ok(found.map(|row| Around::flow_run(flow_run, row)))
    }
}
