//! The parameters of the run, as JSON.

use leptos::prelude::*;
use ui::prelude::*;

use super::live_run::LiveRun;

/// Further lines of JSON are left out, since each becomes a row of the page.
const MAX_JSON_LINES: usize = 2_000;

/// The tab.
#[component]
pub fn Parameters(run: LiveRun) -> impl IntoView {
    let parameters = Memo::new(move |_| run.head.with(|head| head.parameters.clone()));
    move || match parameters.get() {
        Some(text) => {
            let lines = text.lines().count();
            let visible = text.lines().take(MAX_JSON_LINES).collect::<Vec<_>>().join("\n");
            let hidden = lines.saturating_sub(MAX_JSON_LINES) as u64;
            let hidden = (hidden > 0).then(|| counted(hidden, "more line isn’t shown", "more lines aren’t shown"));
            let rest = hidden.map(|hidden| format!("{hidden}. Copy includes all lines."));
            view! {
                <div class="flex tools">
                    <span class="grow small t3">{rest}</span>
                    <CopyButton text=text what="the parameters" look=CopyLook::Ghost />
                </div>
                <section class="card">
                    <JsonCode label="Parameters" text=visible />
                </section>
            }
            .into_any()
        }
        None => view! {
            <Empty title="No parameters" icon=Icon::Variable>
                "This run has no parameters."
            </Empty>
        }
        .into_any(),
    }
}
