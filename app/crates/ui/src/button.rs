//! Buttons and links that look like them. `on:click` and other attributes pass through to the element.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// What a button weighs. At most one primary a view; danger only inside the dialog that confirms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ButtonKind {
    Primary,
    #[default]
    Secondary,
    Ghost,
    Danger,
    /// Opens the dialog that confirms.
    DangerQuiet,
}

/// How large a button is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ButtonSize {
    Small,
    #[default]
    Normal,
    Large,
}

fn class(kind: ButtonKind, size: ButtonSize, wide: bool) -> String {
    let kind = match kind {
        ButtonKind::Primary => " primary",
        ButtonKind::Secondary => "",
        ButtonKind::Ghost => " ghost",
        ButtonKind::Danger => " danger",
        ButtonKind::DangerQuiet => " danger-quiet",
    };
    let size = match size {
        ButtonSize::Small => " sm",
        ButtonSize::Normal => "",
        ButtonSize::Large => " lg",
    };
    format!("btn{kind}{size}{}", if wide { " wide" } else { "" })
}

/// A button: verb and object. While busy, a spinner takes the icon's place and it can't be pressed.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] size: ButtonSize,
    #[prop(optional)] wide: bool,
    #[prop(optional)] icon: Option<Icon>,
    /// Sends the form it stands in.
    #[prop(optional)]
    submit: bool,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let sign = move || match (busy.get(), icon) {
        (true, _) => view! { <span class="spin" aria-hidden="true"></span> }.into_any(),
        (false, Some(icon)) => view! { <Glyph icon /> }.into_any(),
        (false, None) => ().into_any(),
    };
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=class(kind, size, wide)
            disabled=move || disabled.get() || busy.get()
            aria-busy=move || busy.get().then_some("true")
        >
            {sign}
            {children()}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] size: ButtonSize,
    #[prop(optional)] icon: Option<Icon>,
    children: Children,
) -> impl IntoView {
    view! {
        <a class=class(kind, size, false) href=href>
            {icon.map(|icon| view! { <Glyph icon /> })}
            {children()}
        </a>
    }
}

/// A square button with an icon alone; `label` names it to everybody.
#[component]
pub fn IconButton(
    #[prop(into)] label: Signal<String>,
    icon: Icon,
    #[prop(optional)] small: bool,
    #[prop(optional)] boxed: bool,
    #[prop(optional)] submit: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class="ib"
            class:sm=small
            class:box=boxed
            aria-label=move || label.get()
            title=move || label.get()
            disabled=move || disabled.get()
        >
            <Glyph icon />
        </button>
    }
}

/// A square link with an icon alone; without an address it is there but leads nowhere.
#[component]
pub fn IconLink(
    #[prop(into)] label: String,
    icon: Icon,
    href: Option<String>,
    #[prop(optional)] boxed: bool,
    /// It leads to a part of the same page, which stays where it is scrolled to.
    #[prop(optional)]
    within: bool,
) -> impl IntoView {
    let stays = within.then_some("");
    let off = href.is_none().then_some("true");
    view! {
        <a class="ib" class:box=boxed href=href data-noscroll=stays role=off.map(|_| "link") aria-disabled=off aria-label=label.clone() title=label>
            <Glyph icon />
        </a>
    }
}

/// The star of a workspace, a button that sends the form around it.
#[component]
pub fn StarButton(#[prop(into)] name: String, #[prop(into)] on: Signal<bool>) -> impl IntoView {
    let label = move || if on.get() { format!("Unstar {name}") } else { format!("Star {name}") };
    view! {
        <button type="submit" class="ib sm star" class:on=move || on.get() aria-pressed=move || on.get().to_string() aria-label=label>
            <Glyph icon=Icon::Star />
        </button>
    }
}
