//! The frame of every signed-in page: rail, top bar, page, and under 720 px the dock.
//!
//! A layout renders [`Shell`] once; each page renders [`TopBar`] and [`Page`] into it, since only it knows its breadcrumb.

use leptos::prelude::*;

use crate::{
    badge::{Avatar, LiveDot, Liveness, Mark, Tile},
    icon::{Glyph, Icon},
    menu::Menu,
    number::grouped,
    theme::ThemeSwitch,
};

/// Where the skip link leads: the page.
pub(crate) const PAGE_ID: &str = "page";

/// An entry of the rail, the dock or the account menu.
#[derive(Clone, Debug)]
pub struct NavItem {
    pub href: String,
    pub label: String,
    pub icon: Icon,
    /// Whether the reader is there.
    pub current: Signal<bool>,
    pub count: Option<u64>,
}

impl NavItem {
    /// An entry the reader isn't at.
    pub fn new(href: impl Into<String>, label: impl Into<String>, icon: Icon) -> Self {
        Self { href: href.into(), label: label.into(), icon, current: Signal::stored(false), count: None }
    }

    /// The same, current whenever `current` says so.
    #[must_use]
    pub fn current(mut self, current: impl Into<Signal<bool>>) -> Self {
        self.current = current.into();
        self
    }
}

fn here(current: Signal<bool>) -> impl Fn() -> Option<&'static str> + Send + 'static {
    move || current.get().then_some("page")
}

/// The person the page is for, and what their menu holds.
#[derive(Clone, Debug)]
pub struct Account {
    pub name: String,
    /// What they sign in with, below the name.
    pub detail: String,
    pub items: Vec<NavItem>,
    /// Where the form that signs out is sent; none where nobody signed in.
    pub sign_out: Option<String>,
}

/// The workspace the pages belong to.
#[derive(Clone, Debug)]
pub struct WorkspacePlace {
    pub account: String,
    pub name: String,
    /// The workspace's own page.
    pub href: String,
    /// Sections, for the rail; at most four of them and the first of `foot` also for the dock.
    pub items: Vec<NavItem>,
}

/// The frame. Without a `workspace` the rail is narrow: mark, help, account.
#[component]
pub fn Shell(
    account: Account,
    workspace: Option<WorkspacePlace>,
    /// Entries at the foot of the rail: settings, help.
    foot: Vec<NavItem>,
    children: Children,
) -> impl IntoView {
    let outside = workspace.is_none();
    let docked = usize::from(!outside);
    let dock = workspace.as_ref().map(|place| {
        let items: Vec<_> = place.items.iter().take(4).chain(foot.iter().take(docked)).cloned().collect();
        view! { <Dock items /> }
    });
    // Under 720 px there is no rail: what of its foot is not in the dock either is in the person's menu.
    let mut narrow = account.clone();
    narrow.items.extend(foot.iter().skip(docked).cloned());
    provide_context(narrow);
    view! {
        // External: the browser itself moves the focus, which the router would not.
        <a class="skip" href=format!("#{PAGE_ID}") rel="external">
            "Skip to the page"
        </a>
        <div class="app" class:outside=outside>
            <Rail account workspace foot />
            <div class="main">{children()}</div>
            {dock}
        </div>
    }
}

/// The left rail. The mark leads to all workspaces, a workspace's name to its own pages.
#[component]
pub fn Rail(account: Account, workspace: Option<WorkspacePlace>, foot: Vec<NavItem>) -> impl IntoView {
    let place = workspace.map(|WorkspacePlace { account, name, href, items }| {
        view! {
            <a class="switcher" href=href title=format!("{account} / {name}")>
                <Tile name=name.clone() />
                <span class="grow cut">
                    <b class="cut">{name.clone()}</b>
                    <small class="cut">{account.clone()}</small>
                </span>
            </a>
            <RailNav label="Workspace" items />
        }
    });
    view! {
        <aside class="rail" aria-label="Provost">
            <a class="brand" href="/" aria-label="Provost, all workspaces">
                <Mark />
                <span>"Provost"</span>
            </a>
            {place}
            <div class="foot">
                <RailNav label="More" items=foot />
                <AccountMenu account up=true />
            </div>
        </aside>
    }
}

#[component]
fn RailNav(label: &'static str, items: Vec<NavItem>) -> impl IntoView {
    let links = items
        .into_iter()
        .map(|item| {
            view! {
                <a href=item.href title=item.label.clone() aria-label=item.label aria-current=here(item.current)>
                    <Glyph icon=item.icon />
                    <span>{item.label.clone()}</span>
                    {item.count.map(|count| view! { <small class="n">{grouped(count)}</small> })}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="nav" aria-label=label>
            {links}
        </nav>
    }
}

/// The person's menu: who, where to, theme, sign out. In the rail it opens upwards and shows the name.
#[component]
pub fn AccountMenu(account: Account, #[prop(optional)] up: bool) -> impl IntoView {
    let Account { name, detail, items, sign_out } = account;
    let label = format!("Account menu, {name}");
    let summary = {
        let (name, detail) = (name.clone(), detail.clone());
        move || {
            let words = up.then(|| {
                view! {
                    <span class="grow cut">
                        <b class="cut">{name.clone()}</b>
                        <small class="cut">{detail}</small>
                    </span>
                }
            });
            view! {
                <Avatar name />
                {words}
            }
        }
    };
    let links = items
        .into_iter()
        .map(|item| {
            view! {
                <a class="it" href=item.href>
                    <Glyph icon=item.icon />
                    {item.label}
                </a>
            }
        })
        .collect_view();
    let leave = sign_out.map(|action| {
        view! {
            <hr />
            <form method="post" action=action>
                <button type="submit" class="it">
                    <Glyph icon=Icon::Enter />
                    "Sign out"
                </button>
            </form>
        }
    });
    view! {
        <Menu label class=if up { "account" } else { "mob-av" } summary up>
            <div class="who">
                <b>{name}</b>
                <small>{detail}</small>
            </div>
            {links}
            <hr />
            <ThemeSwitch />
            {leave}
        </Menu>
    }
}

/// The dock: what the rail has, under 720 px.
#[component]
pub fn Dock(items: Vec<NavItem>) -> impl IntoView {
    let links = items
        .into_iter()
        .map(|item| {
            view! {
                <a href=item.href aria-current=here(item.current)>
                    <Glyph icon=item.icon />
                    {item.label}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="dock" aria-label="Sections">
            {links}
        </nav>
    }
}

/// A step of the breadcrumb. The last one is the page itself and needs no address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crumb {
    pub label: String,
    pub href: Option<String>,
}

impl Crumb {
    /// A step that leads somewhere.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// The page itself.
    pub fn here(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// The top bar: breadcrumb, live dot, help. Under 720 px the mark and the person too.
#[component]
pub fn TopBar(
    crumbs: Vec<Crumb>,
    /// Whether the page updates by itself; without it there is no dot.
    #[prop(optional, into)]
    live: Option<Signal<Liveness>>,
    #[prop(optional, into)] help: Option<String>,
) -> impl IntoView {
    let account = use_context::<Account>();
    view! {
        <header class="top">
            <a class="mob-mark" href="/" aria-label="All workspaces">
                <Mark />
            </a>
            <Breadcrumb crumbs />
            <span class="grow"></span>
            {live.map(|state| view! { <LiveDot state /> })}
            {help
                .map(|href| {
                    view! {
                        <a class="ib hide-s" href=href aria-label="Help" title="Help">
                            <Glyph icon=Icon::Help />
                        </a>
                    }
                })}
            {account.map(|account| view! { <AccountMenu account /> })}
        </header>
    }
}

#[component]
fn Breadcrumb(crumbs: Vec<Crumb>) -> impl IntoView {
    // Under 720 px only the last two are shown.
    let near = crumbs.len().saturating_sub(2);
    let steps = crumbs
        .into_iter()
        .enumerate()
        .map(|(place, Crumb { label, href })| {
            let step = match href {
                Some(href) => view! { <a href=href>{label}</a> }.into_any(),
                None => view! { <b aria-current="page">{label}</b> }.into_any(),
            };
            view! { <li class:far=place < near>{step}</li> }
        })
        .collect_view();
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>{steps}</ol>
        </nav>
    }
}

/// How wide a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PageWidth {
    /// Lists and dashboards.
    #[default]
    Full,
    /// Forms inside a workspace.
    Narrow,
    /// Forms outside a workspace, in the middle.
    NarrowCentre,
}

/// The page itself: the one `<main>`.
#[component]
pub fn Page(#[prop(optional)] width: PageWidth, children: Children) -> impl IntoView {
    let class = match width {
        PageWidth::Full => "page",
        PageWidth::Narrow => "page narrow",
        PageWidth::NarrowCentre => "page narrow center",
    };
    view! {
        <main class=class id=PAGE_ID tabindex="-1">
            {children()}
        </main>
    }
}

/// The title row: the page's one `h1`, a sentence below, actions at the right (children), primary last.
#[component]
pub fn PageHead(
    #[prop(into)] title: String,
    /// What the object belongs to, in grey before its name: the flow of a run.
    #[prop(optional, into)]
    of: String,
    /// Beside the title: a badge.
    #[prop(optional, into)]
    beside: ViewFn,
    #[prop(optional, into)] sub: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let of = (!of.is_empty()).then(|| view! { <span class="of">{format!("{of} / ")}</span> });
    let sub = (!sub.is_empty()).then(|| view! { <p class="sub">{sub}</p> });
    view! {
        <div class="head">
            <div class="grow">
                <div class="title">
                    <h1>{of} {title}</h1>
                    {move || beside.run()}
                </div>
                {sub}
            </div>
            {children.map(|children| view! { <div class="acts">{children()}</div> })}
        </div>
    }
}
