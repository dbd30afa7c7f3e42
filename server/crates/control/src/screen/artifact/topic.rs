//! The topics of the pages of artifacts. An update has the whole page, which is small.

use std::time::Duration;

use model::{
    live::Update,
    permission::ReadRuns,
    screen::{ArtifactListFilter, ArtifactRef},
};

use super::{artifact, artifact_list, check, check_skip};
use crate::{
    Cx, Result,
    access::Workspace,
    changes::{Change, KeyDigest},
    screen::topic::{ReadUpdate, Topic},
};

/// The shortest time between two updates. Clients update the artifact of their progress many times a second.
const INTERVAL: Duration = Duration::from_millis(500);

/// The newest artifacts of the keys that match.
pub struct ArtifactListTopic {
    workspace: Workspace<ReadRuns>,
    filter: ArtifactListFilter,
    skip: u32,
}

impl ArtifactListTopic {
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) for a filter that exceeds a limit.
    pub fn new(workspace: Workspace<ReadRuns>, filter: ArtifactListFilter, skip: u32) -> Result<Self> {
        check(&filter, skip)?;
        Ok(Self { workspace, filter, skip })
    }
}

impl Topic for ArtifactListTopic {
    fn record(&mut self, change: &Change) -> bool {
        matches!(change, Change::Artifact { key: Some(_), .. })
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn read<'a>(&'a mut self, cx: &'a Cx) -> ReadUpdate<'a> {
        Box::pin(async {
            let list = artifact_list(cx, self.workspace, self.filter.clone(), self.skip).await?;
            Ok(Some(Update::Artifacts(Box::new(list))))
        })
    }
}

/// One artifact, or the newest of a key, with the history of the key.
pub struct ArtifactTopic {
    workspace: Workspace<ReadRuns>,
    artifact: ArtifactRef,
    key: Option<KeyDigest>,
    skip: u32,
}

impl ArtifactTopic {
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) for a page of the history beyond the limit.
    pub fn new(workspace: Workspace<ReadRuns>, artifact: ArtifactRef, key: Option<&str>, skip: u32) -> Result<Self> {
        check_skip(skip)?;
        Ok(Self { workspace, artifact, key: key.map(KeyDigest::of), skip })
    }
}

impl Topic for ArtifactTopic {
    fn record(&mut self, change: &Change) -> bool {
        let Change::Artifact { artifact, key, .. } = change else { return false };
        self.artifact == ArtifactRef::Id(*artifact) || (key.is_some() && *key == self.key)
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn read<'a>(&'a mut self, cx: &'a Cx) -> ReadUpdate<'a> {
        Box::pin(async {
            let screen = artifact(cx, self.workspace, self.artifact.clone(), self.skip).await?;
            Ok(Some(Update::Artifact(Box::new(screen))))
        })
    }
}
