//! What sign-in and register have in common: whoever is signed in is led on, all others get the form.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};
use ui::prelude::*;

use crate::{
    layout::{Frame, Wanted, frame},
    links,
    loaded::Loaded,
};

/// The way to the other door.
#[derive(Clone, Copy)]
pub struct OtherDoor {
    pub question: &'static str,
    pub label: &'static str,
    /// Its address, for whoever wants to go on to another page.
    pub href: fn(Option<&str>) -> String,
}

/// A door. Its form (children) is given where it is to lead to.
#[component]
pub fn DoorPage<F>(title: &'static str, sub: &'static str, other: OtherDoor, children: F) -> impl IntoView
where
    F: Fn(String) -> AnyView + Send + Sync + 'static,
{
    let frame = frame(Signal::stored(Wanted::Open));
    let to = use_query_map().with_untracked(|query| query.get("to")).unwrap_or_default();
    let door = move |frame: Frame| {
        if frame.person.is_some() {
            return view! { <Redirect path=links::within_site(&to).unwrap_or("/").to_owned() /> }.into_any();
        }
        let OtherDoor { question, label, href } = other;
        let href = href(Some(&to));
        let other = move || view! { {question} " " <a class="link" href=href>{label}</a> };
        let form = children(to.clone());
        view! {
            <Door title sub other foot=move || foot(&frame)>
                {form}
            </Door>
        }
        .into_any()
    };
    view! {
        <Title text=title />
        <Loaded data=frame what="this page" whole=true children=door />
    }
}

fn foot(frame: &Frame) -> impl IntoView + use<> {
    let host = frame.public_url.split_once("://").map_or(&*frame.public_url, |(_, host)| host).to_owned();
    view! {
        <span>"Apache-2.0"</span>
        <a href="/help">"Help"</a>
        <span class="end">{host}</span>
    }
}
