//! How long a request's body may take to come, as a whole and between two parts of it, and how much of all bodies may have come
//! and wait for the rest.

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
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The most bytes of bodies that have come and wait for the rest: some dozens of the largest.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// Room for the bodies of all requests, by the byte; clones share it.
#[derive(Clone)]
pub struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_BYTES)))
    }
}

/// A body that fails when its sender takes too long, or when there is no room for more of it.
pub struct PacedBody<B> {
    inner: B,
    end: Instant,
    /// Runs while more is waited for.
    pause: Option<Pin<Box<Sleep>>>,
    room: Room,
    taken: Option<OwnedSemaphorePermit>,
}

impl<B> PacedBody<B> {
    pub fn new(inner: B, longest: Duration, room: Room) -> Self {
        Self { inner, end: Instant::now() + longest, pause: None, room, taken: None }
    }

    /// Takes room for what came until the whole was read.
    fn hold(&mut self, bytes: usize) -> io::Result<()> {
        let full = || io::Error::new(io::ErrorKind::OutOfMemory, "too many bodies come at once");
        let more = u32::try_from(bytes).map_err(|_| full())?;
        let more = Arc::clone(&self.room.0).try_acquire_many_owned(more).map_err(|_| full())?;
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            None => self.taken = Some(more),
        }
        Ok(())
    }
}

impl<B> HttpBody for PacedBody<B>
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
                this.hold(frame.data_ref().map_or(0, Bytes::len))?;
                Ok(frame)
            }));
        }
        let end = this.end.min(Instant::now() + LONGEST_PAUSE);
        ready!(this.pause.get_or_insert_with(|| Box::pin(sleep_until(end))).as_mut().poll(cx));
        Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the body took too long to come").into())))
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

    use super::{PacedBody, Room};

    const LONGEST: Duration = Duration::from_secs(300);

    /// Reads a body that sends a byte each `pause`, `parts` times, and then nothing more for a day.
    async fn seconds_until_refused(pause: u64, parts: usize) -> u64 {
        let drops = stream::iter(0..parts).then(move |_| async move {
            sleep(Duration::from_secs(pause)).await;
            Ok::<_, Infallible>(Bytes::from_static(b"x"))
        });
        let body = Body::from_stream(drops.chain(stream::pending()));
        let start = Instant::now();
        assert!(to_bytes(Body::new(PacedBody::new(body, LONGEST, Room::default())), usize::MAX).await.is_err());
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn neither_silence_nor_single_bytes_hold_a_connection() {
        assert_eq!(seconds_until_refused(1, 0).await, 30, "nothing comes");
        assert_eq!(seconds_until_refused(10, 3).await, 60, "it stops coming");
        assert_eq!(seconds_until_refused(29, 1_000_000).await, 300, "it comes too slowly");
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_in_time_is_read_whole() {
        let body = PacedBody::new(Body::from("whole"), LONGEST, Room::default());
        assert_eq!(to_bytes(Body::new(body), 100).await.unwrap(), "whole");
    }

    #[tokio::test]
    async fn bodies_that_are_not_read_whole_share_a_room() {
        let room = Room(Semaphore::new(10).into());
        let body = |bytes: &'static str| Body::new(PacedBody::new(Body::from(bytes), LONGEST, room.clone()));
        let mut begun = body("sixsix").into_data_stream();
        assert_eq!(begun.next().await.unwrap().unwrap(), "sixsix");
        assert!(to_bytes(body("five!"), 100).await.is_err());
        assert_eq!(to_bytes(body("four"), 100).await.unwrap(), "four");
        drop(begun);
        assert_eq!(to_bytes(body("five!"), 100).await.unwrap(), "five!");
    }
}
