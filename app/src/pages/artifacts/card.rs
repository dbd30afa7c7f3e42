//! An artifact in the list: as a card with a preview, or as a row.

use leptos::prelude::*;
use model::{
    screen::{ArtifactCard, ArtifactHead, RunLink},
    time::Timestamp,
};
use ui::prelude::*;

use super::{content::preview, kind};
use crate::links::{WorkspacePaths as _, WorkspaceRef};

/// The card of the newest artifact of a key.
pub fn card(card: ArtifactCard, workspace: WorkspaceRef, clock: Signal<Clock>) -> AnyView {
    let ArtifactCard { head, preview: content } = card;
    let key = head.key.clone().unwrap_or_default();
    let (view, fills) = preview(content, &key);
    let href = workspace.newest_artifact_path(&key);
    let title = title(&key, head.updated, clock);
    let description = head.description.clone().map(|text| view! { <p class="t3 about">{text}</p> });
    view! {
        <article class="card art">
            <div class="hd">
                <Glyph icon=kind::icon(head.kind) />
                <h2 class="cut grow">
                    <a class="name" href=href title=move || title.get()>
                        {key}
                    </a>
                </h2>
                <Chip text=kind::word(&head) />
            </div>
            <div class="pv" class:flush=fills>
                {view}
                {(!fills).then_some(description)}
            </div>
            <div class="mt">
                <span class="cut grow">{made_by(&head, workspace)}</span>
                <PastTime at=head.updated clock />
            </div>
        </article>
    }
    .into_any()
}

/// The row of the newest artifact of a key.
pub fn row(card: ArtifactCard, workspace: WorkspaceRef, clock: Signal<Clock>) -> AnyView {
    let head = card.head;
    let key = head.key.clone().unwrap_or_default();
    let href = workspace.newest_artifact_path(&key);
    let title = title(&key, head.updated, clock);
    let description = head.description.clone().map(|text| {
        view! {
            <div class="meta">
                <span class="cut">{text}</span>
            </div>
        }
    });
    view! {
        <Row columns=Columns::Artifacts two=true>
            <Glyph icon=kind::icon(head.kind) />
            <div class="cut">
                <a class="cut name" href=href title=move || title.get()>
                    {key}
                </a>
                {description}
            </div>
            <span class="hide-s">
                <Chip text=kind::word(&head) />
            </span>
            <span class="cut t2 hide-s">{made_by(&head, workspace)}</span>
            <span class="num t2">
                <PastTime at=head.updated clock />
            </span>
        </Row>
    }
    .into_any()
}

/// What the card or the row cuts or shortens, in full. It is the link's title, because the link covers all of it.
fn title(key: &str, updated: Timestamp, clock: Signal<Clock>) -> Signal<String> {
    let key = key.to_owned();
    let zone = Memo::new(move |_| clock.get().zone);
    Signal::derive(move || format!("{key}\nUpdated {}", full_date_time(updated, zone.get())))
}

/// The run that made the artifact, with a link to its page.
pub fn made_by(head: &ArtifactHead, workspace: WorkspaceRef) -> AnyView {
    match head.run.clone() {
        Some(RunLink { id, flow, name }) => view! {
            <a class="run" href=workspace.flow_run_path(id)>
                {format!("{flow} / {name}")}
            </a>
        }
        .into_any(),
        None => "Created outside a run".into_any(),
    }
}
