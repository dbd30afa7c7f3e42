//! The details of an artifact, and the texts that the client attached to it.

use leptos::prelude::*;
use model::screen::ArtifactHead;
use ui::prelude::*;

use super::card::made_by;
use crate::links::WorkspaceRef;

/// All details.
pub fn details(head: &ArtifactHead, workspace: WorkspaceRef, clock: Signal<Clock>) -> AnyView {
    let id = head.id.to_string();
    let short = format!("{}…{}", &id[..8], &id[id.len() - 4..]);
    let (created, updated) = (head.created, head.updated);
    let changed = (updated != created).then(|| {
        view! {
            <Detail name="Updated">
                <DateTime at=updated clock />
            </Detail>
        }
    });
    let task_run = head.task_run.clone().map(|name| {
        view! {
            <Detail name="Task run">
                {name}
            </Detail>
        }
    });
    let artifact_type = head.artifact_type.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| "None".to_owned());
    let (run, bytes) = (made_by(head, workspace), size(head.bytes));
    view! {
        <DetailList>
            <Detail name="Created">
                <DateTime at=created clock />
            </Detail>
            {changed}
            <Detail name="Flow run">
                {run}
            </Detail>
            {task_run}
            <Detail name="Type" mono=true>
                {artifact_type}
            </Detail>
            <Detail name="Size">
                {bytes}
            </Detail>
            <Detail name="Artifact ID" mono=true>
                <span title=id.clone()>{short}</span>
                " "
                <CopyButton text=id what="artifact ID" look=CopyLook::Icon />
            </Detail>
        </DetailList>
    }
    .into_any()
}

/// A number of bytes for people: "812 bytes", "14 kB", "2.3 MB".
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => counted(bytes, "byte", "bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// The texts that the client attached.
pub fn metadata(metadata: Vec<(String, String)>) -> Option<AnyView> {
    let entry = |(name, text): (String, String)| {
        view! {
            <Detail name mono=true>
                {text}
            </Detail>
        }
    };
    (!metadata.is_empty()).then(|| {
        view! {
            <section class="stack snug">
                <h2>"Metadata"</h2>
                <DetailList>{metadata.into_iter().map(entry).collect_view()}</DetailList>
            </section>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_a_unit_for_people() {
        for (bytes, text) in
            [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (14_900, "14 kB"), (2_345_678, "2.3 MB")]
        {
            assert_eq!(size(bytes), text);
        }
    }
}
