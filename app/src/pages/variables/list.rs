//! The page: search, the list, and what it shows when it is empty.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use model::{
    live::{Topic, TopicKind},
    permission::Permission,
    screen::{MAX_VARIABLE_PAGES, VARIABLES_PER_PAGE, VariableListQuery, VariableScreen},
};
use ui::prelude::*;

use super::{
    dialog_context::{CREATE_ID, DialogContext},
    dialogs::{Dialogs, dialog_data},
    list_query::{DialogTarget, PageQuery, list_href, sort_value},
    live_list::{COUNT_LIMIT, LiveVariables},
    rows::{RowLinks, Rows},
    server::{DeleteVariable, SaveVariable, list_variables},
};
use crate::{
    form::{FormState, search_signal},
    layout::CurrentWorkspace,
    links::{self, WorkspacePaths as _, WorkspaceRef},
    live,
    loaded::{Loaded, resource},
};

/// The page.
#[component]
pub fn VariablesPage() -> impl IntoView {
    let (save, delete) = (ServerAction::<SaveVariable>::new(), ServerAction::<DeleteVariable>::new());
    let (save_form, delete_form) = (FormState::of(save), FormState::of(delete));
    let current = CurrentWorkspace::expect();
    let (workspace, may_write) = (current.workspace_ref(), current.may(Permission::WriteVariables));
    let path = StoredValue::new(workspace.variables_path());
    let query = use_query_map();
    let query = Memo::new(move |_| query.with(PageQuery::parse));
    let list_query = Memo::new(move |_| query.with(|query| query.list.clone()));
    let target = Memo::new(move |_| query.with(|query| query.dialog));
    let search = search_signal(Memo::new(move |_| list_query.with(|query| query.search.clone())));
    let screen = resource(move || list_query.get(), move |query| list_variables(workspace, query));
    let dialog = dialog_data(target, workspace, may_write);
    let (liveness, status) = (RwSignal::new(Liveness::default()), ResultStatus::default());
    let reload = Callback::new(move |()| screen.refetch());
    let refresh = Callback::new(move |()| {
        if liveness.get_untracked() != Liveness::Live {
            screen.refetch();
        }
    });
    let (save, delete) = ((save, save_form), (delete, delete_form));
    let context = DialogContext { workspace, path, list_query, may_write, save, delete, refresh };
    let href = move |dialog| path.with_value(|path| list_query.with(|query| list_href(path, query, dialog)));
    let mut crumbs = current.crumbs();
    crumbs.push(Crumb::current("Variables"));
    let create = move || {
        may_write.then(|| {
            view! {
                <LinkButton
                    href=href(DialogTarget::New)
                    kind=ButtonKind::Primary
                    icon=Icon::Plus
                    attr:id=CREATE_ID
                    attr:data-noscroll=""
                >
                    "Create variable"
                </LinkButton>
            }
        })
    };
    view! {
        <Title text="Variables" />
        <TopBar crumbs live=liveness help=links::help_path() />
        <Page>
            <PageHead title="Variables" sub="Flows read these values by name.">
                {create}
            </PageHead>
            {move || query.with(ignored_values)}
            <Dialogs data=dialog context />
            <ResultRegion status />
            <Loaded data=screen subject="the variables" let(screen)>
                <FoundVariables screen query=list_query.get_untracked() search workspace path may_write liveness status reload />
            </Loaded>
        </Page>
    }
    .into_any()
}

fn ignored_values(query: &PageQuery) -> Option<AnyView> {
    let names = query.invalid.join(" and ");
    let text = match query.invalid.len() {
        0 => return None,
        1 => format!("{names} isn’t valid, so it was ignored."),
        _ => format!("{names} aren’t valid, so they were ignored."),
    };
    Some(view! { <Banner tone=Tone::Warn>{text}</Banner> }.into_any())
}

/// The variables that match, updated while the page is open.
#[component]
fn FoundVariables(
    screen: VariableScreen,
    query: VariableListQuery,
    search: RwSignal<String>,
    workspace: WorkspaceRef,
    path: StoredValue<String>,
    may_write: bool,
    liveness: RwSignal<Liveness>,
    status: ResultStatus,
    reload: Callback<()>,
) -> impl IntoView {
    let VariableScreen { list, position } = screen;
    let list = LiveVariables::new(list);
    live::subscribe(
        Topic { workspace, kind: TopicKind::Variables { query: query.clone() } },
        position,
        liveness,
        move |update| list.apply(update),
        move || reload.run(()),
    );
    let has_none = Memo::new(move |_| list.unfiltered.get() == 0);
    let is_empty = Memo::new(move |_| list.rows.with(Vec::is_empty));
    let searched = query.search.clone();
    let links = RowLinks { path, query: StoredValue::new(query), may_write };
    move || {
        if has_none.get() {
            return no_variables(may_write);
        }
        let rows = move || {
            if is_empty.get() {
                no_match(links, list).into_any()
            } else {
                view! {
                    <Rows rows=list.rows links />
                    {move || pages(links, list)}
                }
                .into_any()
            }
        };
        view! {
            <div class="stack">
                <Search search links />
                <div>
                    <ResultLine count=list.total one="variable" many="variables" most=COUNT_LIMIT flush=true status=(status, searched.clone()) />
                    {rows}
                </div>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Search(search: RwSignal<String>, links: RowLinks) -> impl IntoView {
    let navigate = use_navigate();
    let on_search = Callback::new(move |()| {
        let order = links.query.with_value(|query| query.order);
        let query = VariableListQuery { search: search.get_untracked(), order, page: 0 };
        let href = links.path.with_value(|path| list_href(path, &query, DialogTarget::Closed));
        navigate(&href, NavigateOptions::default());
    });
    let sort = links.query.with_value(|query| sort_value(query.order));
    let sort = sort.map(|sort| view! { <input type="hidden" name="sort" value=sort /> });
    view! {
        <SearchBar label="Search by name, value or tag" bind=search action=links.path.get_value() on_search>
            {sort}
        </SearchBar>
    }
}

/// The links to the pages around this one.
fn pages(links: RowLinks, list: LiveVariables) -> AnyView {
    let query = links.query.get_value();
    let per_page = u64::from(VARIABLES_PER_PAGE);
    let offset = u64::from(query.page) * per_page;
    let (rows, total) = (list.rows.with(Vec::len) as u64, list.total.get());
    let href = |page| {
        let query = VariableListQuery { page, ..query.clone() };
        links.path.with_value(|path| list_href(path, &query, DialogTarget::Closed))
    };
    let next = query.page + 1;
    let has_next = total > offset + per_page && next < MAX_VARIABLE_PAGES;
    let previous = query.page.checked_sub(1).map(&href);
    let next = has_next.then(|| href(next));
    if previous.is_none() && next.is_none() {
        return ().into_any();
    }
    view! { <Pagination offset=Some(offset) rows total most=COUNT_LIMIT previous next /> }.into_any()
}

/// Shown when the workspace has no variables.
fn no_variables(may_write: bool) -> AnyView {
    let then = move || {
        may_write.then(|| view! { <CopyField value="prefect variable set batch_size 5000" what="the command" /> })
    };
    view! {
        <Empty title="No variables yet" icon=Icon::Variable then>
            "A flow reads a variable by name with " <code>"Variable.get(\"batch_size\")"</code>
            ". You can change the value without redeploying the flow."
        </Empty>
    }
    .into_any()
}

/// Shown when no variable matches, or the page is beyond the last one.
fn no_match(links: RowLinks, list: LiveVariables) -> impl IntoView + use<> {
    let is_search = links.query.with_value(|query| !query.search.is_empty());
    let title = if is_search { "No variables match" } else { "No variables on this page" };
    let text = move || {
        let count = list.unfiltered.get();
        let variables = if count == COUNT_LIMIT {
            format!("{}+ variables", grouped(COUNT_LIMIT - 1))
        } else {
            counted(count, "variable", "variables")
        };
        if is_search {
            format!("Without the search, the list has {variables}.")
        } else {
            format!("That’s past the last page. The list has {variables}.")
        }
    };
    view! {
        <EmptyFilter title clear=links.path.get_value()>
            {text}
        </EmptyFilter>
    }
}
