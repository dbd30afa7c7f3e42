//! Paths of pages, and where the links that clients print are redirected to.

use std::{fmt::Display, str::FromStr};

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
pub use model::workspace::WorkspaceRef;
use model::{
    client_callback::ClientCallback,
    id::{ArtifactId, FlowRunId},
    time::Timestamp,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;

/// Defines the functions that make the paths of pages.
macro_rules! links {
    (
        $(part $part:ident = $name:ident, $load:ident {
            $($page:ident $layout:ident $access:ident $path:literal $link:ident $arguments:tt;)+
        } $(tabs $tabs:tt)?)+
        redirects $redirects:tt
    ) => {
        $($(site_link!($layout $path $link $arguments);)+)+

        /// The paths of a workspace's pages.
        pub trait WorkspacePaths: Sized {
            /// The path of a page of the workspace: `path` begins with a slash, or is empty for the workspace itself.
            #[must_use]
            fn page_path(self, path: &str) -> String;

            $($(workspace_link!($layout $path $link $arguments);)+)+
        }
    };
}

/// Defines the function for a page outside of workspaces.
macro_rules! site_link {
    (Workspace $($rest:tt)+) => {};
    ($layout:ident $path:literal $link:ident ()) => {
        #[doc = concat!("`", $path, "`")]
        #[must_use]
        pub const fn $link() -> &'static str {
            $path
        }
    };
}

/// Defines the method for a page of a workspace.
macro_rules! workspace_link {
    (Workspace $path:literal $link:ident ($($argument:ident: $type:ty),*)) => {
        #[doc = concat!("`", $path, "` below the workspace.")]
        #[must_use]
        fn $link(self, $($argument: $type),*) -> String {
            self.page_path(&format!($path))
        }
    };
    ($($rest:tt)+) => {};
}

route_table!(links);

impl WorkspacePaths for WorkspaceRef {
    fn page_path(self, path: &str) -> String {
        format!("/account/{}/workspace/{}{path}", self.account, self.workspace)
    }
}

/// The workspace that the URL names.
///
/// # Errors
/// [`Error::NotFound`] if it names none.
pub fn use_workspace_ref() -> Signal<Result<WorkspaceRef, Error>> {
    let params = use_params_map();
    Signal::derive(move || {
        params.with(|params| {
            let read = |name| params.get(name).ok_or(Error::NotFound);
            Ok(WorkspaceRef {
                account: read("account")?.parse().map_err(|_| Error::NotFound)?,
                workspace: read("workspace")?.parse().map_err(|_| Error::NotFound)?,
            })
        })
    })
}

/// The path of the current page, with its query.
#[must_use]
pub fn current_path() -> String {
    let location = use_location();
    let (path, query) = (location.pathname.get_untracked(), location.search.get_untracked());
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The id in the URL's parameter `name`.
///
/// # Errors
/// [`Error::NotFound`] if it is missing or no id.
pub fn use_id<T: FromStr + Send + Sync + 'static>(name: &'static str) -> Signal<Result<T, Error>> {
    let params = use_params_map();
    Signal::derive(move || params.with(|params| params.get(name).and_then(|id| id.parse().ok()).ok_or(Error::NotFound)))
}

/// Pages of a workspace that other servers have, to which documents and bookmarks link. Here the runs are the closest page.
const PAGES_OF_OTHER_SERVERS: [&str; 12] = [
    "automations",
    "blocks",
    "concurrency-limits",
    "dashboard",
    "deployments",
    "events",
    "flow-runs",
    "flows",
    "logs",
    "task-runs",
    "work-pools",
    "work-queues",
];

/// Where a link that clients print is redirected to; both paths are below the workspace. None if clients print no such link.
#[must_use]
pub fn client_link_target(path: &str) -> Option<String> {
    let path = path.trim_matches('/');
    if PAGES_OF_OTHER_SERVERS.contains(&path) {
        return Some("/runs".to_owned());
    }
    let (section, object) = path.split_once('/')?;
    let (kind, id) = object.split_once('/')?;
    match (section, kind) {
        ("runs" | "flow-runs", "flow-run") => {
            let id: FlowRunId = id.parse().ok()?;
            Some(format!("/runs/flow-run/{id}"))
        }
        ("runs" | "task-runs", "task-run")
        | ("flows", "flow")
        | ("deployments", "deployment")
        | ("work-pools", "work-pool")
        | ("work-queues", "work-queue")
        | ("blocks", "block")
        | ("concurrency-limits", "concurrency-limit")
        | ("automations", "automation")
        | ("events", "event") => Some("/runs".to_owned()),
        _ => None,
    }
}

/// A cursor of a list from the URL: time and id of a row.
#[must_use]
pub fn parse_cursor<T: FromStr>(text: &str) -> Option<(Timestamp, T)> {
    let (time, id) = text.split_once('.')?;
    Some((Timestamp::from_micros(time.parse().ok()?), id.parse().ok()?))
}

/// The cursor of a row, for the URL.
pub fn format_cursor(time: Timestamp, id: impl Display) -> String {
    format!("{}.{id}", time.micros())
}

/// `to`, if it is a path of this site's pages: a crafted link must not redirect to another site, and not to a provider either, by which
/// a sign-in would go on to connect an account there.
#[must_use]
pub fn same_site_path(to: &str) -> Option<&str> {
    let is_plain = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let path = to.split(['?', '#']).next().unwrap_or(to).to_ascii_lowercase().replace("%2e", ".");
    // Browsers remove segments of dots, so that such a path is another one.
    let is_page = !path.starts_with("/auth/provider/") && !path.split('/').any(|part| matches!(part, "." | ".."));
    (is_plain && is_page && to.starts_with('/') && !to.starts_with("//")).then_some(to)
}

/// The path of the sign-in page, which redirects to `to` afterwards.
#[must_use]
pub fn sign_in(to: Option<&str>) -> String {
    with_redirect(sign_in_path(), to)
}

/// The path of the register page, which redirects to `to` afterwards.
#[must_use]
pub fn register(to: Option<&str>) -> String {
    with_redirect(register_path(), to)
}

/// The page that says to open the link in a mail; from there a person can sign in and is redirected to `to` afterwards.
#[must_use]
pub fn check_inbox(to: Option<&str>) -> String {
    with_redirect(verify_email_path(), to)
}

/// The page that verifies the address to which the link with this token was mailed.
#[must_use]
pub fn verify_email(token: &str) -> String {
    with_value(verify_email_path(), "token", token)
}

/// The page with the form for a new password, from the link with this token.
#[must_use]
pub fn reset_password(token: &str) -> String {
    with_value(reset_password_path(), "token", token)
}

/// The page that mails a link to a new password.
#[must_use]
pub fn forgot_password(_to: Option<&str>) -> String {
    forgot_password_path().to_owned()
}

/// The sign-in page with a notice of what was just done.
#[must_use]
pub fn sign_in_after(notice: &str) -> String {
    with_value(sign_in_path(), "notice", notice)
}

/// The path of the page on which a person confirms that it is them, which redirects to `to` afterwards.
#[must_use]
pub fn confirm(to: &str) -> String {
    with_redirect(confirm_path(), Some(to))
}

/// The same for a person who wants to connect an account at a provider: the page of the sign-in methods then offers that again.
#[must_use]
pub fn confirm_to_connect(provider: &str) -> String {
    confirm(&with_value(my_sign_in_path(), "connect", provider))
}

/// The page of the sign-in methods, which says that an account at the provider is connected.
#[must_use]
pub fn connected(provider: &str) -> String {
    with_value(my_sign_in_path(), "connected", provider)
}

/// The URL that sends the browser to a provider. It is no page: a link to it is `rel="external"`.
#[must_use]
pub fn provider(name: &str, purpose: &str, to: Option<&str>) -> String {
    let mut query = String::new();
    if !purpose.is_empty() {
        add_to_query(&mut query, "purpose", purpose);
    }
    if let Some(to) = to.and_then(same_site_path) {
        add_to_query(&mut query, "to", to);
    }
    format!("/auth/provider/{name}{query}")
}

/// A page that says why a sign-in by a provider was refused.
#[must_use]
pub fn with_problem(page: &str, to: Option<&str>, code: &str, provider: &str) -> String {
    let mut query = String::new();
    if let Some(to) = to.and_then(same_site_path) {
        add_to_query(&mut query, "to", to);
    }
    add_to_query(&mut query, "problem", code);
    add_to_query(&mut query, "provider", provider);
    format!("{page}{query}")
}

fn with_value(page: &str, name: &str, value: &str) -> String {
    let mut query = String::new();
    add_to_query(&mut query, name, value);
    format!("{page}{query}")
}

/// The path of the register page for the first person, who has a link with the token `setup`.
#[must_use]
pub fn first_registration(setup: &str, to: Option<&str>) -> String {
    let mut query = String::new();
    add_to_query(&mut query, "setup", setup);
    if let Some(to) = to.and_then(same_site_path) {
        add_to_query(&mut query, "to", to);
    }
    format!("{}{query}", register_path())
}

/// The path of the page that answers the client which waits at `callback`.
#[must_use]
pub fn client_sign_in(callback: ClientCallback) -> String {
    let mut query = String::new();
    add_to_query(&mut query, "callback", &callback.to_string());
    format!("{}{query}", client_sign_in_path())
}

fn with_redirect(page: &str, to: Option<&str>) -> String {
    let mut query = String::new();
    if let Some(to) = to.and_then(same_site_path).filter(|to| *to != workspaces_path()) {
        add_to_query(&mut query, "to", to);
    }
    format!("{page}{query}")
}

/// Bytes that are encoded in the values of queries.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// The text as a value within a query.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).collect()
}

/// Adds a value to the query of a URL, which begins as an empty text.
pub fn add_to_query(query: &mut String, name: &str, value: &str) {
    query.push(if query.is_empty() { '?' } else { '&' });
    query.push_str(name);
    query.push('=');
    query.push_str(&percent_encoded(value));
}

#[cfg(test)]
mod tests {
    use super::{
        client_link_target, client_sign_in, first_registration, percent_encoded, provider, register, same_site_path,
        sign_in, with_problem,
    };

    const ID: &str = "0196f5a0-0000-7000-8000-000000000001";

    #[test]
    fn run_links_of_both_client_generations_lead_to_the_run() {
        for section in ["runs", "flow-runs"] {
            let target = client_link_target(&format!("{section}/flow-run/{ID}"));
            assert_eq!(target, Some(format!("/runs/flow-run/{ID}")), "{section}");
        }
    }

    #[test]
    fn links_to_objects_without_a_page_lead_to_the_runs() {
        for path in [
            format!("runs/task-run/{ID}"),
            format!("flows/flow/{ID}"),
            format!("deployments/deployment/{ID}"),
            "work-pools/work-pool/my-pool".to_owned(),
            format!("work-pools/work-pool/my-pool/worker/{ID}"),
            format!("work-queues/work-queue/{ID}"),
            format!("blocks/block/{ID}"),
            format!("concurrency-limits/concurrency-limit/{ID}"),
            format!("automations/automation/{ID}"),
            format!("events/event/2026-11-25/{ID}"),
            "dashboard".to_owned(),
            "/flows/".to_owned(),
            "work-pools".to_owned(),
            "logs".to_owned(),
        ] {
            assert_eq!(client_link_target(&path).as_deref(), Some("/runs"), "{path}");
        }
    }

    #[test]
    fn other_paths_are_no_client_links() {
        for path in ["", "runs", "flow", "dashboard/flow", "flows/flow", "runs/flow-run/nonsense", "prodcution/flow/1"]
        {
            assert_eq!(client_link_target(path), None, "{path}");
        }
    }

    #[test]
    fn paths_to_other_sites_are_rejected() {
        for page in ["/", "/my/api-keys?sort=name", "/account/a/workspace/b/runs"] {
            assert_eq!(same_site_path(page), Some(page));
        }
        for bad in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "my", "/a\r\nb", "/ü", "/\t/evil.example"]
        {
            assert_eq!(same_site_path(bad), None, "{bad:?}");
        }
        let start = "/auth/provider/google?purpose=connect";
        for bad in [start, "/Auth/Provider/google", "/help/../auth/provider/google", "/%2E/auth/provider/google"] {
            assert_eq!(same_site_path(bad), None, "{bad}");
        }
        assert_eq!(same_site_path("/help?x=/auth/provider/a/.."), Some("/help?x=/auth/provider/a/.."));
    }

    #[test]
    fn redirect_target_is_percent_encoded() {
        assert_eq!(sign_in(Some("/my/api-keys?sort=name&x=1")), "/sign-in?to=/my/api-keys%3Fsort%3Dname%26x%3D1");
        assert_eq!(sign_in(Some("/")), "/sign-in");
        assert_eq!(sign_in(None), "/sign-in");
        assert_eq!(provider("google", "", Some("/help?x=1")), "/auth/provider/google?to=/help%3Fx%3D1");
        assert_eq!(provider("google", "", Some("//evil.example")), "/auth/provider/google");
        assert_eq!(with_problem("/sign-in", None, "slow", "id"), "/sign-in?problem=slow&provider=id");
        assert_eq!(first_registration("a7", None), "/register?setup=a7");
        assert_eq!(first_registration("a&7", Some("/help")), "/register?setup=a%267&to=/help");
        assert_eq!(percent_encoded("a b+ü"), "a%20b%2B%C3%BC");
    }

    #[test]
    fn callback_of_a_client_survives_the_sign_in() {
        let page = client_sign_in("http://localhost:53187".parse().unwrap());
        assert_eq!(page, "/auth/client?callback=http%3A//localhost%3A53187");
        assert_eq!(same_site_path(&page), Some(&*page));
        let encoded = "?to=/auth/client%3Fcallback%3Dhttp%253A//localhost%253A53187";
        assert_eq!(sign_in(Some(&page)), format!("/sign-in{encoded}"));
        assert_eq!(register(Some(&page)), format!("/register{encoded}"));
    }
}
