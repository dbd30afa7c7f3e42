//! How the kind of an artifact is shown.

use model::{artifact::ArtifactKind, screen::ArtifactHead};
use ui::prelude::*;

/// The icon of a kind, or of other artifacts.
pub fn icon(kind: Option<ArtifactKind>) -> Icon {
    match kind {
        Some(ArtifactKind::Table) => Icon::Table,
        Some(ArtifactKind::Link) => Icon::Link,
        Some(ArtifactKind::Progress) => Icon::Pulse,
        Some(ArtifactKind::Image) => Icon::Image,
        Some(ArtifactKind::Markdown) | None => Icon::Artifact,
    }
}

/// The label of a kind in the filter.
pub fn label(kind: ArtifactKind) -> &'static str {
    match kind {
        ArtifactKind::Table => "Table",
        ArtifactKind::Markdown => "Markdown",
        ArtifactKind::Link => "Link",
        ArtifactKind::Progress => "Progress",
        ArtifactKind::Image => "Image",
    }
}

/// The word for the artifact's kind: the type that the client sent if it is no known one.
pub fn word(head: &ArtifactHead) -> String {
    let sent = || head.artifact_type.clone().filter(|name| !name.is_empty());
    head.kind.map(|kind| kind.as_str().to_owned()).or_else(sent).unwrap_or_else(|| "no type".to_owned())
}
