//! The frame of every signed-in page: rail, top bar, page, and under 720 px the dock.
//!
//! A layout renders [`Shell`] once. Each page renders [`TopBar`] and [`Page`] into it, because only the page knows its breadcrumb.

use leptos::prelude::*;

use crate::{
    badge::{Avatar, LiveDot, Liveness, Logo, Tile},
    icon::{Glyph, Icon},
    menu::Menu,
    number::grouped,
    theme::ThemeSwitch,
};

/// The id of the page's main element, the target of the skip link.
pub(crate) const PAGE_ID: &str = "page";

/// An entry of the rail, the dock or the account menu.
#[derive(Clone, Debug)]
pub struct NavItem {
    pub href: String,
    pub label: String,
    pub icon: Icon,
    /// Whether it is the current page.
    pub current: Signal<bool>,
    pub count: Option<u64>,
}

impl NavItem {
    /// An entry for another page.
    pub fn new(href: impl Into<String>, label: impl Into<String>, icon: Icon) -> Self {
        Self { href: href.into(), label: label.into(), icon, current: Signal::stored(false), count: None }
    }

    /// Sets the signal that marks the entry as the current page.
    #[must_use]
    pub fn current(mut self, current: impl Into<Signal<bool>>) -> Self {
        self.current = current.into();
        self
    }
}

fn aria_current(current: Signal<bool>) -> impl Fn() -> Option<&'static str> + Send + 'static {
    move || current.get().then_some("page")
}

/// The person, or a visitor who is not signed in, and the entries of the account menu.
#[derive(Clone, Debug)]
pub struct Account {
    pub name: String,
    /// Whether they are not signed in, so that the name is no person's.
    pub is_visitor: bool,
    /// The line below the name, such as the email address.
    pub detail: String,
    pub items: Vec<NavItem>,
    /// The URL to which the sign-out form is posted; `None` for visitors and in local mode.
    pub sign_out: Option<String>,
}

/// The workspace of the current page and its navigation.
#[derive(Clone, Debug)]
pub struct WorkspaceNav {
    pub account: String,
    pub name: String,
    /// The start page of the workspace.
    pub href: String,
    /// The sections in the rail. The dock shows the first four of all sections, and the first entry of `foot`.
    pub items: Vec<NavItem>,
    /// The sections below, under "Configure".
    pub configure: Vec<NavItem>,
}

/// The frame. Without a `workspace` the rail is narrow and has only logo, help and account.
#[component]
pub fn Shell(
    account: Account,
    workspace: Option<WorkspaceNav>,
    /// Entries at the foot of the rail: settings, help.
    foot: Vec<NavItem>,
    children: Children,
) -> impl IntoView {
    let outside = workspace.is_none();
    let docked = usize::from(!outside);
    let dock = workspace.as_ref().map(|workspace| {
        let sections = workspace.items.iter().chain(&workspace.configure);
        let items: Vec<_> = sections.take(4).chain(foot.iter().take(docked)).cloned().collect();
        view! { <Dock items /> }
    });
    // Under 720 px the rail is hidden, so the account menu also gets the entries of its foot that are not in the dock.
    let mut narrow = account.clone();
    narrow.items.extend(foot.iter().skip(docked).cloned());
    provide_context(narrow);
    view! {
        // External, because the browser moves the focus to the target and the router would not.
        <a class="skip" href=format!("#{PAGE_ID}") rel="external">
            "Skip to content"
        </a>
        <div class="app" class:outside=outside>
            <Rail account workspace foot />
            <div class="main">{children()}</div>
            {dock}
        </div>
    }
}

/// The left rail. The logo links to all workspaces, the workspace's name to its start page.
#[component]
pub fn Rail(account: Account, workspace: Option<WorkspaceNav>, foot: Vec<NavItem>) -> impl IntoView {
    let sections = workspace.map(|WorkspaceNav { account, name, href, items, configure }| {
        view! {
            <a class="switcher" href=href title=format!("{account} / {name}")>
                <Tile name=name.clone() />
                <span class="grow cut">
                    <b class="cut">{name.clone()}</b>
                    <small class="cut">{account.clone()}</small>
                </span>
            </a>
            <RailNav label="Workspace" items />
            <p class="section" aria-hidden="true">
                "Configure"
            </p>
            <RailNav label="Configure" items=configure />
        }
    });
    view! {
        <aside class="rail" aria-label="Provost">
            <a class="brand" href="/" aria-label="Provost, all workspaces">
                <Logo />
                <span>"Provost"</span>
            </a>
            {sections}
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
                <a href=item.href title=item.label.clone() aria-label=item.label aria-current=aria_current(item.current)>
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

/// The account menu: name, links, theme, sign-out. In the rail it opens upwards and its button shows the name.
#[component]
pub fn AccountMenu(account: Account, #[prop(optional)] up: bool) -> impl IntoView {
    let Account { name, is_visitor, detail, items, sign_out } = account;
    let summary = {
        let (name, detail) = (name.clone(), detail.clone());
        move || {
            let initials_of = if is_visitor { String::new() } else { name.clone() };
            let words = if up {
                view! {
                    <span class="grow cut">
                        <b class="cut">{name}</b>
                        <small class="cut">{detail}</small>
                    </span>
                }
                .into_any()
            } else {
                view! { <span class="sr">{name}</span> }.into_any()
            };
            view! {
                <Avatar name=initials_of />
                // Text and no `aria-label`, because the button's name must contain the visible words.
                <span class="sr">"Account menu, "</span>
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
    let sign_out = sign_out.map(sign_out_form);
    view! {
        <Menu class=if up { "account" } else { "mob-av" } summary up>
            <div class="who">
                <b>{name}</b>
                <small>{detail}</small>
            </div>
            {links}
            <hr />
            <ThemeSwitch />
            <button type="button" class="it hide-s" data-shortcuts="">
                <Glyph icon=Icon::Keyboard />
                "Keyboard shortcuts"
                <kbd class="end" aria-hidden="true">
                    "?"
                </kbd>
            </button>
            {sign_out}
        </Menu>
    }
}

fn sign_out_form(action: String) -> impl IntoView {
    view! {
        <hr />
        <form method="post" action=action>
            <button type="submit" class="it">
                <Glyph icon=Icon::Enter />
                "Sign out"
            </button>
        </form>
    }
}

/// The dock: the sections under 720 px, at the lower edge.
#[component]
pub fn Dock(items: Vec<NavItem>) -> impl IntoView {
    let links = items
        .into_iter()
        .map(|item| {
            view! {
                <a href=item.href aria-current=aria_current(item.current)>
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

/// A step of the breadcrumb. The last one is the current page and has no link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crumb {
    pub label: String,
    pub href: Option<String>,
}

impl Crumb {
    /// A step with a link.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }

    /// The current page, without a link.
    pub fn current(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }
}

/// The top bar: breadcrumb, live dot, help; under 720 px also the logo and the account menu.
#[component]
pub fn TopBar(
    crumbs: Vec<Crumb>,
    /// The state of the live dot; without it there is no dot.
    #[prop(optional, into)]
    live: Option<Signal<Liveness>>,
    #[prop(optional, into)] help: Option<String>,
) -> impl IntoView {
    let account = use_context::<Account>();
    view! {
        <header class="top">
            <a class="mob-logo" href="/" aria-label="All workspaces">
                <Logo />
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
        .map(|(index, Crumb { label, href })| {
            let step = match href {
                Some(href) => view! { <a href=href>{label}</a> }.into_any(),
                None => view! { <b aria-current="page">{label}</b> }.into_any(),
            };
            view! { <li class:far=index < near>{step}</li> }
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

/// The `<main>` element of the page.
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

/// The title row: the page's only `h1`, a sentence below it, and the actions (children) at the right, primary last.
#[component]
pub fn PageHead(
    #[prop(into)] title: String,
    /// The name of the parent object, in grey before the title: the flow of a run.
    #[prop(optional, into)]
    parent: String,
    /// Follows the title.
    #[prop(optional, into)]
    badge: ViewFn,
    #[prop(optional, into)] sub: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let parent = (!parent.is_empty()).then(|| view! { <span class="of">{format!("{parent} / ")}</span> });
    let sub = (!sub.is_empty()).then(|| view! { <p class="sub">{sub}</p> });
    view! {
        <div class="head">
            <div class="grow">
                <div class="title">
                    <h1>{parent} {title}</h1>
                    {move || badge.run()}
                </div>
                {sub}
            </div>
            {children.map(|children| view! { <div class="acts">{children()}</div> })}
        </div>
    }
}
