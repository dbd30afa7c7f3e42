//! The response of a page: it begins before the page's data is read.

use axum::{body::Body, extract::Request, response::Response};
use futures::{
    StreamExt as _,
    future::BoxFuture,
    stream::{BoxStream, once},
};
use leptos::prelude::IntoView;

/// With what the content of a page begins. Before it are the frame, and all that decides the page's status, headers and title.
const CONTENT: &str = "<main";

/// Makes the chunks that follow the page: its data for the wasm.
type DataChunks = Box<dyn FnOnce() -> BoxStream<'static, String> + Send>;

/// Renders a page within the context of its request.
pub async fn respond<V: IntoView + 'static>(
    context: impl Fn() + Clone + Send + 'static,
    document: impl FnOnce() -> V + Send + 'static,
    request: Request<Body>,
) -> Response {
    leptos_axum::handle_response_inner(context, document, request, stream).await
}

/// The page in chunks, in order. Status and headers are taken when the first chunk is complete, so it ends where the content begins;
/// a redirect or an error page is complete by then.
fn stream<V: IntoView + 'static>(page: V, data: DataChunks, _: bool) -> BoxFuture<'static, BoxStream<'static, String>> {
    Box::pin(async move { begin_with_frame(page.to_html_stream_in_order().chain(data()).boxed()).await })
}

/// Joins the chunks before the content to one.
async fn begin_with_frame(mut chunks: BoxStream<'static, String>) -> BoxStream<'static, String> {
    let mut frame = String::new();
    while let Some(chunk) = chunks.next().await {
        frame.push_str(&chunk);
        if frame.contains(CONTENT) {
            break;
        }
    }
    once(async { frame }).chain(chunks).boxed()
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt as _, stream};

    use super::begin_with_frame;

    async fn chunks(chunks: &[&str]) -> Vec<String> {
        let chunks: Vec<String> = chunks.iter().map(|chunk| (*chunk).to_owned()).collect();
        begin_with_frame(stream::iter(chunks).boxed()).await.collect().await
    }

    #[tokio::test]
    async fn first_chunk_has_the_frame() {
        assert_eq!(
            chunks(&["<head>", "<nav>", "<main>", "<h1>", "</main>"]).await,
            ["<head><nav><main>", "<h1>", "</main>"]
        );
        assert_eq!(chunks(&["<ma", "in>", "<h1>"]).await, ["<main>", "<h1>"], "split within the tag");
    }

    #[tokio::test]
    async fn page_without_content_is_one_chunk() {
        assert_eq!(chunks(&["<head>", "<nav>"]).await, ["<head><nav>"]);
        assert_eq!(chunks(&[]).await, [""]);
    }
}
