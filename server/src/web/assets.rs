//! The site's files, which are part of the program.
//!
//! What carries a hash in its name is kept by browsers for ever; the rest is asked for again, and answered by "not modified"
//! where it is the same.

use std::{borrow::Cow, fmt::Write as _};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{IntoResponse as _, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};

/// Where the site is built.
#[derive(RustEmbed)]
#[folder = "../target/site"]
struct Site;

/// Tells the server which hashed names are the current ones; browsers have no use for it.
const MANIFEST: &str = "manifest.json";

/// What a file may be in besides itself.
const BROTLI: &str = ".br";

/// One route for each file of the site.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    routes_of::<Site, S>()
}

/// The build's list of hashed names, if the site was built.
#[must_use]
pub fn manifest() -> Option<Cow<'static, [u8]>> {
    Site::get(MANIFEST).map(|file| file.data)
}

fn routes_of<E: RustEmbed, S: Clone + Send + Sync + 'static>() -> Router<S> {
    let served = |name: &Cow<'static, str>| !name.ends_with(BROTLI) && *name != MANIFEST;
    E::iter().filter(served).filter_map(|name| Asset::load::<E>(&name).map(|asset| (name, asset))).fold(
        Router::new(),
        |router, (name, asset)| {
            let answer = async move |headers: HeaderMap| asset.answer(&headers);
            // A dot or brace has no meaning in a route but these two do.
            router.route(&format!("/{}", name.replace('{', "{{").replace('}', "}}")), get(answer))
        },
    )
}

/// A file, ready to be sent.
#[derive(Clone)]
struct Asset {
    kind: HeaderValue,
    cache: HeaderValue,
    plain: Variant,
    brotli: Option<Variant>,
}

#[derive(Clone)]
struct Variant {
    tag: HeaderValue,
    data: Bytes,
}

impl Asset {
    fn load<E: RustEmbed>(name: &str) -> Option<Self> {
        let kind = mime_guess::from_path(name).first_or_octet_stream();
        let text = kind.type_() == mime_guess::mime::TEXT;
        let kind = if text { format!("{kind}; charset=utf-8") } else { kind.to_string() };
        let cache = if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
        Some(Self {
            kind: HeaderValue::try_from(kind).ok()?,
            cache: HeaderValue::from_static(cache),
            plain: Variant::new(E::get(name)?),
            brotli: E::get(&format!("{name}{BROTLI}")).map(Variant::new),
        })
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let brotli = self.brotli.as_ref().filter(|_| accepts_brotli(headers));
        let variant = brotli.unwrap_or(&self.plain);
        let mut response = if knows(headers, &variant.tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Response::new(Body::from(variant.data.clone()));
            response.headers_mut().insert(CONTENT_TYPE, self.kind.clone());
            if brotli.is_some() {
                response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
            }
            response
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, self.cache.clone());
        headers.insert(ETAG, variant.tag.clone());
        if self.brotli.is_some() {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        response
    }
}

impl Variant {
    fn new(file: EmbeddedFile) -> Self {
        let mut tag = "\"".to_owned();
        for byte in &file.metadata.sha256_hash()[..16] {
            write!(tag, "{byte:02x}").expect("writing to a string can't fail");
        }
        tag.push('"');
        let data = match file.data {
            Cow::Borrowed(data) => Bytes::from_static(data),
            Cow::Owned(data) => Bytes::from(data),
        };
        Self { tag: HeaderValue::try_from(tag).expect("hexadecimal digits in quotes"), data }
    }
}

/// Whether a file's name, or that of a folder around it, tells its content: `app-` and at least eight hexadecimal digits before the
/// ending.
fn is_hashed(name: &str) -> bool {
    name.split('/').any(|step| {
        let stem = step.split('.').next().unwrap_or_default();
        stem.rsplit_once('-')
            .is_some_and(|(_, hash)| hash.len() >= 8 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
    })
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("br") && !refused
    })
}

/// Whether the client has this variant already.
fn knows(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == "*" || known.as_bytes() == tag.as_bytes())
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request, http::StatusCode, response::Response};
    use rust_embed::RustEmbed;
    use tower::ServiceExt as _;

    use super::{is_hashed, routes_of};

    #[derive(RustEmbed)]
    #[folder = "tests/site"]
    struct Sample;

    const WASM: &str = "/pkg/app-0123456789abcdef.wasm";

    async fn send(method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        routes_of::<Sample, ()>().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_hashed_file_is_kept_for_ever_and_has_its_type() {
        let response = send("GET", WASM, &[]).await;
        assert_eq!(response.headers()["content-type"], "application/wasm");
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(response.headers()["vary"], "accept-encoding");
        assert!(!response.headers().contains_key("content-encoding"));
        assert_eq!(text(response).await, "plain wasm\n");
    }

    #[tokio::test]
    async fn brotli_goes_to_those_who_accept_it() {
        for accepted in ["br", "gzip, deflate, br", "gzip;q=0.5,BR;q=0.8"] {
            let response = send("GET", WASM, &[("accept-encoding", accepted)]).await;
            assert_eq!(response.headers()["content-encoding"], "br", "{accepted}");
            assert_eq!(response.headers()["content-type"], "application/wasm");
            assert_eq!(text(response).await, "brotli wasm\n");
        }
        for accepted in ["gzip", "br;q=0", "brotli", "*"] {
            let response = send("GET", WASM, &[("accept-encoding", accepted)]).await;
            assert!(!response.headers().contains_key("content-encoding"), "{accepted}");
        }
    }

    #[tokio::test]
    async fn what_the_browser_has_is_not_sent_again() {
        let first = send("GET", "/robots.txt", &[]).await;
        assert_eq!(first.headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(first.headers()["cache-control"], "no-cache");
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        for known in [&*tag, &format!("W/{tag}"), &format!("\"other\", {tag}"), "*"] {
            let again = send("GET", "/robots.txt", &[("if-none-match", known)]).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(again.headers()["etag"], *tag);
            assert_eq!(text(again).await, "");
        }
        let other = send("GET", "/robots.txt", &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status(), StatusCode::OK);

        let plain = send("GET", WASM, &[]).await.headers()["etag"].clone();
        let brotli = send("GET", WASM, &[("accept-encoding", "br")]).await.headers()["etag"].clone();
        assert_ne!(plain, brotli);
    }

    #[tokio::test]
    async fn what_is_not_for_browsers_is_not_there() {
        for path in
            ["/manifest.json", &format!("{WASM}.br"), "/pkg", "/pkg/app-ffffffffffffffff.wasm", "/../Cargo.toml"]
        {
            assert_eq!(send("GET", path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(send("POST", "/robots.txt", &[]).await.status(), StatusCode::METHOD_NOT_ALLOWED);
        let head = send("HEAD", "/robots.txt", &[]).await;
        assert_eq!(head.status(), StatusCode::OK);
        assert_eq!(text(head).await, "");
    }

    #[test]
    fn a_hash_is_told_from_a_word() {
        for name in ["pkg/app-0123456789abcdef.css", "pkg/app-0123456789abcdef/parts.js"] {
            assert!(is_hashed(name), "{name}");
        }
        for name in ["favicon.svg", "fonts/inter-latin.woff2", "pkg/app/parts.js", "app-0123.js"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
