//! The screens of artifacts.

mod content;
mod markdown;
mod size;
mod table;
mod topic;
mod url;

use std::collections::BTreeMap;

use model::{
    artifact::ArtifactKind,
    id::ArtifactId,
    live::StreamPosition,
    page::Page,
    permission::ReadRuns,
    screen::{
        ARTIFACTS_PER_PAGE, ArtifactCard, ArtifactHead, ArtifactHistory, ArtifactList, ArtifactListFilter, ArtifactRef,
        ArtifactScreen, ArtifactVersion, MAX_COUNT, RunLink, VERSIONS_PER_PAGE,
    },
};
use store::{
    Read, Tenant, Tx,
    column::Json,
    filter::{LatestArtifacts, Window},
    screen::artifact::{
        ARTIFACT_IDS_OF_KEY, ARTIFACT_KEY, ARTIFACT_METADATA, ARTIFACTS_ON_PAGE, ArtifactPageRow,
        COUNT_ARTIFACTS_OF_KEY, LATEST_ARTIFACT_ID,
    },
};
pub use topic::{ArtifactListTopic, ArtifactTopic};

use self::{content::Data, size::Size};
use crate::{Cx, Error, Result, access::Workspace, artifact::NOUN};

/// The most bytes of data that is read for a preview in the list.
const PREVIEW_BYTES: i64 = 64 * 1024;
/// The same for the page of one artifact.
const PAGE_BYTES: i64 = 1024 * 1024;
/// The same for a row of the history.
const SUMMARY_BYTES: i64 = 2_000;
/// The most bytes of metadata, and the most of its entries on the page.
const METADATA_BYTES: i64 = 64 * 1024;
const MAX_METADATA: usize = 50;

/// A page of the newest artifacts of the keys that match, after the first `skip`.
///
/// # Errors
/// [`Error::Invalid`] for a filter that exceeds a limit, and those of the database.
pub async fn artifact_list(
    cx: &Cx,
    ws: Workspace<ReadRuns>,
    filter: ArtifactListFilter,
    skip: u32,
) -> Result<ArtifactList> {
    check(&filter, skip)?;
    let position = cx.changes().position();
    let list = cx.db.read(ReadList { tenant: *ws.tenant(), filter, skip }).await?;
    Ok(ArtifactList { position, ..list })
}

/// An artifact, and a page of the history of its key after the first `skip`.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for a page beyond the limit.
pub async fn artifact(cx: &Cx, ws: Workspace<ReadRuns>, artifact: ArtifactRef, skip: u32) -> Result<ArtifactScreen> {
    check_skip(skip)?;
    let position = cx.changes().position();
    let screen = cx.db.read(ReadArtifact { tenant: *ws.tenant(), artifact, skip }).await?;
    Ok(ArtifactScreen { position, ..screen })
}

/// What the page of an artifact shows before it is read: its key.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn artifact_key(cx: &Cx, ws: Workspace<ReadRuns>, artifact: ArtifactRef) -> Result<Option<String>> {
    cx.db.read(ReadKey { tenant: *ws.tenant(), artifact }).await
}

fn check(filter: &ArtifactListFilter, skip: u32) -> Result<()> {
    check_skip(skip)?;
    filter.is_valid().then_some(()).ok_or_else(|| Error::invalid("search", "the search is too long"))
}

/// Pages further back would cost more the further they are.
fn check_skip(skip: u32) -> Result<()> {
    (i64::from(skip) < MAX_COUNT).then_some(()).ok_or_else(|| Error::invalid("skip", "there are no further pages"))
}

struct ReadList {
    tenant: Tenant,
    filter: ArtifactListFilter,
    skip: u32,
}

impl Read for ReadList {
    type Out = ArtifactList;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<ArtifactList> {
        let page = Page::new(Some(ARTIFACTS_PER_PAGE as i64), Some(self.skip.into()));
        let page = page.map_err(|error| Error::invalid("skip", error.to_string()))?;
        let listed = tx.of(&self.tenant).list(&LatestArtifacts(self.filter.clone()), Window::Page(page)).await?;
        let ids: Vec<(ArtifactId,)> = listed.into_iter().map(|row| (row.latest_id,)).collect();
        let rows = rows(tx, &self.tenant, ids, PREVIEW_BYTES).await?;
        let total = self.count(tx, &self.filter).await?;
        let unfiltered = match total {
            0 => self.count(tx, &ArtifactListFilter::default()).await?,
            total => total,
        };
        let cards = rows.into_iter().map(card).collect();
        Ok(ArtifactList { cards, total, unfiltered, position: StreamPosition::default() })
    }
}

impl ReadList {
    async fn count(&self, tx: &mut Tx<'_>, filter: &ArtifactListFilter) -> Result<u64> {
        Ok(tx.of(&self.tenant).count(&LatestArtifacts(filter.clone()), Some(MAX_COUNT.unsigned_abs())).await?)
    }
}

struct ReadKey {
    tenant: Tenant,
    artifact: ArtifactRef,
}

impl Read for ReadKey {
    type Out = Option<String>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>> {
        let mut scope = tx.of(&self.tenant);
        match &self.artifact {
            ArtifactRef::Newest(key) => {
                let newest = scope.optional(&LATEST_ARTIFACT_ID, (key.as_str(),)).await?;
                newest.map(|_| Some(key.to_string())).ok_or(Error::missing(NOUN))
            }
            ArtifactRef::Id(id) => {
                let found = scope.optional(&ARTIFACT_KEY, (*id,)).await?;
                found.map(|(key,)| key).ok_or(Error::not_found(NOUN, *id))
            }
        }
    }
}

struct ReadArtifact {
    tenant: Tenant,
    artifact: ArtifactRef,
    skip: u32,
}

impl Read for ReadArtifact {
    type Out = ArtifactScreen;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<ArtifactScreen> {
        let id = match &self.artifact {
            ArtifactRef::Id(id) => *id,
            ArtifactRef::Newest(key) => self.newest(tx, key.as_str()).await?.ok_or(Error::missing(NOUN))?,
        };
        let found = rows(tx, &self.tenant, vec![(id,)], PAGE_BYTES).await?;
        let row = found.into_iter().next().ok_or(Error::not_found(NOUN, id))?;
        let (newest, history) = match &row.key {
            Some(key) => (self.newest(tx, key).await? == Some(id), self.history(tx, key).await?),
            None => (false, ArtifactHistory::default()),
        };
        let metadata = tx.of(&self.tenant).optional(&ARTIFACT_METADATA, (id, METADATA_BYTES)).await?;
        let metadata = metadata.and_then(|(metadata,)| metadata).map(|metadata| metadata.0).unwrap_or_default();
        let (head, data) = split(row);
        let content = data.content(head.artifact_type.as_deref(), Size::Page);
        let metadata = metadata.into_iter().take(MAX_METADATA).collect();
        Ok(ArtifactScreen { head, content, metadata, newest, history, position: StreamPosition::default() })
    }
}

impl ReadArtifact {
    async fn newest(&self, tx: &mut Tx<'_>, key: &str) -> Result<Option<ArtifactId>> {
        Ok(tx.of(&self.tenant).optional(&LATEST_ARTIFACT_ID, (key,)).await?.map(|(id,)| id))
    }

    async fn history(&self, tx: &mut Tx<'_>, key: &str) -> Result<ArtifactHistory> {
        let (total,) = tx.of(&self.tenant).one(&COUNT_ARTIFACTS_OF_KEY, (key, MAX_COUNT)).await?;
        let page = (key, VERSIONS_PER_PAGE as i64, i64::from(self.skip));
        let ids = tx.of(&self.tenant).all(&ARTIFACT_IDS_OF_KEY, page).await?;
        let rows = rows(tx, &self.tenant, ids, SUMMARY_BYTES).await?;
        Ok(ArtifactHistory { versions: rows.into_iter().map(version).collect(), total: total.unsigned_abs() })
    }
}

/// The rows of these artifacts, in the same order. Data of more than `max_bytes` is left out.
async fn rows(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    ids: Vec<(ArtifactId,)>,
    max_bytes: i64,
) -> Result<Vec<ArtifactPageRow>> {
    let ids: Vec<ArtifactId> = ids.into_iter().map(|(id,)| id).collect();
    let rows = tx.of(tenant).all(&ARTIFACTS_ON_PAGE, (Json(ids.clone()), max_bytes)).await?;
    let mut rows: BTreeMap<ArtifactId, ArtifactPageRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

fn card(row: ArtifactPageRow) -> ArtifactCard {
    let (head, data) = split(row);
    let preview = data.content(head.artifact_type.as_deref(), Size::Preview);
    ArtifactCard { head, preview }
}

fn version(row: ArtifactPageRow) -> ArtifactVersion {
    let (head, data) = split(row);
    let summary = data.summary(head.artifact_type.as_deref());
    ArtifactVersion { head, summary }
}

fn split(row: ArtifactPageRow) -> (ArtifactHead, Data) {
    let data = Data::of(row.data, row.bytes);
    let run = row.flow_run_id.zip(row.flow).zip(row.flow_run);
    let head = ArtifactHead {
        id: row.id,
        key: row.key,
        kind: ArtifactKind::of(row.artifact_type.as_deref(), data.text()),
        artifact_type: row.artifact_type,
        description: row.description.filter(|text| !text.is_empty()),
        created: row.created,
        updated: row.updated,
        run: run.map(|((id, flow), name)| RunLink { id, flow, name }),
        task_run: row.task_run,
        bytes: row.bytes.unsigned_abs(),
    };
    (head, data)
}
