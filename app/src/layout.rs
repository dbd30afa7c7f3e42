//! The frames of pages: with a rail inside a workspace, with a narrow one outside.
//!
//! A layout asks once for what its frame shows and hands it down: [`Frame`] to every page, [`Here`] to those of a workspace.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_router::{components::Outlet, hooks::use_location};
use model::{
    time::Timestamp,
    user::Person,
    workspace::{Account, LOCAL_WORKSPACE, MeWorkspace, Workspace},
};
use serde::{Deserialize, Serialize};
use ui::prelude::*;

use crate::{
    error::Error,
    links::{self, Place, use_place},
    loaded::{Data, Loaded, resource},
};

/// What every page around which there is a frame may know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Frame {
    /// Nobody, on the pages that are open to all.
    pub person: Option<Person>,
    /// Whoever comes is the built-in person, and nobody signs in.
    pub local: bool,
    /// Where clients reach this server, without a slash at the end.
    pub public_url: String,
    /// When the page was made.
    pub now: Timestamp,
    /// The workspace that the page belongs to.
    pub here: Option<Here>,
}

impl Frame {
    /// Whether clients reach a workspace without a key.
    #[must_use]
    pub fn is_keyless(&self, workspace: &MeWorkspace) -> bool {
        self.local && workspace.workspace_handle.as_str() == LOCAL_WORKSPACE
    }
}

/// The workspace that a page belongs to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Here {
    pub account: Account,
    pub workspace: Workspace,
}

impl Here {
    /// Of the page that is being made. To be called within [`InWorkspace`] alone.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { account: self.account.id, workspace: self.workspace.id }
    }

    /// The breadcrumb as far as the workspace; a page adds itself.
    #[must_use]
    pub fn crumbs(&self) -> Vec<Crumb> {
        vec![Crumb::link(self.account.name.clone(), "/"), Crumb::link(self.workspace.name.clone(), self.place().runs())]
    }
}

/// Makes the frame be asked for again, when a page has changed what it shows.
#[derive(Clone, Copy, Debug)]
pub struct Reframe(RwSignal<u32>);

impl Reframe {
    /// Of the page that is being made.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Asks for the frame again.
    pub fn now(self) {
        self.0.update(|version| *version = version.wrapping_add(1));
    }
}

/// The frame of pages that take somebody signed in.
#[server(prefix = "/ui", endpoint = "frame", output = Postcard)]
pub async fn read_frame(place: Option<Place>) -> Result<Frame, Error> {
    use crate::context::{enter, visitor};
    use model::permission::ReadRuns;

    let (visit, caller) = visitor().await?;
    let here = match place {
        None => None,
        Some(place) => {
            let (cx, at) = enter::<ReadRuns>(place).await?;
            let (account, workspace) = control::workspace::names(&cx, at).await?;
            Some(Here { account, workspace })
        }
    };
    let person = control::person::person(&visit.cx, caller).await?;
    Ok(Frame { here, ..visit.frame(Some(person)) })
}

/// The frame of pages that are open to all.
#[server(prefix = "/ui", endpoint = "open-frame", output = Postcard)]
pub async fn read_open_frame() -> Result<Frame, Error> {
    let visit = crate::context::Visit::now()?;
    let caller = visit.caller_if_any().await?;
    let person = match caller {
        Some(caller) => Some(control::person::person(&visit.cx, caller).await?),
        None => None,
    };
    Ok(visit.frame(person))
}

/// Whose frame it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// That of whoever comes.
    Open,
    /// That of somebody who is signed in.
    Person,
    /// That of a workspace, which the address may fail to name.
    Workspace(Result<Place, Error>),
}

/// The frame, asked for again when the address or a page says so. Every page and layout takes it from here, so its code is there once.
pub fn frame(wanted: Signal<Wanted>) -> Data<Frame> {
    let version = RwSignal::new(0);
    provide_context(Reframe(version));
    resource(
        move || (version.get(), wanted.get()),
        |(_, wanted)| async move {
            match wanted {
                Wanted::Open => read_open_frame().await,
                Wanted::Person => read_frame(None).await,
                Wanted::Workspace(place) => read_frame(Some(place?)).await,
            }
        },
    )
}

fn around(wanted: Signal<Wanted>) -> AnyView {
    view! {
        <Loaded data=frame(wanted) what="this page" whole=true let(frame)>
            <Framed frame />
        </Loaded>
    }
    .into_any()
}

/// The layout of pages outside of workspaces.
#[component]
pub fn OutOfWorkspace() -> impl IntoView {
    around(Signal::stored(Wanted::Person))
}

/// The layout of pages that are open to all: like the one of those that aren't, but nobody has to be signed in.
#[component]
pub fn OpenToAll() -> impl IntoView {
    around(Signal::stored(Wanted::Open))
}

/// The layout of a workspace's pages.
#[component]
pub fn InWorkspace() -> impl IntoView {
    let place = use_place();
    around(Signal::derive(move || Wanted::Workspace(place.get())))
}

#[component]
fn Framed(frame: Frame) -> impl IntoView {
    provide_context(ticking(frame.now));
    if let Some(here) = frame.here.clone() {
        provide_context(here);
    }
    provide_context(frame.clone());
    let path = use_location().pathname;
    let at = move |href: String| Signal::derive(move || path.with(|path| path.starts_with(&href)));
    let item = move |href: String, label: &str, icon| NavItem::new(href.clone(), label, icon).current(at(href));

    let account = account_of(&frame);
    let mut foot = vec![item("/help".to_owned(), "Help", Icon::Book)];
    let workspace = frame.here.map(|here| {
        let place = here.place();
        foot.insert(0, item(place.settings(), "Workspace settings", Icon::Gear));
        WorkspacePlace {
            account: here.account.name,
            name: here.workspace.name,
            href: place.runs(),
            items: vec![item(place.runs(), "Flow runs", Icon::Runs)],
        }
    });
    view! {
        <Shell account workspace foot>
            <Outlet />
        </Shell>
    }
}

/// The person's menu.
fn account_of(frame: &Frame) -> ui::shell::Account {
    let Some(person) = &frame.person else {
        return ui::shell::Account {
            name: "Visitor".to_owned(),
            detail: "Not signed in".to_owned(),
            items: vec![
                NavItem::new(links::sign_in(None), "Sign in", Icon::Enter),
                NavItem::new(links::register(None), "Create account", Icon::User),
            ],
            sign_out: None,
        };
    };
    let keys = NavItem::new("/my/api-keys", "API keys", Icon::Key);
    let way_in = (!frame.local).then(|| NavItem::new("/my/sign-in", "Sign-in", Icon::Lock));
    ui::shell::Account {
        name: person.name.clone(),
        detail: person.email.clone().unwrap_or_else(|| "Local mode".to_owned()),
        items: std::iter::once(keys).chain(way_in).collect(),
        sign_out: (!frame.local).then(|| "/ui/sign-out".to_owned()),
    }
}
