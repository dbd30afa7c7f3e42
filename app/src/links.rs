//! Addresses of pages, in one place; and what becomes of the addresses that clients print.

use std::{fmt::Display, str::FromStr};

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use model::{
    id::{AccountId, FlowRunId, WorkspaceId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Where a workspace is, as its pages' addresses say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    pub account: AccountId,
    pub workspace: WorkspaceId,
}

impl Place {
    /// A page of the workspace: `path` begins with a slash, or is empty for the workspace itself.
    #[must_use]
    pub fn page(self, path: &str) -> String {
        format!("/account/{}/workspace/{}{path}", self.account, self.workspace)
    }

    /// Its flow runs.
    #[must_use]
    pub fn runs(self) -> String {
        self.page("/runs")
    }

    /// One of its flow runs.
    #[must_use]
    pub fn flow_run(self, id: FlowRunId) -> String {
        self.page(&format!("/runs/flow-run/{id}"))
    }

    /// Its settings.
    #[must_use]
    pub fn settings(self) -> String {
        self.page("/settings")
    }

    /// The page that waits for its first run.
    #[must_use]
    pub fn first_run(self) -> String {
        self.page("/first-run")
    }
}

/// The workspace that the address names.
///
/// # Errors
/// [`Error::NotFound`] if it names none.
pub fn use_place() -> Signal<Result<Place, Error>> {
    let params = use_params_map();
    Signal::derive(move || {
        params.with(|params| {
            let read = |name| params.get(name).ok_or(Error::NotFound);
            Ok(Place {
                account: read("account")?.parse().map_err(|_| Error::NotFound)?,
                workspace: read("workspace")?.parse().map_err(|_| Error::NotFound)?,
            })
        })
    })
}

/// The address of the page, with its query.
#[must_use]
pub fn here() -> String {
    let location = use_location();
    let (path, query) = (location.pathname.get_untracked(), location.search.get_untracked());
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The id that the address names as `name`.
///
/// # Errors
/// [`Error::NotFound`] if it is none.
pub fn use_id<T: FromStr + Send + Sync + 'static>(name: &'static str) -> Signal<Result<T, Error>> {
    let params = use_params_map();
    Signal::derive(move || params.with(|params| params.get(name).and_then(|id| id.parse().ok()).ok_or(Error::NotFound)))
}

/// Where an address that clients print below a workspace leads; the path below the workspace. None: it is no such address.
#[must_use]
pub fn printed(rest: &str) -> Option<String> {
    let (section, thing) = rest.trim_matches('/').split_once('/')?;
    let (kind, id) = thing.split_once('/')?;
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

/// A place between two rows of a list, as addresses say it: a time and an id.
#[must_use]
pub fn read_place<T: FromStr>(text: &str) -> Option<(Timestamp, T)> {
    let (time, id) = text.split_once('.')?;
    Some((Timestamp::from_micros(time.parse().ok()?), id.parse().ok()?))
}

/// The same the other way round.
pub fn write_place(time: Timestamp, id: impl Display) -> String {
    format!("{}.{id}", time.micros())
}

/// `to`, if it is a page of this site: nobody is sent elsewhere by a crafted link.
#[must_use]
pub fn within_site(to: &str) -> Option<&str> {
    let plain = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && to.starts_with('/') && !to.starts_with("//")).then_some(to)
}

/// The sign-in page that leads back to `to`.
#[must_use]
pub fn sign_in(to: Option<&str>) -> String {
    door("/sign-in", to)
}

/// The page to register on, that leads on to `to`.
#[must_use]
pub fn register(to: Option<&str>) -> String {
    door("/register", to)
}

fn door(page: &str, to: Option<&str>) -> String {
    match to.and_then(within_site).filter(|to| *to != "/") {
        Some(to) => format!("{page}?to={}", escaped(to)),
        None => page.to_owned(),
    }
}

/// As a value within a query.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                escaped.push(char::from(byte));
            }
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{escaped, printed, sign_in, within_site};

    const ID: &str = "0196f5a0-0000-7000-8000-000000000001";

    #[test]
    fn links_of_both_generations_lead_to_the_run() {
        for section in ["runs", "flow-runs"] {
            let leads = printed(&format!("{section}/flow-run/{ID}"));
            assert_eq!(leads, Some(format!("/runs/flow-run/{ID}")), "{section}");
        }
    }

    #[test]
    fn links_to_what_has_no_page_yet_lead_to_the_runs() {
        for rest in [
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
        ] {
            assert_eq!(printed(&rest).as_deref(), Some("/runs"), "{rest}");
        }
    }

    #[test]
    fn nothing_else_is_taken_for_a_printed_link() {
        for rest in ["", "runs", "flows", "flows/flow", "runs/flow-run/nonsense", "prodcution/flow/1"] {
            assert_eq!(printed(rest), None, "{rest}");
        }
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        for page in ["/", "/my/api-keys?sort=name", "/account/a/workspace/b/runs"] {
            assert_eq!(within_site(page), Some(page));
        }
        for bad in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "my", "/a\r\nb", "/ü", "/\t/evil.example"]
        {
            assert_eq!(within_site(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_way_back_is_a_value_of_the_query() {
        assert_eq!(sign_in(Some("/my/api-keys?sort=name&x=1")), "/sign-in?to=/my/api-keys%3Fsort%3Dname%26x%3D1");
        assert_eq!(sign_in(Some("/")), "/sign-in");
        assert_eq!(sign_in(None), "/sign-in");
        assert_eq!(escaped("a b+ü"), "a%20b%2B%C3%BC");
    }
}
