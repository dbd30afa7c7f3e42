//! The list of a person's API keys.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use model::api_key::{ApiKey, KeyList, KeySort};
use ui::prelude::*;

use super::{
    create::CreateKeyDialog,
    created_key::CreatedKeyDialog,
    server::{CreateKey, DeleteKey, list_keys},
};
use crate::{
    form::{FormErrorBanner, FormState, search_signal},
    links::{self, add_to_query},
    loaded::{Loaded, resource},
    pages::my_sign_in::SettingsTabs,
};

/// The search and the order in the URL's query.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct KeyListQuery {
    search: String,
    sort: KeySort,
}

/// The orders: the value in the URL, and the label of the menu that replaces the table's head on small screens.
const SORTS: [(&str, &str, KeySort); 4] = [
    ("newest", "Newest first", KeySort::Newest),
    ("name", "By name", KeySort::Name),
    ("expires", "Expiring soonest", KeySort::Expires),
    ("last-used", "Recently used", KeySort::LastUsed),
];

fn sort_value(sort: KeySort) -> &'static str {
    SORTS.iter().find(|(_, _, known)| *known == sort).map_or("", |(value, ..)| value)
}

fn parse_sort(value: &str) -> KeySort {
    SORTS.into_iter().find(|(known, ..)| *known == value).map(|(_, _, sort)| sort).unwrap_or_default()
}

impl KeyListQuery {
    fn href(&self, sort: KeySort) -> String {
        let mut query = String::new();
        add_to_query(&mut query, "sort", sort_value(sort));
        if !self.search.is_empty() {
            add_to_query(&mut query, "search", &self.search);
        }
        format!("{}{query}", links::api_keys_path())
    }
}

/// The page.
#[component]
pub fn ApiKeysPage() -> impl IntoView {
    let (create, delete) = (ServerAction::<CreateKey>::new(), ServerAction::<DeleteKey>::new());
    let (create_form, delete_form) = (FormState::of(create), FormState::of(delete));
    let query = use_query_map();
    let list_query = Memo::new(move |_| {
        query.with(|query| KeyListQuery {
            search: query.get("search").unwrap_or_default(),
            sort: query.get("sort").map(|value| parse_sort(&value)).unwrap_or_default(),
        })
    });
    let search = search_signal(Memo::new(move |_| list_query.with(|query| query.search.clone())));
    let keys = resource(move || list_query.get(), |query| list_keys(query.search, query.sort));
    let creating = RwSignal::new(false);
    let deleting = RwSignal::new(None::<ApiKey>);
    let toasts = expect_context::<Toasts>();
    Effect::new(move |_| {
        if create.value().with(|value| matches!(value, Some(Ok(Ok(_))))) {
            creating.set(false);
            keys.refetch();
        }
    });
    Effect::new(move |_| {
        if delete.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
            deleting.set(None);
            keys.refetch();
            toasts.show("API key deleted");
        }
    });
    view! {
        <Title text="API keys" />
        <TopBar crumbs=vec![Crumb::link("Your settings", links::api_keys_path()), Crumb::current("API keys")] help=links::help_path() />
        <Page width=PageWidth::NarrowCentre>
            <PageHead title="Your settings" />
            <SettingsTabs current=links::api_keys_path() />
            <div class="flex wrap">
                <p class="t2 grow">"A key lets a client act as you in every workspace you belong to."</p>
                <Button kind=ButtonKind::Primary icon=Icon::Plus on:click=move |_| creating.set(true)>
                    "Create key"
                </Button>
            </div>
            <noscript>
                <p class="small t3">"Creating a key needs JavaScript."</p>
            </noscript>
            <Loaded data=keys subject="API keys" let(list)>
                <KeyTable list query=list_query.get_untracked() search deleting />
            </Loaded>
            <CreatedKeyView action=create />
            <CreateKeyDialog open=creating action=create form=create_form />
            {move || deleting.get().map(|key| view! { <DeleteDialog key_to_delete=key deleting action=delete form=delete_form /> })}
        </Page>
    }
    .into_any()
}

/// The dialog with the key that was just created, until it is closed. It is not part of the list, since that is reloaded.
#[component]
fn CreatedKeyView(action: ServerAction<CreateKey>) -> impl IntoView {
    let drop_key = Callback::new(move |()| action.clear());
    move || match action.value().get() {
        Some(Ok(Ok(created))) => Some(view! { <CreatedKeyDialog created on_close=drop_key /> }),
        _ => None,
    }
}

#[component]
fn KeyTable(
    list: KeyList,
    query: KeyListQuery,
    search: RwSignal<String>,
    deleting: RwSignal<Option<ApiKey>>,
) -> impl IntoView {
    let KeyList { keys, total } = list;
    if total == 0 {
        return view! {
            <Empty title="No keys yet" icon=Icon::Key>
                "Clients sign in with a key. Create one to get the commands."
            </Empty>
        }
        .into_any();
    }
    let navigate = use_navigate();
    let go = Callback::new(move |sort| {
        navigate(&KeyListQuery { search: search.get_untracked(), sort }.href(sort), NavigateOptions::default());
    });
    let sort = query.sort;
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        go.run(sort);
    };
    let choices = SORTS.map(|(value, label, _)| Choice::new(value, label)).into();
    let choose = Callback::new(move |value: String| go.run(parse_sort(&value)));
    let search_form = view! {
        <form method="GET" action=links::api_keys_path() class="flex" on:submit=submit>
            <SearchField label="Find a key" name="search" bind=search />
            // Only for small screens; where the table's head is visible, its links set the order and this field keeps it.
            <div class="only-s">
                <SelectTool label="Sort order" name="sort" choices value=sort_value(sort) on_change=choose />
            </div>
            // Without scripts the form needs a button.
            <noscript inner_html="<button type=\"submit\" class=\"btn only-s\">Show</button>"></noscript>
        </form>
    };
    let table = if keys.is_empty() {
        view! {
            <EmptyFilter title="No keys match" clear=links::api_keys_path()>
                {format!("Without the search, the list has {}.", counted(total as u64, "key", "keys"))}
            </EmptyFilter>
        }
        .into_any()
    } else {
        let head = move || head(&query);
        // Keyed, since a row that is reused for another key would keep the first key's delete button.
        view! {
            <Table label="API keys" columns=Columns::ApiKeys head>
                <For each=move || keys.clone() key=|key| (key.id, key.last_used) let(key)>
                    <KeyRow api_key=key deleting />
                </For>
            </Table>
        }
        .into_any()
    };
    let count = format!("You have {}. Delete any you no longer use.", counted(total as u64, "key", "keys"));
    view! {
        {search_form}
        {table}
        <p class="small t3">{count}</p>
    }
    .into_any()
}

fn head(query: &KeyListQuery) -> impl IntoView + use<> {
    let link = |label: &'static str, sort: KeySort, way: Sorted| {
        view! { <SortHead label href=query.href(sort) sorted=(query.sort == sort).then_some(way) /> }
    };
    view! {
        {link("Name", KeySort::Name, Sorted::Up)}
        <span role="columnheader">"Ends with"</span>
        {link("Created", KeySort::Newest, Sorted::Down)}
        {link("Expires", KeySort::Expires, Sorted::Up)}
        {link("Last used", KeySort::LastUsed, Sorted::Down)}
        <span role="columnheader">
            <span class="sr">"Delete"</span>
        </span>
    }
}

#[component]
fn KeyRow(api_key: ApiKey, deleting: RwSignal<Option<ApiKey>>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let ApiKey { created, expires, last_used, .. } = api_key;
    let last_used = move |never: &'static str| match last_used {
        Some(at) => view! { <ShortDateTime at clock /> }.into_any(),
        None => never.into_any(),
    };
    let (name, ending) = (api_key.name.clone(), format!("…{}", api_key.last_four));
    let label = format!("Delete {name}");
    let delete = move |_| deleting.set(Some(api_key.clone()));
    view! {
        <TableRow columns=Columns::ApiKeys>
            <div role="cell" class="cut">
                <div class="name cut">{name}</div>
                <div class="meta only-s">"Created: " <ShortDateTime at=created clock /> ". Last used: " {last_used("never")}</div>
            </div>
            <div role="cell" class="mono t2 hide-s">{ending}</div>
            <div role="cell" class="t2 hide-s">
                <ShortDateTime at=created clock />
            </div>
            <div role="cell">
                <Expiry at=expires clock />
            </div>
            <div role="cell" class="t2 hide-s">{last_used("Never")}</div>
            <div role="cell">
                <IconButton label icon=Icon::Bin small=true on:click=delete />
            </div>
        </TableRow>
    }
}

#[component]
fn DeleteDialog(
    key_to_delete: ApiKey,
    deleting: RwSignal<Option<ApiKey>>,
    action: ServerAction<DeleteKey>,
    form: FormState,
) -> impl IntoView {
    let open = RwSignal::new(true);
    let on_close = Callback::new(move |()| deleting.set(None));
    let title = format!("Delete {}?", key_to_delete.name);
    let id = key_to_delete.id.to_string();
    view! {
        <Dialog
            id="delete-key"
            open
            title
            sub="Clients that use it lose access at once."
            locked=form.is_pending()
            on_close
        >
            <DeleteForm id=id.clone() open action form />
        </Dialog>
    }
}

#[component]
fn DeleteForm(id: String, open: RwSignal<bool>, action: ServerAction<DeleteKey>, form: FormState) -> impl IntoView {
    // Removes the result of deleting another key.
    action.clear();
    view! {
        <ActionForm action>
            <div class="stack">
                <FormErrorBanner form />
                <input type="hidden" name="id" value=id />
                <DialogButtons open kind=ButtonKind::Danger send="Delete key" busy=form.is_pending() />
            </div>
        </ActionForm>
    }
}

#[cfg(test)]
mod tests {
    use model::api_key::KeySort;

    use super::{KeyListQuery, SORTS, parse_sort, sort_value};

    #[test]
    fn every_order_round_trips_through_the_url() {
        for (expected, _, sort) in SORTS {
            assert_eq!((sort_value(sort), parse_sort(expected)), (expected, sort));
        }
        assert_eq!(parse_sort("sideways"), KeySort::default());
    }

    #[test]
    fn search_is_kept_when_the_order_changes() {
        let query = KeyListQuery { search: "ci & co".to_owned(), sort: KeySort::Newest };
        assert_eq!(query.href(KeySort::Name), "/my/api-keys?sort=name&search=ci%20%26%20co");
        assert_eq!(KeyListQuery::default().href(KeySort::LastUsed), "/my/api-keys?sort=last-used");
    }
}
