//! Log lines: stored in batches, read by run.

use std::{collections::BTreeMap, ops::RangeInclusive};

use model::{
    id::FlowRunId,
    log::{Log, LogCreate, LogId, LogQuery},
    permission::{ReadRuns, WriteRuns},
    screen::LineSortKey,
    time::Timestamp,
};
use sha2::{Digest, Sha256};
use store::{
    Change, Tenant, Tx, Write,
    log::{INSERT_LOGS, LogRow},
};
use uuid::Builder;

use crate::{Cx, Error, Result, access::Workspace, list::list_query};

list_query!(LogQuery by ReadRuns => Log);

/// The most lines of one write: other writes wait for it, and a slow machine must finish it within the time limit of a write. A longer
/// batch takes several writes; if one of them fails, those before it are committed, and the client sends the batch again.
const LINES_PER_WRITE: usize = 2_000;

/// Stores log lines. A client may send a batch again, because it failed half-way or the response was lost: only missing lines are added.
/// The run need not exist: lines may arrive before it is created and after it is deleted.
///
/// # Errors
/// Only those of the database.
pub async fn write(cx: &Cx, ws: Workspace<WriteRuns>, lines: Vec<LogCreate>) -> Result<()> {
    let now = cx.clock.now();
    let ids = BatchIds::of(&lines)?;
    let mut rows: Vec<LogRow> = lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| LogRow {
            id: ids.at(index, line.timestamp),
            flow_run_id: line.flow_run_id,
            task_run_id: line.task_run_id,
            name: line.name,
            level: line.level.into(),
            message: line.message,
            timestamp: line.timestamp,
            created: now,
        })
        .collect();
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(LINES_PER_WRITE));
        cx.db.write(WriteLogs { tenant: *ws.tenant(), rows }).await?;
        rows = rest;
    }
    Ok(())
}

/// The ids of a batch's lines: the same each time that the client sends the same batch.
struct BatchIds([u8; 32]);

impl BatchIds {
    fn of(lines: &[LogCreate]) -> Result<Self> {
        let text = serde_json::to_vec(lines).map_err(|_| Error::Internal)?;
        Ok(Self(Sha256::digest(text).into()))
    }

    /// A UUID of version 7: the line's own millisecond, its index in the batch, and then bytes of the batch's hash.
    fn at(&self, index: usize, timestamp: Timestamp) -> LogId {
        let mut rest = [0; 10];
        // The UUID's variant takes the two bits between these.
        let [.., high, low] = (index >> 6).to_be_bytes();
        (rest[0], rest[1], rest[2]) = (high & 0x0f, low, index.to_le_bytes()[0] & 0x3f);
        rest[3..].copy_from_slice(&self.0[..7]);
        let millis = u64::try_from(timestamp.micros() / 1_000).unwrap_or_default();
        LogId::from(Builder::from_unix_timestamp_millis(millis, &rest).into_uuid())
    }
}

/// The range of lines of each flow run, in the order of the log.
fn by_flow_run(rows: &[LogRow]) -> BTreeMap<FlowRunId, RangeInclusive<LineSortKey>> {
    let mut ranges: BTreeMap<FlowRunId, RangeInclusive<LineSortKey>> = BTreeMap::new();
    for row in rows {
        let Some(flow_run) = row.flow_run_id else { continue };
        let place = LineSortKey { at: row.timestamp, id: row.id };
        let lines = ranges.entry(flow_run).or_insert(place..=place);
        *lines = place.min(*lines.start())..=place.max(*lines.end());
    }
    ranges
}

struct WriteLogs {
    tenant: Tenant,
    rows: Vec<LogRow>,
}

impl Write for WriteLogs {
    type Out = ();
    type Error = store::Error;
    async fn run(&self, tx: &mut Tx<'_>) -> store::Result<()> {
        let mut tx = tx.of(&self.tenant);
        tx.insert(&INSERT_LOGS, &self.rows).await?;
        for (flow_run, lines) in by_flow_run(&self.rows) {
            tx.publish(Change::Logs { workspace: tx.workspace(), flow_run, lines });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::{log::LogCreate, time::Timestamp};

    use super::BatchIds;

    fn batch(messages: &[&str]) -> BatchIds {
        let line = |message: &&str| LogCreate {
            name: "flow".to_owned(),
            level: 20,
            message: (*message).to_owned(),
            timestamp: Timestamp::default(),
            flow_run_id: None,
            task_run_id: None,
            worker_id: None,
        };
        BatchIds::of(&messages.iter().map(line).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn ids_depend_on_the_batch_and_sort_in_its_order() {
        let (batch, again, other) = (batch(&["a", "b"]), batch(&["a", "b"]), batch(&["a", "c"]));
        let time = Timestamp::from_micros(1_795_600_800_123_456);
        assert_eq!(batch.at(1, time), again.at(1, time));
        assert_ne!(batch.at(0, time), other.at(0, time));
        let ids: Vec<_> = (0..200_000).map(|index| batch.at(index, time)).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert!(ids[199_999] < batch.at(0, time.plus_micros(1_000)));
        assert_eq!(ids[0].0.get_version_num(), 7);
    }
}
