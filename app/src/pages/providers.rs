//! Links that send the browser to an identity provider, on the pages to sign in and to register.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_router::hooks::use_query_map;
use model::sign_in::{ProviderChoice, SignInOptions};
use ui::prelude::*;

use crate::{
    error::Error,
    links,
    loaded::{PageData, resource},
};

/// The configured providers, and what the code of a problem in the page's URL means.
#[server(prefix = "/ui", endpoint = "sign-in-options", output = Postcard)]
pub async fn read_sign_in_options(problem: String, provider: String) -> Result<SignInOptions, Error> {
    use control::person::provider::{problem_sentence, provider_choices};

    let context = crate::context::RequestContext::current()?;
    let problem = problem_sentence(&context.cx, &problem, &provider);
    Ok(SignInOptions { providers: provider_choices(&context.cx), problem })
}

/// A value of the page's query; empty if there is none.
pub fn query_value(name: &str) -> String {
    use_query_map().with_untracked(|query| query.get(name)).unwrap_or_default()
}

/// Loads what the page offers. Call it at the top of a page.
pub fn sign_in_options() -> PageData<SignInOptions> {
    let (problem, provider) = (query_value("problem"), query_value("provider"));
    resource(move || (problem.clone(), provider.clone()), |(problem, provider)| read_sign_in_options(problem, provider))
}

/// A link to each provider above a form that signs in or registers by e-mail; nothing if there is no provider.
#[component]
pub fn ProviderLinks(
    options: PageData<SignInOptions>,
    /// The path to go to afterwards.
    to: String,
) -> impl IntoView {
    let links = move || {
        let to = to.clone();
        Suspend::new(async move {
            // Without them, people can still sign in by e-mail.
            let SignInOptions { providers, problem } = options.await.ok()?;
            let problem = problem.map(|problem| view! { <Banner tone=Tone::Bad>{problem}</Banner> });
            let divider = (!providers.is_empty()).then(|| view! { <div class="or">"or with email"</div> });
            let buttons = provider_buttons(providers, "", &to);
            Some(view! { {problem} {buttons} {divider} })
        })
    };
    view! { <Transition fallback=|| ()>{links}</Transition> }.into_any()
}

/// Buttons that send the browser to each of these providers.
pub fn provider_buttons(providers: Vec<ProviderChoice>, purpose: &'static str, to: &str) -> AnyView {
    if providers.is_empty() {
        return ().into_any();
    }
    let button = |provider: ProviderChoice| {
        let href = links::provider(&provider.name, purpose, Some(to));
        view! {
            <a class="btn lg wide" href=href rel="external">
                <Glyph icon=Icon::of_provider(provider.icon) />
                {format!("Continue with {}", provider.label)}
            </a>
        }
    };
    view! { <div class="providers">{providers.into_iter().map(button).collect_view()}</div> }.into_any()
}
