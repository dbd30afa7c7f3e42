//! The table of the list.

use leptos::prelude::*;
use model::{
    screen::{VariableListQuery, VariableOrder, VariableRow},
    variable::VariableId,
};
use ui::prelude::*;

use super::{
    list_query::{DialogTarget, list_href},
    live_list::LiveRow,
};

/// What a row needs to link to its dialogs.
#[derive(Clone, Copy)]
pub struct RowLinks {
    /// The list's path without a query.
    pub path: StoredValue<String>,
    pub query: StoredValue<VariableListQuery>,
    /// Whether the person may change variables.
    pub may_write: bool,
}

impl RowLinks {
    /// The URL of the list with a dialog.
    pub fn href(self, dialog: DialogTarget) -> String {
        self.path.with_value(|path| self.query.with_value(|query| list_href(path, query, dialog)))
    }

    /// The URL of the first page in another order.
    fn sorted(self, order: VariableOrder) -> String {
        let query = VariableListQuery { order, page: 0, search: self.query.with_value(|query| query.search.clone()) };
        self.path.with_value(|path| list_href(path, &query, DialogTarget::Closed))
    }
}

/// The id of a row's link, to which the focus returns when a dialog closes.
pub fn link_id(id: VariableId) -> String {
    format!("variable-{id}")
}

/// The variables of the page.
#[component]
pub fn Rows(rows: RwSignal<Vec<LiveRow>>, links: RowLinks) -> impl IntoView {
    let head = move || head(links);
    view! {
        <Table label="Variables" columns=Columns::Variables head>
            <For each=move || rows.get() key=|row| row.id let(row)>
                <RowView row links />
            </For>
        </Table>
    }
    .into_any()
}

fn head(links: RowLinks) -> AnyView {
    let order = links.query.with_value(|query| query.order);
    let sort = |label: &'static str, by: VariableOrder, way: Sorted| {
        view! { <SortHead label href=links.sorted(by) sorted=(order == by).then_some(way) /> }
    };
    view! {
        {sort("Name", VariableOrder::Name, Sorted::Up)}
        <span role="columnheader">"Value"</span>
        <span role="columnheader" class="opt-m">
            "Tags"
        </span>
        {sort("Changed", VariableOrder::Changed, Sorted::Down)}
        <span role="columnheader">
            <span class="sr">"Actions"</span>
        </span>
    }
    .into_any()
}

#[component]
fn RowView(row: LiveRow, links: RowLinks) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let LiveRow { id, row } = row;
    let field = |read: fn(&VariableRow) -> String| {
        let row = row.clone();
        move || row.with(read)
    };
    let (name, value) = (field(|row| row.name.clone()), field(|row| row.value.clone()));
    let tags = {
        let row = row.clone();
        move || row.with(tags)
    };
    let changed = {
        let row = row.clone();
        move || view! { <ShortDateTime at=row.with(|row| row.updated) clock /> }
    };
    // The link covers the row and with it the title of the time.
    let title = {
        let (row, zone) = (row.clone(), Memo::new(move |_| clock.get().zone));
        move || row.with(|row| format!("{}\nChanged {}", row.name, full_date_time(row.updated, zone.get())))
    };
    let menu = move || row.with(|row| links.may_write.then(|| menu(row, links)));
    view! {
        <TableRow columns=Columns::Variables>
            <div role="cell" class="cut">
                <a class="name mono cut" id=link_id(id) href=links.href(DialogTarget::Variable(id)) title=title data-noscroll="">
                    {name}
                </a>
            </div>
            <div role="cell" class="value cut">
                <code class="t2">{value}</code>
            </div>
            <div role="cell" class="opt-m hide-s">
                {tags}
            </div>
            <div role="cell" class="t2 hide-s">
                {changed}
            </div>
            <div role="cell" class="menu">
                {menu}
            </div>
        </TableRow>
    }
    .into_any()
}

fn tags(row: &VariableRow) -> AnyView {
    let more = (row.more_tags > 0).then(|| view! { <Chip text=format!("+{}", row.more_tags) /> });
    let tags = row.tags.iter().map(|tag| view! { <Chip text=tag.clone() /> }).collect_view();
    view! { <span class="chips">{tags} {more}</span> }.into_any()
}

fn menu(row: &VariableRow, links: RowLinks) -> AnyView {
    let summary = || view! { <Glyph icon=Icon::More /> };
    let (edit, delete) = (links.href(DialogTarget::Variable(row.id)), links.href(DialogTarget::Delete(row.id)));
    view! {
        <Menu label=format!("Actions for {}", row.name) class="ib sm" summary>
            <a class="it" href=edit data-noscroll="">
                <Glyph icon=Icon::Pen />
                "Edit"
            </a>
            <a class="it" href=delete data-noscroll="">
                <Glyph icon=Icon::Bin />
                "Delete"
            </a>
        </Menu>
    }
    .into_any()
}
