//! Slashes too many: `/flows/` and `//flows` are `/flows`, without a redirect, which the oldest clients would not follow.

use axum::extract::Request;
use http::{Uri, uri::PathAndQuery};

/// The request with a tidy path.
#[must_use]
pub fn tidy(mut request: Request) -> Request {
    if let Some(uri) = tidy_uri(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

fn tidy_uri(uri: &Uri) -> Option<Uri> {
    let path = tidy_path(uri.path())?;
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

/// The path without empty segments; none where there is nothing to do.
fn tidy_path(path: &str) -> Option<String> {
    if path == "/" || !(path.contains("//") || path.ends_with('/')) {
        return None;
    }
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let tidy: String = segments.flat_map(|segment| ["/", segment]).collect();
    Some(if tidy.is_empty() { "/".to_owned() } else { tidy })
}

#[cfg(test)]
mod tests {
    use super::{tidy_path, tidy_uri};

    #[test]
    fn every_spelling_of_a_path_is_one_path() {
        for (path, tidy) in [
            ("/flows/", Some("/flows")),
            ("//flows", Some("/flows")),
            ("/api//me///workspaces//", Some("/api/me/workspaces")),
            ("//", Some("/")),
            ("/flows", None),
            ("/", None),
            ("/flows/name/a%2F%2Fb", None),
        ] {
            assert_eq!(tidy_path(path).as_deref(), tidy, "{path}");
        }
    }

    #[test]
    fn the_query_is_kept() {
        let uri = "/flow_run_states/?flow_run_id=1//".parse().unwrap();
        assert_eq!(tidy_uri(&uri).unwrap().to_string(), "/flow_run_states?flow_run_id=1//");
    }
}
