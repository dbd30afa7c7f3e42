//! Compression of pages and of the answers of server functions. The site's files are compressed at build time.

use axum::http::{
    Extensions, HeaderMap, StatusCode, Version,
    header::{CACHE_CONTROL, HeaderValue},
};
use tower_http::compression::{
    CompressionLayer, Predicate,
    predicate::{NotForContentType, SizeAbove},
};

/// Smaller answers fit into one packet with their headers.
const SMALLEST: u16 = 860;

/// Compresses what browsers accept compressed, but no answer with `no-transform`: the length of a compressed answer depends on how
/// much of a secret in it somebody else's text repeats. Secrets set this directive (`app::secret`), which proxies follow too.
pub fn layer() -> CompressionLayer<impl Predicate> {
    let predicate = SizeAbove::new(SMALLEST).and(NotForContentType::IMAGES).and(may_be_transformed);
    CompressionLayer::new().compress_when(predicate)
}

fn may_be_transformed(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let is_forbidden = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("no-transform"));
    !headers.get_all(CACHE_CONTROL).iter().any(is_forbidden)
}
