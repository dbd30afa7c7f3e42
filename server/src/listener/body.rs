//! Limits on request bodies: the time for the whole body and between two of its frames, and the bytes that all unfinished bodies
//! may buffer.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep_until},
};

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

/// A body that fails when the client sends it too slowly, or when the budget has no bytes left.
pub struct TimeoutBody<B> {
    inner: B,
    deadline: Instant,
    /// Runs while the next frame is pending.
    pause: Option<Pin<Box<Sleep>>>,
    budget: BodyBudget,
    reserved: Option<OwnedSemaphorePermit>,
}

impl<B> TimeoutBody<B> {
    pub fn new(inner: B, timeout: Duration, budget: BodyBudget) -> Self {
        Self { inner, deadline: Instant::now() + timeout, pause: None, budget, reserved: None }
    }

    /// Reserves the bytes of a frame until the whole body is dropped.
    fn reserve(&mut self, bytes: usize) -> io::Result<()> {
        let full = || io::Error::new(io::ErrorKind::OutOfMemory, "too many request bodies at once");
        let more = u32::try_from(bytes).map_err(|_| full())?;
        let more = Arc::clone(&self.budget.0).try_acquire_many_owned(more).map_err(|_| full())?;
        match &mut self.reserved {
            Some(reserved) => reserved.merge(more),
            None => self.reserved = Some(more),
        }
        Ok(())
    }
}

impl<B> HttpBody for TimeoutBody<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            this.pause = None;
            return Poll::Ready(frame.map(|frame| {
                let frame = frame.map_err(Into::into)?;
                this.reserve(frame.data_ref().map_or(0, Bytes::len))?;
                Ok(frame)
            }));
        }
        let deadline = this.deadline.min(Instant::now() + MAX_PAUSE);
        ready!(this.pause.get_or_insert_with(|| Box::pin(sleep_until(deadline))).as_mut().poll(cx));
        Poll::Ready(Some(Err(
            io::Error::new(io::ErrorKind::TimedOut, "the client sent the request body too slowly").into()
        )))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
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

    use super::{BodyBudget, TimeoutBody};

    const TIMEOUT: Duration = Duration::from_secs(300);

    /// Reads a body that yields a byte every `pause` seconds, `frames` times, and then stays pending.
    async fn seconds_until_error(pause: u64, frames: usize) -> u64 {
        let bytes = stream::iter(0..frames).then(move |_| async move {
            sleep(Duration::from_secs(pause)).await;
            Ok::<_, Infallible>(Bytes::from_static(b"x"))
        });
        let body = Body::from_stream(bytes.chain(stream::pending()));
        let start = Instant::now();
        let body = Body::new(TimeoutBody::new(body, TIMEOUT, BodyBudget::default()));
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
        let body = TimeoutBody::new(Body::from("whole"), TIMEOUT, BodyBudget::default());
        assert_eq!(to_bytes(Body::new(body), 100).await.unwrap(), "whole");
    }

    #[tokio::test]
    async fn unfinished_bodies_share_one_byte_budget() {
        let budget = BodyBudget(Semaphore::new(10).into());
        let body = |bytes: &'static str| Body::new(TimeoutBody::new(Body::from(bytes), TIMEOUT, budget.clone()));
        let mut unfinished = body("sixsix").into_data_stream();
        assert_eq!(unfinished.next().await.unwrap().unwrap(), "sixsix");
        assert!(to_bytes(body("five!"), 100).await.is_err());
        assert_eq!(to_bytes(body("four"), 100).await.unwrap(), "four");
        drop(unfinished);
        assert_eq!(to_bytes(body("five!"), 100).await.unwrap(), "five!");
    }
}
