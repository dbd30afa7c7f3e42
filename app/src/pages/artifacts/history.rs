//! The artifacts of a key, newest first.

use leptos::prelude::*;
use model::{
    id::ArtifactId,
    screen::{ArtifactHistory, ArtifactVersion, MAX_COUNT, VERSIONS_PER_PAGE},
};
use ui::prelude::*;

use super::{
    card::made_by,
    list_query::{next_skip, previous_skip},
};
use crate::links::{WorkspacePaths as _, WorkspaceRef, add_to_query};

/// The server stops counting artifacts at this number.
const COUNT_LIMIT: u64 = MAX_COUNT.unsigned_abs();

/// The history of the key of the artifact `shown`; `page` is the path of its page, `skip` how many versions precede the list.
pub fn history(
    history: ArtifactHistory,
    shown: ArtifactId,
    page: &str,
    skip: u32,
    workspace: WorkspaceRef,
    clock: Signal<Clock>,
) -> Option<AnyView> {
    let ArtifactHistory { versions, total } = history;
    let count = versions.len();
    let href = |skip: u32| {
        let mut query = String::new();
        add_to_query(&mut query, "skip", &skip.to_string());
        format!("{page}{query}")
    };
    let (previous, next) = (previous_skip(skip, VERSIONS_PER_PAGE).map(href), next_skip(skip, count, total).map(href));
    let pages = (previous.is_some() || next.is_some()).then(|| {
        let offset = Some(u64::from(skip));
        view! { <Pagination offset rows=count as u64 total most=COUNT_LIMIT previous next within=true /> }
    });
    let rows = versions.into_iter().map(|version| row(version, shown, workspace, clock)).collect_view();
    (total > 0).then(|| {
        view! {
            <section class="arthist">
                <h2>"History"</h2>
                <ResultLine count=Signal::stored(total) one="version" many="versions" most=COUNT_LIMIT />
                <List label="Versions of this key">{rows}</List>
                {pages}
            </section>
        }
        .into_any()
    })
}

fn row(version: ArtifactVersion, shown: ArtifactId, workspace: WorkspaceRef, clock: Signal<Clock>) -> AnyView {
    let ArtifactVersion { head, summary } = version;
    let is_shown = head.id == shown;
    view! {
        <Row columns=Columns::Versions>
            <a class="name" href=workspace.artifact_path(head.id) aria-current=is_shown.then_some("true")>
                <DateTime at=head.created clock />
            </a>
            <span class="cut t2">{summary.or(head.description.clone())}</span>
            <span class="cut t2 hide-s">{made_by(&head, workspace)}</span>
            <span class="num t3">{is_shown.then_some("Shown above")}</span>
        </Row>
    }
    .into_any()
}
