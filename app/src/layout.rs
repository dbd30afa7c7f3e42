//! The layouts of pages: with a navigation rail inside a workspace, with a narrow one outside.
//!
//! A layout loads once what its frame shows and provides it as context: [`Frame`] to every page, [`CurrentWorkspace`] to those of a
//! workspace.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_router::{components::Outlet, hooks::use_location};
use model::{
    permission::{Permission, Role},
    time::Timestamp,
    user::Person,
    workspace::{Account, LOCAL_WORKSPACE, MeWorkspace, Workspace},
};
use serde::{Deserialize, Serialize};
use ui::prelude::*;

use crate::{
    error::Error,
    links::{self, WorkspacePaths as _, WorkspaceRef, use_workspace_ref},
    loaded::{LoadError, PageData, resource},
};

/// What a layout shows around its pages; pages read it from the context.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Frame {
    /// None on a public page if the visitor is not signed in.
    pub person: Option<Person>,
    /// Local mode: every visitor is the built-in person, and there is no sign-in.
    pub local: bool,
    /// The URL at which clients reach this server, without a slash at the end.
    pub public_url: String,
    /// The server's time when the page was rendered.
    pub now: Timestamp,
    /// The workspace that the page belongs to.
    pub workspace: Option<CurrentWorkspace>,
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
pub struct CurrentWorkspace {
    pub account: Account,
    pub workspace: Workspace,
    /// The person's role in it.
    pub role: Role,
}

impl CurrentWorkspace {
    /// The one from the context. Panics outside [`WorkspaceLayout`].
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Its ids, from which the paths of its pages are made.
    #[must_use]
    pub fn workspace_ref(&self) -> WorkspaceRef {
        WorkspaceRef { account: self.account.id, workspace: self.workspace.id }
    }

    /// Whether the person has a permission, for what a page shows. The server functions check it themselves.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }

    /// The breadcrumb as far as the workspace; a page adds itself.
    #[must_use]
    pub fn crumbs(&self) -> Vec<Crumb> {
        vec![
            Crumb::link(self.account.name.clone(), links::workspaces_path()),
            Crumb::link(self.workspace.name.clone(), self.workspace_ref().runs_path()),
        ]
    }
}

/// Lets a page reload the frame after it has changed what the frame shows.
#[derive(Clone, Copy, Debug)]
pub struct RefreshFrame(RwSignal<u32>);

impl RefreshFrame {
    /// The one from the context. Panics outside a layout.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Reloads the frame.
    pub fn trigger(self) {
        self.0.update(|version| *version = version.wrapping_add(1));
    }
}

/// The frame outside of a workspace.
#[cfg(feature = "ssr")]
fn frame_of(cx: &control::Cx, person: Option<Person>) -> Frame {
    let (local, public_url) = (cx.settings.local, cx.settings.public_url.clone());
    Frame { person, local, public_url, now: cx.clock.now(), workspace: None }
}

/// The frame of pages that require a sign-in.
#[server(prefix = "/ui", endpoint = "frame", output = Postcard)]
pub async fn read_frame(#[server(rename = "place")] workspace: Option<WorkspaceRef>) -> Result<Frame, Error> {
    use crate::context::{authenticated, authorize};
    use model::permission::ReadRuns;

    let (context, caller) = authenticated().await?;
    let workspace = match workspace {
        None => None,
        Some(workspace) => {
            let (cx, at) = authorize::<ReadRuns>(workspace).await?;
            let (account, workspace) = control::workspace::names(&cx, at).await?;
            Some(CurrentWorkspace { account, workspace, role: at.tenant().role() })
        }
    };
    let person = control::person::person(&context.cx, caller).await?;
    Ok(Frame { workspace, ..frame_of(&context.cx, Some(person)) })
}

/// The frame of public pages.
#[server(prefix = "/ui", endpoint = "open-frame", output = Postcard)]
pub async fn read_open_frame() -> Result<Frame, Error> {
    let context = crate::context::RequestContext::current()?;
    let caller = context.optional_caller().await?;
    let person = match caller {
        Some(caller) => Some(control::person::person(&context.cx, caller).await?),
        None => None,
    };
    Ok(frame_of(&context.cx, person))
}

/// Which frame a page needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FrameScope {
    /// For everyone, signed in or not.
    Public,
    /// For signed-in people.
    SignedIn,
    /// For a workspace; an error if the URL names none.
    Workspace(Result<WorkspaceRef, Error>),
}

/// The frame, loaded again when the URL changes or a page triggers [`RefreshFrame`]. All layouts and pages use this function, so that
/// the wasm contains its code once.
pub fn frame(scope: Signal<FrameScope>) -> PageData<Frame> {
    let version = RwSignal::new(0);
    provide_context(RefreshFrame(version));
    resource(
        move || (version.get(), scope.get()),
        |(_, scope)| async move {
            match scope {
                FrameScope::Public => read_open_frame().await,
                FrameScope::SignedIn => read_frame(None).await,
                FrameScope::Workspace(workspace) => read_frame(Some(workspace?)).await,
            }
        },
    )
}

/// The frame that was shown last, for a layout whose own can't be loaded.
#[derive(Clone, Copy, Default)]
pub struct LastFrame(StoredValue<Option<Frame>>);

impl LastFrame {
    /// For pages on which another person may sign in.
    pub fn forget(self) {
        self.0.set_value(None);
    }
}

fn framed_layout(scope: Signal<FrameScope>) -> AnyView {
    let (frame, last) = (frame(scope), expect_context::<LastFrame>().0);
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                match (frame.await, last.get_value()) {
                    (Ok(frame), _) => {
                        last.set_value(Some(frame.clone()));
                        view! { <FrameContent frame /> }.into_any()
                    }
                    (Err(error), Some(last)) if error.is_outage() => {
                        let frame = Frame { workspace: None, ..last };
                        view! { <FrameContent frame error /> }.into_any()
                    }
                    (Err(error), _) => view! { <LoadError error subject="this page" full_page=true /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// The layout of pages outside of workspaces.
#[component]
pub fn PersonalLayout() -> impl IntoView {
    framed_layout(Signal::stored(FrameScope::SignedIn))
}

/// The layout of public pages: like [`PersonalLayout`], but it requires no sign-in.
#[component]
pub fn PublicLayout() -> impl IntoView {
    framed_layout(Signal::stored(FrameScope::Public))
}

/// The layout of a workspace's pages.
#[component]
pub fn WorkspaceLayout() -> impl IntoView {
    let workspace = use_workspace_ref();
    framed_layout(Signal::derive(move || FrameScope::Workspace(workspace.get())))
}

#[component]
fn FrameContent(
    frame: Frame,
    /// Shown instead of the page.
    #[prop(optional)]
    error: Option<Error>,
) -> impl IntoView {
    provide_context(ticking_clock(frame.now));
    if let Some(workspace) = frame.workspace.clone() {
        provide_context(workspace);
    }
    provide_context(frame.clone());
    let path = use_location().pathname;
    let is_current = move |href: String| Signal::derive(move || path.with(|path| path.starts_with(&href)));
    let item = move |href: String, label: &str, icon| NavItem::new(href.clone(), label, icon).current(is_current(href));

    let account = account_menu(&frame);
    let mut foot = vec![item(links::help_path().to_owned(), "Help", Icon::Book)];
    let workspace = frame.workspace.map(|current| {
        let workspace_ref = current.workspace_ref();
        let (first_run, runs) = (is_current(workspace_ref.first_run_path()), workspace_ref.runs_path());
        let in_runs = is_current(runs.clone());
        // The page of the first run has no entry of its own.
        let runs = NavItem::new(runs, "Flow runs", Icon::Runs)
            .current(Signal::derive(move || in_runs.get() || first_run.get()));
        foot.insert(0, item(workspace_ref.settings_path(), "Workspace settings", Icon::Gear));
        WorkspaceNav {
            account: current.account.name,
            name: current.workspace.name,
            href: workspace_ref.runs_path(),
            items: vec![runs, item(workspace_ref.artifacts_path(), "Artifacts", Icon::Artifact)],
            configure: vec![item(workspace_ref.variables_path(), "Variables", Icon::Variable)],
        }
    });
    // On the server a `Transition` walks over its content up to twice before it renders it, and each walk over an `Outlet` would make the
    // page again, which then reads its data again.
    let page = move || match error {
        None => Unsuspend::new(|| view! { <Outlet /> }).into_any(),
        Some(error) => view! { <LoadError error subject="this page" full_page=true /> }.into_any(),
    };
    view! {
        <Shell account workspace foot>
            {page()}
        </Shell>
    }
}

/// The account menu.
fn account_menu(frame: &Frame) -> ui::shell::Account {
    let Some(person) = &frame.person else {
        return ui::shell::Account {
            name: "Visitor".to_owned(),
            is_visitor: true,
            detail: "Not signed in".to_owned(),
            items: vec![
                NavItem::new(links::sign_in(None), "Sign in", Icon::Enter),
                NavItem::new(links::register(None), "Create account", Icon::User),
            ],
            sign_out: None,
        };
    };
    let keys = NavItem::new(links::api_keys_path(), "API keys", Icon::Key);
    let server = person.is_admin.then(|| NavItem::new(links::services_path(), "Server", Icon::Pulse));
    let sign_in_settings = (!frame.local).then(|| NavItem::new(links::my_sign_in_path(), "Sign-in", Icon::Lock));
    ui::shell::Account {
        name: person.name.clone(),
        is_visitor: false,
        detail: person.email.clone().unwrap_or_else(|| "Local mode".to_owned()),
        items: std::iter::once(keys).chain(sign_in_settings).chain(server).collect(),
        sign_out: (!frame.local).then(|| "/ui/sign-out".to_owned()),
    }
}
