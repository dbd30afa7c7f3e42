//! Buttons, and links in the look of buttons. `on:click` and other attributes are passed to the element.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// The importance of a button. A view has at most one primary button; `Danger` is only for confirmation dialogs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ButtonKind {
    Primary,
    #[default]
    Secondary,
    Ghost,
    Danger,
    /// Opens a confirmation dialog.
    DangerQuiet,
}

/// The size of a button.
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

/// A button; its label is a verb and an object. While `busy` it is disabled and a spinner replaces the icon.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] size: ButtonSize,
    #[prop(optional)] wide: bool,
    #[prop(optional)] icon: Option<Icon>,
    /// Submits the surrounding form.
    #[prop(optional)]
    submit: bool,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let glyph = move || match (busy.get(), icon) {
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
            {glyph}
            {children()}
        </button>
    }
}

/// A link in the look of a button.
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

/// A square button with only an icon. `label` is its tooltip and its accessible name.
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

/// A square link with only an icon; without `href` it is disabled.
#[component]
pub fn IconLink(
    #[prop(into)] label: String,
    icon: Icon,
    href: Option<String>,
    #[prop(optional)] boxed: bool,
    /// Whether it links to a part of the same page, which then keeps its scroll position.
    #[prop(optional)]
    within: bool,
) -> impl IntoView {
    let no_scroll = within.then_some("");
    let disabled = href.is_none().then_some("true");
    view! {
        <a class="ib" class:box=boxed href=href data-noscroll=no_scroll role=disabled.map(|_| "link") aria-disabled=disabled aria-label=label.clone() title=label>
            <Glyph icon />
        </a>
    }
}

/// The button that stars or unstars a workspace. It submits the surrounding form.
#[component]
pub fn StarButton(#[prop(into)] name: String, #[prop(into)] on: Signal<bool>) -> impl IntoView {
    let label = move || if on.get() { format!("Unstar {name}") } else { format!("Star {name}") };
    view! {
        <button type="submit" class="ib sm star" class:on=move || on.get() aria-pressed=move || on.get().to_string() aria-label=label>
            <Glyph icon=Icon::Star />
        </button>
    }
}
