//! What stands between a page and its data: waiting, and everything that can go wrong.
//!
//! An error is shown here, as a value, with a way on. No view is an `Err`, so there is no `ErrorBoundary`: it would have nothing to catch.

use std::{future::Future, sync::Arc};

use leptos::prelude::*;
use leptos_router::components::Redirect;
use serde::{Serialize, de::DeserializeOwned};
use ui::prelude::*;

use crate::{
    error::Error,
    form::Status,
    links,
    packed::Packed,
    pages::{not_found::not_found, server_error::ServerError},
};

/// What a page asks the server for.
pub type Data<T> = Resource<Result<T, Error>, Packed>;

/// Asks for it, and again whenever what `source` says has changed.
pub fn resource<S, T, Fut>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetcher: impl Fn(S) -> Fut + Send + Sync + 'static,
) -> Data<T>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Fut: Future<Output = Result<T, Error>> + Send + 'static,
{
    Resource::new_with_options(source, fetcher, false)
}

/// Shows `children` once the data is there; until then the boxes of it, and if it can't be had, why.
#[component]
pub fn Loaded<T, F, V>(
    data: Data<T>,
    /// What is loaded, to complete "Can’t load …".
    #[prop(into)]
    what: String,
    /// There is no page around it: an error is a page of its own.
    #[prop(optional)]
    whole: bool,
    children: F,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    loaded(data, what, whole, Arc::new(move |value| children(value).into_any()))
}

/// Knows no more of the children than their data, so that its code is there once for each kind of that.
fn loaded<T>(data: Data<T>, what: String, whole: bool, children: Arc<dyn Fn(T) -> AnyView + Send + Sync>) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    let waiting = move || if whole { ().into_any() } else { view! { <SkeletonText lines=6 /> }.into_any() };
    view! {
        <Transition fallback=waiting>
            {move || {
                let (children, what) = (Arc::clone(&children), what.clone());
                Suspend::new(async move {
                    match data.await {
                        Ok(value) => children(value),
                        Err(error) => view! { <Failed error what whole /> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// Why something isn't shown. On the server it also decides the status of the answer.
#[component]
pub fn Failed(
    error: Error,
    /// What isn't, to complete "Can’t load …".
    #[prop(into)]
    what: String,
    /// There is no page around it: it is one of its own.
    #[prop(optional)]
    whole: bool,
) -> impl IntoView {
    if error == Error::SignedOut {
        return view! { <ToSignIn /> }.into_any();
    }
    Status::set(error.status());
    match (error, whole) {
        (Error::NotFound, whole) => not_found(!whole),
        (error, true) => view! { <ServerError error /> }.into_any(),
        (error, false) => {
            let title = format!("Can’t load {what}");
            match error.request() {
                Some(request) => view! { <ErrorPanel title request=request.to_string() /> }.into_any(),
                None => view! { <ErrorPanel title /> }.into_any(),
            }
        }
    }
}

/// Leads to the sign-in page, and back here afterwards.
#[component]
fn ToSignIn() -> impl IntoView {
    view! { <Redirect path=links::sign_in(Some(&links::here())) /> }
}
