//! Loading a page's data: the skeleton while it loads, and the error if that fails.
//!
//! Errors are values and rendered here, with a link to go on. No view is an `Err`, so an `ErrorBoundary` would have nothing to catch.

use std::{future::Future, pin::Pin, sync::Arc};

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use serde::{Serialize, de::DeserializeOwned};
use ui::prelude::*;

use crate::{
    error::Error,
    links,
    pages::{not_found::not_found, server_error::ServerError},
    postcard_codec::PostcardCodec,
    response_status::ResponseStatus,
};

/// Data that a page loads from the server.
pub type PageData<T> = Resource<Result<T, Error>, PostcardCodec>;

/// Loads data with `fetcher`, again whenever the value of `source` changes.
pub fn resource<S, T, Fut>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetcher: impl Fn(S) -> Fut + Send + Sync + 'static,
) -> PageData<T>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Fut: Future<Output = Result<T, Error>> + Send + 'static,
{
    Resource::new_with_options(source, fetcher, false)
}

/// Renders `children` with the data; a skeleton until it is loaded, or the error.
#[component]
pub fn Loaded<T, F, V>(
    data: PageData<T>,
    /// What is loaded, to complete "Can’t load …".
    #[prop(into)]
    subject: String,
    /// There is no page around it: an error is rendered as a full page.
    #[prop(optional)]
    full_page: bool,
    children: F,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    loaded_view(data, subject, full_page, Arc::new(move |value| children(value).into_any()))
}

/// Generic over the data only, not over the children, so that the wasm contains one copy per type of data.
fn loaded_view<T>(
    data: PageData<T>,
    subject: String,
    full_page: bool,
    children: Arc<dyn Fn(T) -> AnyView + Send + Sync>,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    let skeleton = move || if full_page { ().into_any() } else { view! { <SkeletonText lines=6 /> }.into_any() };
    view! {
        <Transition fallback=skeleton>
            {move || {
                let (children, subject) = (Arc::clone(&children), subject.clone());
                Suspend::new(async move {
                    match data.await {
                        Ok(value) => children(value),
                        Err(error) => view! { <LoadError error subject full_page /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// A view whose code is a part of the wasm.
pub type PartView = Pin<Box<dyn Future<Output = Result<AnyView, Error>> + Send>>;

/// A page once its part is loaded: at once if it is loaded already.
pub fn page_when_loaded(page: PartView) -> AnyView {
    when_loaded(page, "this page", true)
}

/// A tab once its part is loaded, and a skeleton until then.
pub fn tab_when_loaded(tab: PartView) -> AnyView {
    let skeleton = || view! { <div class="tabload"><SkeletonText lines=6 /></div> };
    view! { <Transition fallback=skeleton>{when_loaded(tab, "this tab", false)}</Transition> }.into_any()
}

fn when_loaded(part: PartView, subject: &'static str, full_page: bool) -> AnyView {
    Suspend::new(async move {
        match part.await {
            Ok(view) => view,
            Err(error) => view! { <LoadError error subject full_page /> }.into_any(),
        }
    })
    .into_any()
}

/// Why data could not be loaded. On the server it also sets the status of the response.
#[component]
pub fn LoadError(
    error: Error,
    /// What was loaded, to complete "Can’t load …".
    #[prop(into)]
    subject: String,
    /// There is no page around it: it is rendered as a full page, within the frame if there is one and the server can't be reached.
    #[prop(optional)]
    full_page: bool,
) -> impl IntoView {
    if error == Error::SignedOut {
        return view! { <RedirectToSignIn /> }.into_any();
    }
    ResponseStatus::set(error.status());
    match (error, full_page) {
        (Error::NotFound, full_page) => not_found(!full_page),
        // Within the frame, which provides the account.
        (error, true) if error.is_outage() && use_context::<ui::shell::Account>().is_some() => {
            let panel = error_panel(&error, &subject);
            view! {
                <Title text="Can’t reach the server" />
                <Page>
                    <h1>"Can’t reach the server"</h1>
                    <a class="link only-s" href=links::workspaces_path()>"All workspaces"</a>
                    {panel}
                </Page>
            }
            .into_any()
        }
        (error, true) => view! { <ServerError error /> }.into_any(),
        (error, false) => error_panel(&error, &subject),
    }
}

fn error_panel(error: &Error, subject: &str) -> AnyView {
    let (title, offline) = (format!("Can’t load {subject}"), error.is_outage());
    match error.request() {
        Some(request) => view! { <ErrorPanel title request=request.to_string() offline /> }.into_any(),
        None => view! { <ErrorPanel title offline /> }.into_any(),
    }
}

/// Redirects to the sign-in page, which redirects back afterwards.
#[component]
fn RedirectToSignIn() -> impl IntoView {
    view! { <Redirect path=links::sign_in(Some(&links::current_path())) /> }
}
