//! The list of one's keys.

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
    server::{CreateKey, DeleteKey, list_keys},
    shown_once::ShownOnceDialog,
};
use crate::{
    form::{LastTry, WholeComplaint, searched},
    links::escaped,
    loaded::{Loaded, resource},
    pages::my_sign_in::SettingsTabs,
};

const ADDRESS: &str = "/my/api-keys";

/// What the address asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Asked {
    search: String,
    sort: KeySort,
}

/// The orders: as they stand in the address, and as they are chosen where there is no head to press.
const SORTS: [(&str, &str, KeySort); 4] = [
    ("newest", "Newest first", KeySort::Newest),
    ("name", "By name", KeySort::Name),
    ("expires", "Ending first", KeySort::Expires),
    ("last-used", "Last used first", KeySort::LastUsed),
];

fn word(sort: KeySort) -> &'static str {
    SORTS.iter().find(|(_, _, known)| *known == sort).map_or("", |(word, ..)| word)
}

fn sort_of(word: &str) -> KeySort {
    SORTS.into_iter().find(|(known, ..)| *known == word).map(|(_, _, sort)| sort).unwrap_or_default()
}

impl Asked {
    fn href(&self, sort: KeySort) -> String {
        let search = if self.search.is_empty() { String::new() } else { format!("&search={}", escaped(&self.search)) };
        format!("{ADDRESS}?sort={}{search}", word(sort))
    }
}

/// The page.
#[component]
pub fn ApiKeysPage() -> impl IntoView {
    let (create, delete) = (ServerAction::<CreateKey>::new(), ServerAction::<DeleteKey>::new());
    let (last_create, last_delete) = (LastTry::of(create), LastTry::of(delete));
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| Asked {
            search: query.get("search").unwrap_or_default(),
            sort: query.get("sort").map(|word| sort_of(&word)).unwrap_or_default(),
        })
    });
    let search = searched(Memo::new(move |_| asked.with(|asked| asked.search.clone())));
    let keys = resource(move || asked.get(), |asked| list_keys(asked.search, asked.sort));
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
            toasts.say("API key deleted");
        }
    });
    view! {
        <Title text="API keys" />
        <TopBar crumbs=vec![Crumb::link("Your settings", "/my/api-keys"), Crumb::here("API keys")] help="/help" />
        <Page width=PageWidth::NarrowCentre>
            <PageHead title="Your settings" />
            <SettingsTabs current=ADDRESS />
            <div class="flex wrap">
                <p class="t2 grow">"A key lets a client act as you, in every workspace you belong to."</p>
                <Button kind=ButtonKind::Primary icon=Icon::Plus on:click=move |_| creating.set(true)>
                    "Create key"
                </Button>
            </div>
            <noscript>
                <p class="small t3">"Keys are made with JavaScript on: a new one is shown once, by a script."</p>
            </noscript>
            <Loaded data=keys what="API keys" let(list)>
                <Keys list asked=asked.get_untracked() search deleting />
            </Loaded>
            <JustMade action=create />
            <CreateKeyDialog open=creating action=create last=last_create />
            {move || deleting.get().map(|key| view! { <DeleteDialog key_to_delete=key deleting action=delete last=last_delete /> })}
        </Page>
    }
    .into_any()
}

/// The key that has just been made, until its dialog is closed. It stands apart from the list, which is read again meanwhile.
#[component]
fn JustMade(action: ServerAction<CreateKey>) -> impl IntoView {
    let drop_it = Callback::new(move |()| action.clear());
    move || match action.value().get() {
        Some(Ok(Ok(new))) => Some(view! { <ShownOnceDialog new on_close=drop_it /> }),
        _ => None,
    }
}

#[component]
fn Keys(list: KeyList, asked: Asked, search: RwSignal<String>, deleting: RwSignal<Option<ApiKey>>) -> impl IntoView {
    let KeyList { keys, total } = list;
    if total == 0 {
        return view! {
            <Empty title="No keys yet" icon=Icon::Key>
                "A client signs in with a key. Create one, and the commands to use it stand beside it."
            </Empty>
        }
        .into_any();
    }
    let navigate = use_navigate();
    let go = Callback::new(move |sort| {
        navigate(&Asked { search: search.get_untracked(), sort }.href(sort), NavigateOptions::default());
    });
    let sort = asked.sort;
    let find = move |event: SubmitEvent| {
        event.prevent_default();
        go.run(sort);
    };
    let choices = SORTS.map(|(word, label, _)| Choice::new(word, label)).into();
    let choose = Callback::new(move |word: String| go.run(sort_of(&word)));
    let find = view! {
        <form method="GET" action=ADDRESS class="flex" on:submit=find>
            <SearchField label="Find a key" name="search" bind=search />
            // Where the list has a head, the order is chosen there, and this carries it along.
            <div class="only-s">
                <SelectTool label="Order of the keys" name="sort" choices value=word(sort) on_change=choose />
            </div>
            // Drawn for those alone who have no script to send the form.
            <noscript inner_html="<button type=\"submit\" class=\"btn only-s\">Show</button>"></noscript>
        </form>
    };
    let shown = if keys.is_empty() {
        view! {
            <EmptyFilter title="No keys match" clear=ADDRESS>
                {format!("{} without the search.", counted(total as u64, "key", "keys"))}
            </EmptyFilter>
        }
        .into_any()
    } else {
        let head = move || head(&asked);
        // By key: a row that were made over for another key would keep the button of the first.
        view! {
            <Table label="API keys" columns=Columns::ApiKeys head>
                <For each=move || keys.clone() key=|key| (key.id, key.last_used) let(key)>
                    <KeyRow api_key=key deleting />
                </For>
            </Table>
        }
        .into_any()
    };
    let count = format!("{}. Delete the ones you no longer know.", counted(total as u64, "key", "keys"));
    view! {
        {find}
        {shown}
        <p class="small t3">{count}</p>
    }
    .into_any()
}

fn head(asked: &Asked) -> impl IntoView + use<> {
    let link = |label: &'static str, sort: KeySort, way: Sorted| {
        view! { <SortHead label href=asked.href(sort) sorted=(asked.sort == sort).then_some(way) /> }
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
    let last_used = move || match last_used {
        Some(at) => view! { <OnDay at clock /> }.into_any(),
        None => "Not yet".into_any(),
    };
    let (name, end) = (api_key.name.clone(), format!("…{}", api_key.last_four));
    let label = format!("Delete {name}");
    let delete = move |_| deleting.set(Some(api_key.clone()));
    view! {
        <TableRow columns=Columns::ApiKeys>
            <div role="cell" class="cut">
                <div class="name cut">{name}</div>
                <div class="meta only-s">"Created " <OnDay at=created clock /> ". Last used: " {last_used()}</div>
            </div>
            <div role="cell" class="mono t2 hide-s">{end}</div>
            <div role="cell" class="t2 hide-s">
                <OnDay at=created clock />
            </div>
            <div role="cell">
                <Expiry at=expires clock />
            </div>
            <div role="cell" class="t2 hide-s">{last_used()}</div>
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
    last: LastTry,
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
            sub="Clients that use it are refused from the next call on."
            held=last.pending()
            on_close
        >
            <DeleteForm id=id.clone() open action last />
        </Dialog>
    }
}

#[component]
fn DeleteForm(id: String, open: RwSignal<bool>, action: ServerAction<DeleteKey>, last: LastTry) -> impl IntoView {
    // What came of another key is not said of this one.
    action.clear();
    view! {
        <ActionForm action>
            <div class="stack">
                <WholeComplaint of=last />
                <input type="hidden" name="id" value=id />
                <DialogButtons open kind=ButtonKind::Danger send="Delete key" busy=last.pending() />
            </div>
        </ActionForm>
    }
}

#[cfg(test)]
mod tests {
    use model::api_key::KeySort;

    use super::{Asked, SORTS, sort_of, word};

    #[test]
    fn every_order_has_its_word_in_the_address() {
        for (expected, _, sort) in SORTS {
            assert_eq!((word(sort), sort_of(expected)), (expected, sort));
        }
        assert_eq!(sort_of("sideways"), KeySort::default());
    }

    #[test]
    fn the_search_stays_when_the_order_changes() {
        let asked = Asked { search: "ci & co".to_owned(), sort: KeySort::Newest };
        assert_eq!(asked.href(KeySort::Name), "/my/api-keys?sort=name&search=ci%20%26%20co");
        assert_eq!(Asked::default().href(KeySort::LastUsed), "/my/api-keys?sort=last-used");
    }
}
