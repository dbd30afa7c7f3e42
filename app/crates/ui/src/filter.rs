//! The filter bar or the search bar above a list, and the result line below it. The URL holds the active filters, so a link can remove one of them.

use leptos::{ev, html, prelude::*};

use crate::{
    field::sync_control,
    icon::{Glyph, Icon},
    number::{counted, grouped},
    sheet::Sheet,
};

/// An active filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActiveFilter {
    /// "State".
    pub name: String,
    /// "failed or crashed".
    pub value: Signal<String>,
    /// The URL of the list without this filter.
    pub without: String,
}

/// The active filters, and a sheet with the form (children) that sets them.
#[component]
pub fn FilterBar(
    filters: Vec<ActiveFilter>,
    /// What the list shows without a filter: "All runs".
    all: &'static str,
    children: Children,
) -> impl IntoView {
    let none = filters.is_empty().then(|| view! { <span class="none">{all}</span> });
    let tokens = filters
        .into_iter()
        .map(|ActiveFilter { name, value, without }| {
            let label = format!("Remove the filter {name}");
            view! {
                <span class="token">
                    <span>{name}</span>
                    <b class="cut">{move || value.get()}</b>
                    <a href=without aria-label=label>
                        <Glyph icon=Icon::Cross />
                    </a>
                </span>
            }
        })
        .collect_view();
    let summary = || {
        view! {
            <Glyph icon=Icon::Filter />
            "Filters"
        }
    };
    view! {
        <search class="filter">
            {none}
            {tokens}
            <span class="grow"></span>
            <Sheet id="filters" title="Filters" summary>
                {children()}
            </Sheet>
        </search>
    }
}

/// A search of the whole list, in the look of the filter bar: a GET form that Enter sends.
#[component]
pub fn SearchBar(
    /// The label, also used as the placeholder: "Search by name or tag".
    #[prop(into)]
    label: String,
    /// The signal that holds the text.
    bind: RwSignal<String>,
    /// The URL of the list without a query.
    #[prop(into)]
    action: String,
    /// Called instead of the browser's own request.
    on_search: Callback<()>,
    /// Hidden fields with the rest of the query.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    sync_control(move || node.get(), bind);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        on_search.run(());
    };
    view! {
        <search>
            <form class="filter" method="GET" action=action on:submit=submit>
                <Glyph icon=Icon::Search />
                <input
                    node_ref=node
                    class="entry"
                    type="search"
                    name="search"
                    aria-label=label.clone()
                    placeholder=label
                    value=bind.get_untracked()
                    on:input=move |event| bind.set(event_target_value(&event))
                />
                {children()}
            </form>
        </search>
    }
    .into_any()
}

/// Announces the number of results to screen readers when the search or the filter has changed, but not with each live update.
#[derive(Clone, Copy, Default)]
pub struct ResultStatus {
    text: RwSignal<String>,
    /// The query of the results that are shown; `None` before the first ones.
    shown: StoredValue<Option<String>>,
}

impl ResultStatus {
    /// Tells that the results of a query are shown.
    fn announce(self, query: String, text: impl FnOnce() -> String) {
        let before = self.shown.get_value();
        if before.is_some_and(|before| before != query) {
            self.text.set(text());
        }
        self.shown.set_value(Some(query));
    }
}

/// What screen readers follow. A page has it outside of the results, because they follow only a region that stays.
#[component]
pub fn ResultRegion(status: ResultStatus) -> impl IntoView {
    view! {
        <p class="sr" role="status">
            {move || status.text.get()}
        </p>
    }
    .into_any()
}

/// The number of results, such as "1,318 flow runs"; at the right the sort order or other controls (children).
#[component]
pub fn ResultLine(
    #[prop(into)] count: Signal<u64>,
    one: &'static str,
    many: &'static str,
    /// The count at which counting stops.
    most: u64,
    /// Whether it is aligned with the list's edge, for lists whose rows have no glyph.
    #[prop(optional)]
    flush: bool,
    /// What announces the number, and the query of these results.
    #[prop(optional)]
    status: Option<(ResultStatus, String)>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let text = move |count| match count {
        count if count == most => format!("{}+ {many}", grouped(most - 1)),
        count => counted(count, one, many),
    };
    if let Some((status, query)) = status {
        Effect::new(move |_| status.announce(query.clone(), || text(count.get_untracked())));
    }
    view! {
        <div class="bar" class:runsbar=!flush>
            <b class="grow">{move || text(count.get())}</b>
            {children.map(|children| children())}
        </div>
    }
}
