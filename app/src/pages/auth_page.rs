//! What the sign-in and the register page share: a signed-in person is redirected, everyone else gets the form.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};
use ui::prelude::*;

use crate::{
    layout::{Frame, FrameScope, LastFrame, frame},
    links,
    loaded::Loaded,
};

/// The link to the other of the two pages.
#[derive(Clone, Copy)]
pub struct OtherAuthPage {
    pub question: &'static str,
    pub label: &'static str,
    /// The path of that page, given the path to redirect to afterwards.
    pub href: fn(Option<&str>) -> String,
}

/// Sign-in or register. `children` makes the form from the path to redirect to.
#[component]
pub fn AuthPage<F>(title: &'static str, sub: &'static str, other: OtherAuthPage, children: F) -> impl IntoView
where
    F: Fn(String) -> AnyView + Send + Sync + 'static,
{
    let frame = frame(Signal::stored(FrameScope::Public));
    let to = use_query_map().with_untracked(|query| query.get("to")).unwrap_or_default();
    expect_context::<LastFrame>().forget();
    let content = move |frame: Frame| {
        if frame.person.is_some() {
            return view! { <Redirect path=links::same_site_path(&to).unwrap_or(links::workspaces_path()).to_owned() /> }.into_any();
        }
        let OtherAuthPage { question, label, href } = other;
        let href = href(Some(&to));
        let other = move || view! { {question} " " <a class="link" href=href>{label}</a> };
        let form = children(to.clone());
        view! {
            <AuthLayout title sub other foot=move || foot(&frame)>
                {form}
            </AuthLayout>
        }
        .into_any()
    };
    view! {
        <Title text=title />
        <Loaded data=frame subject="this page" full_page=true children=content />
    }
}

fn foot(frame: &Frame) -> impl IntoView + use<> {
    let host = frame.public_url.split_once("://").map_or(&*frame.public_url, |(_, host)| host).to_owned();
    view! {
        <span>"Apache-2.0"</span>
        <a href=links::help_path()>"Help"</a>
        <span class="end">{host}</span>
    }
}
