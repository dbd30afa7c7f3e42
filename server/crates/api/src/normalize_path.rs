//! Duplicate and trailing slashes: `/flows/` and `//flows` are served as `/flows`, without a redirect, which the oldest clients would not
//! follow. tower-http's `NormalizePath` does not remove duplicate slashes inside a path.

use axum::extract::Request;
use http::{Uri, uri::PathAndQuery};

/// Removes empty segments from the request's path.
#[must_use]
pub fn normalize(mut request: Request) -> Request {
    if let Some(uri) = normalize_uri(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

fn normalize_uri(uri: &Uri) -> Option<Uri> {
    let path = normalize_path(uri.path())?;
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

/// The path without empty segments; none if it has none.
fn normalize_path(path: &str) -> Option<String> {
    if path == "/" || !(path.contains("//") || path.ends_with('/')) {
        return None;
    }
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let normalized: String = segments.flat_map(|segment| ["/", segment]).collect();
    Some(if normalized.is_empty() { "/".to_owned() } else { normalized })
}

#[cfg(test)]
mod tests {
    use super::{normalize_path, normalize_uri};

    #[test]
    fn empty_segments_are_removed() {
        for (path, normalized) in [
            ("/flows/", Some("/flows")),
            ("//flows", Some("/flows")),
            ("/api//me///workspaces//", Some("/api/me/workspaces")),
            ("//", Some("/")),
            ("/flows", None),
            ("/", None),
            ("/flows/name/a%2F%2Fb", None),
        ] {
            assert_eq!(normalize_path(path).as_deref(), normalized, "{path}");
        }
    }

    #[test]
    fn the_query_is_kept() {
        let uri = "/flow_run_states/?flow_run_id=1//".parse().unwrap();
        assert_eq!(normalize_uri(&uri).unwrap().to_string(), "/flow_run_states?flow_run_id=1//");
    }
}
