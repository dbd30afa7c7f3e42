//! Comparing a path with the pattern of a route.

use std::{borrow::Cow, iter};

use leptos_router::PathSegment;

/// The names of a pattern's parameters, and what stands for them in a path.
pub type Params = Vec<(Cow<'static, str>, String)>;

/// The segments of a pattern: `{name}` stands for one segment, `{*name}` for all segments until the end.
pub fn pattern_segments(pattern: &'static str) -> impl Iterator<Item = PathSegment> {
    path_segments(pattern).map(|segment| {
        let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            return PathSegment::Static(segment.into());
        };
        match name.strip_prefix('*') {
            Some(name) => PathSegment::Splat(name.into()),
            None => PathSegment::Param(name.into()),
        }
    })
}

/// The segments of a path. A slash at its end makes no difference.
pub fn path_segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let segments = (!path.is_empty()).then(|| path.strip_suffix('/').unwrap_or(path).split('/'));
    segments.into_iter().flatten()
}

/// Takes the segments that match the pattern off a path; `None` if the path begins otherwise.
pub fn take_matching<'a>(path: &mut impl Iterator<Item = &'a str>, pattern: &'static str) -> Option<Params> {
    let mut params = Params::new();
    for expected in pattern_segments(pattern) {
        let segment = path.next()?;
        match expected {
            PathSegment::Static(text) if text == segment => {}
            PathSegment::Param(name) if !segment.is_empty() => params.push((name, segment.to_owned())),
            PathSegment::Splat(name) => {
                let rest: Vec<_> = iter::once(segment).chain(path.by_ref()).collect();
                params.push((name, rest.join("/")));
            }
            _ => return None,
        }
    }
    Some(params)
}
