//! Compression of pages, of the answers of server functions, and of long answers to clients. The site's files are compressed at build
//! time.

use axum::http::{
    Extensions, HeaderMap, StatusCode, Version,
    header::{CACHE_CONTROL, HeaderValue},
};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
};

/// Smaller pages fit into one packet with their headers.
const SMALLEST_PAGE: u16 = 860;
/// Smaller answers to clients gain too little: most clients are near the server, and call it often.
const SMALLEST_ANSWER: u16 = 8 * 1024;

/// Compresses pages that browsers accept compressed, but no answer with `no-transform`: the length of a compressed answer depends on
/// how much of a secret in it the text of an attacker repeats. Secrets set this directive (`app::secret`), which proxies follow too.
///
/// No other page has a key, a token or a session. What people write into variables, parameters and logs may be a secret as well; to
/// guess it, an attacker would have to see the network and to open the page in the person's browser many times, in plain sight.
pub fn of_pages() -> CompressionLayer<impl Predicate> {
    let predicate = SizeAbove::new(SMALLEST_PAGE).and(NotForContentType::IMAGES).and(may_be_transformed);
    CompressionLayer::new().compress_when(predicate)
}

/// Compresses long answers to clients, at the least cost of processor time. No answer of the API holds a key or a token, and the
/// requests have their key in a header, which a page of another site can't send.
pub fn of_answers() -> CompressionLayer<impl Predicate> {
    let predicate = SizeAbove::new(SMALLEST_ANSWER).and(may_be_transformed);
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(predicate)
}

fn may_be_transformed(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let is_forbidden = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("no-transform"));
    !headers.get_all(CACHE_CONTROL).iter().any(is_forbidden)
}
