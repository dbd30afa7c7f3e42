//! The screens of artifacts: the newest of each key, and one artifact with the history of its key.

use serde::{Deserialize, Serialize};

use super::RunLink;
use crate::{artifact::ArtifactKind, id::ArtifactId, name::Slug, stream_position::StreamPosition, time::Timestamp};

/// Artifacts per page of the list.
pub const ARTIFACTS_PER_PAGE: usize = 24;
/// Versions per page of a key's history.
pub const VERSIONS_PER_PAGE: usize = 50;
/// The most bytes of a search.
const MAX_SEARCH_BYTES: usize = 512;

/// The filter of the list of artifacts.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArtifactListFilter {
    pub kind: Option<ArtifactKind>,
    /// A part of the key, of the description or of the name of the flow that made the artifact; empty for every artifact.
    pub search: String,
}

impl ArtifactListFilter {
    /// Whether it matches every artifact.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it keeps the size limit and contains no NUL, which PostgreSQL can't store.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.search.len() <= MAX_SEARCH_BYTES && !self.search.contains('\0')
    }
}

/// The newest artifact of a key in the list, or an earlier version in the history of its key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ArtifactHead {
    pub id: ArtifactId,
    pub key: Option<String>,
    pub kind: Option<ArtifactKind>,
    /// The type that the client sent, shortened.
    pub artifact_type: Option<String>,
    /// Shortened.
    pub description: Option<String>,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// The flow run that made it, if it is stored.
    pub run: Option<RunLink>,
    /// The name of the task run that made it, if it is stored.
    pub task_run: Option<String>,
    /// How many bytes its data has.
    pub bytes: u64,
}

/// The data of an artifact, prepared for a page. A preview has less of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactContent {
    /// There is no data.
    None,
    Table(ArtifactTable),
    /// HTML without scripts, styles, images and ids.
    Markdown {
        html: String,
        /// Whether the end was left out.
        cut: bool,
    },
    Link {
        text: String,
        /// None if browsers must not open it.
        href: Option<String>,
    },
    /// Per cent, 0 to 100.
    Progress(f64),
    Image(ArtifactImage),
    /// Data of another type, or data that is not what its type says.
    Json {
        text: String,
        /// Whether the end was left out.
        cut: bool,
    },
    /// The data is too long for a page.
    TooLarge,
}

/// Where an image is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactImage {
    /// In the artifact itself: a `data:` URL.
    Embedded(String),
    /// On a server: `url` begins with `origin`, which is a scheme and a host.
    Remote { url: String, origin: String },
}

/// A table as texts. Each row has a cell for each column.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ArtifactTable {
    pub columns: Vec<ArtifactColumn>,
    pub rows: Vec<Vec<String>>,
    /// How many rows the table has; more than `rows` if some were left out.
    pub total_rows: u64,
    /// How many columns the table has; more than `columns` if some were left out.
    pub total_columns: u64,
}

/// A column of a table.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ArtifactColumn {
    /// Empty if the table has no names for its columns.
    pub name: String,
    /// Whether all its values are numbers.
    pub numeric: bool,
}

/// The newest artifact of a key, with a preview of its data.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ArtifactCard {
    pub head: ArtifactHead,
    pub preview: ArtifactContent,
}

/// A page of the list of artifacts.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ArtifactList {
    /// The last updated first.
    pub cards: Vec<ArtifactCard>,
    /// How many keys match, at most [`MAX_COUNT`](super::MAX_COUNT).
    pub total: u64,
    /// How many keys there are without the filter, at most [`MAX_COUNT`](super::MAX_COUNT); read only if none matches.
    pub unfiltered: u64,
    pub position: StreamPosition,
}

/// Selects an artifact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactRef {
    /// The newest of this key.
    Newest(Slug),
    Id(ArtifactId),
}

/// The screen of one artifact.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ArtifactScreen {
    pub head: ArtifactHead,
    pub content: ArtifactContent,
    /// Texts that the client attached; shortened.
    pub metadata: Vec<(String, String)>,
    /// Whether it is the newest of its key; false without a key.
    pub newest: bool,
    /// The history of the key.
    pub history: ArtifactHistory,
    pub position: StreamPosition,
}

/// A page of the artifacts of a key.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct ArtifactHistory {
    /// Newest first.
    pub versions: Vec<ArtifactVersion>,
    /// How many artifacts the key has, at most [`MAX_COUNT`](super::MAX_COUNT).
    pub total: u64,
}

/// An artifact in the history of its key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ArtifactVersion {
    pub head: ArtifactHead,
    /// Its data in a few words, if the data is short.
    pub summary: Option<String>,
}
