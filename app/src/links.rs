//! Paths of pages, and where the links that clients print are redirected to.

use std::{fmt::Display, str::FromStr};

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
pub use model::workspace::WorkspaceRef;
use model::{
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

/// `to`, if it is a path of this site: a crafted link must not redirect to another site.
#[must_use]
pub fn same_site_path(to: &str) -> Option<&str> {
    let is_plain = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (is_plain && to.starts_with('/') && !to.starts_with("//")).then_some(to)
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
    use super::{client_link_target, percent_encoded, same_site_path, sign_in};

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
    }

    #[test]
    fn redirect_target_is_percent_encoded() {
        assert_eq!(sign_in(Some("/my/api-keys?sort=name&x=1")), "/sign-in?to=/my/api-keys%3Fsort%3Dname%26x%3D1");
        assert_eq!(sign_in(Some("/")), "/sign-in");
        assert_eq!(sign_in(None), "/sign-in");
        assert_eq!(percent_encoded("a b+ü"), "a%20b%2B%C3%BC");
    }
}
