//! The site's static files, embedded in the program.
//!
//! Browsers cache files with a hash in their path for ever. They revalidate the others, and get 304 for an unchanged file.

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

/// The build output of the site.
#[derive(RustEmbed)]
#[folder = "../target/site"]
struct Site;

/// The build's list of hashed names, for the server only; not served.
const MANIFEST: &str = "manifest.json";

/// The suffix of a file's brotli variant.
const BROTLI_SUFFIX: &str = ".br";

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
    let is_served = |name: &Cow<'static, str>| !name.ends_with(BROTLI_SUFFIX) && *name != MANIFEST;
    E::iter().filter(is_served).filter_map(|name| Asset::load::<E>(&name).map(|asset| (name, asset))).fold(
        Router::new(),
        |router, (name, asset)| {
            let handler = async move |headers: HeaderMap| asset.respond(&headers);
            // Braces are route parameters unless they are escaped.
            router.route(&format!("/{}", name.replace('{', "{{").replace('}', "}}")), get(handler))
        },
    )
}

/// A file with its response headers.
#[derive(Clone)]
struct Asset {
    content_type: HeaderValue,
    cache_control: HeaderValue,
    plain: Variant,
    brotli: Option<Variant>,
}

#[derive(Clone)]
struct Variant {
    etag: HeaderValue,
    data: Bytes,
}

impl Asset {
    fn load<E: RustEmbed>(name: &str) -> Option<Self> {
        let mime = mime_guess::from_path(name).first_or_octet_stream();
        let is_text = mime.type_() == mime_guess::mime::TEXT;
        let content_type = if is_text { format!("{mime}; charset=utf-8") } else { mime.to_string() };
        let cache_control = if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
        Some(Self {
            content_type: HeaderValue::try_from(content_type).ok()?,
            cache_control: HeaderValue::from_static(cache_control),
            plain: Variant::new(E::get(name)?),
            brotli: E::get(&format!("{name}{BROTLI_SUFFIX}")).map(Variant::new),
        })
    }

    fn respond(&self, headers: &HeaderMap) -> Response {
        let brotli = self.brotli.as_ref().filter(|_| accepts_brotli(headers));
        let variant = brotli.unwrap_or(&self.plain);
        let mut response = if etag_matches(headers, &variant.etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Response::new(Body::from(variant.data.clone()));
            response.headers_mut().insert(CONTENT_TYPE, self.content_type.clone());
            if brotli.is_some() {
                response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
            }
            response
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, self.cache_control.clone());
        headers.insert(ETAG, variant.etag.clone());
        if self.brotli.is_some() {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        response
    }
}

impl Variant {
    fn new(file: EmbeddedFile) -> Self {
        let mut etag = "\"".to_owned();
        for byte in &file.metadata.sha256_hash()[..16] {
            write!(etag, "{byte:02x}").expect("writing to a string can't fail");
        }
        etag.push('"');
        let data = match file.data {
            Cow::Borrowed(data) => Bytes::from_static(data),
            Cow::Owned(data) => Bytes::from(data),
        };
        Self { etag: HeaderValue::try_from(etag).expect("hexadecimal digits in quotes"), data }
    }
}

/// Whether a segment of the path ends in a content hash: `-` and at least eight hexadecimal digits before the extension.
fn is_hashed(name: &str) -> bool {
    name.split('/').any(|segment| {
        let stem = segment.split('.').next().unwrap_or_default();
        stem.rsplit_once('-')
            .is_some_and(|(_, hash)| hash.len() >= 8 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
    })
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let rejected = weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("br") && !rejected
    })
}

/// Whether the client has this variant already.
fn etag_matches(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == "*" || known.as_bytes() == etag.as_bytes())
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
    async fn hashed_file_is_immutable_and_has_its_content_type() {
        let response = send("GET", WASM, &[]).await;
        assert_eq!(response.headers()["content-type"], "application/wasm");
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(response.headers()["vary"], "accept-encoding");
        assert!(!response.headers().contains_key("content-encoding"));
        assert_eq!(text(response).await, "plain wasm\n");
    }

    #[tokio::test]
    async fn brotli_is_sent_only_if_accepted() {
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
    async fn matching_etag_gets_304() {
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
    async fn manifest_and_variants_are_not_routes() {
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
    fn hashes_are_distinguished_from_words() {
        for name in ["pkg/app-0123456789abcdef.css", "pkg/app-0123456789abcdef/parts.js"] {
            assert!(is_hashed(name), "{name}");
        }
        for name in ["favicon.svg", "fonts/inter-latin.woff2", "pkg/app/parts.js", "app-0123.js"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
