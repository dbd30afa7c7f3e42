//! Limits on request bodies: the time for the whole body and between two of its frames, and the bytes that all unfinished bodies
//! may buffer. The size of one body is limited where it is read: 8 MiB by the API, 64 KiB by pages.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody},
};
use hyper::body::Frame;
use pin_project_lite::pin_project;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep},
};
use tower_http::timeout::TimeoutBody;

/// How long a client may pause while it sends a body.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// The limit of buffered bytes of all unfinished bodies: some dozens of the largest bodies.
const MAX_BUFFERED_BYTES: usize = 256 * 1024 * 1024;

/// The bytes that the bodies of all requests may buffer; clones share them.
#[derive(Clone)]
pub struct BodyBudget(Arc<Semaphore>);

impl Default for BodyBudget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_BUFFERED_BYTES)))
    }
}

/// The body with all limits of this module; `timeout` is the time for the whole body.
pub fn limited<B>(body: B, timeout: Duration, budget: BodyBudget) -> Body
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let body = TimeoutBody::new(MAX_PAUSE, body);
    Body::new(BudgetBody { body, deadline: sleep(timeout), budget, reserved: None })
}

pin_project! {
    /// A body that fails when the budget has no bytes left, or at its deadline.
    struct BudgetBody<B> {
        #[pin]
        body: B,
        #[pin]
        deadline: Sleep,
        budget: BodyBudget,
        reserved: Option<OwnedSemaphorePermit>,
    }
}

impl<B: HttpBody<Data = Bytes, Error = BoxError>> HttpBody for BudgetBody<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.project();
        let Poll::Ready(frame) = this.body.poll_frame(cx) else {
            ready!(this.deadline.poll(cx));
            let error = io::Error::new(io::ErrorKind::TimedOut, "the client sent the request body too slowly");
            return Poll::Ready(Some(Err(error.into())));
        };
        Poll::Ready(frame.map(|frame| {
            let frame = frame?;
            this.budget.reserve(frame.data_ref().map_or(0, Bytes::len), this.reserved)?;
            Ok(frame)
        }))
    }
}

impl BodyBudget {
    /// Adds the bytes of a frame to what its body has reserved. They are free again when the whole body is dropped.
    fn reserve(&self, bytes: usize, reserved: &mut Option<OwnedSemaphorePermit>) -> io::Result<()> {
        let full = || io::Error::new(io::ErrorKind::OutOfMemory, "too many request bodies at once");
        let more = u32::try_from(bytes).map_err(|_| full())?;
        let more = Arc::clone(&self.0).try_acquire_many_owned(more).map_err(|_| full())?;
        match reserved {
            Some(reserved) => reserved.merge(more),
            None => *reserved = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use axum::body::{Body, Bytes, to_bytes};
    use futures::{StreamExt as _, stream};
    use tokio::{
        sync::Semaphore,
        time::{Instant, sleep},
    };

    use super::{BodyBudget, limited};

    const TIMEOUT: Duration = Duration::from_secs(300);

    /// Reads a body that yields a byte every `pause` seconds, `frames` times, and then stays pending.
    async fn seconds_until_error(pause: u64, frames: usize) -> u64 {
        let bytes = stream::iter(0..frames).then(move |_| async move {
            sleep(Duration::from_secs(pause)).await;
            Ok::<_, Infallible>(Bytes::from_static(b"x"))
        });
        let body = Body::from_stream(bytes.chain(stream::pending()));
        let start = Instant::now();
        let body = limited(body, TIMEOUT, BodyBudget::default());
        assert!(to_bytes(body, usize::MAX).await.is_err());
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn body_fails_after_a_pause_or_its_whole_time() {
        assert_eq!(seconds_until_error(1, 0).await, 30, "no byte");
        assert_eq!(seconds_until_error(10, 3).await, 60, "a long pause");
        assert_eq!(seconds_until_error(29, 1_000_000).await, 300, "too slow as a whole");
    }

    #[tokio::test(start_paused = true)]
    async fn body_sent_in_time_is_read_completely() {
        let body = limited(Body::from("whole"), TIMEOUT, BodyBudget::default());
        assert_eq!(to_bytes(body, 100).await.unwrap(), "whole");
    }

    #[tokio::test]
    async fn unfinished_bodies_share_one_byte_budget() {
        let budget = BodyBudget(Semaphore::new(10).into());
        let body = |bytes: &'static str| limited(Body::from(bytes), TIMEOUT, budget.clone());
        let mut unfinished = body("sixsix").into_data_stream();
        assert_eq!(unfinished.next().await.unwrap().unwrap(), "sixsix");
        assert!(to_bytes(body("five!"), 100).await.is_err());
        assert_eq!(to_bytes(body("four"), 100).await.unwrap(), "four");
        drop(unfinished);
        assert_eq!(to_bytes(body("five!"), 100).await.unwrap(), "five!");
    }
}
