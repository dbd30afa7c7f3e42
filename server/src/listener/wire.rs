//! The byte stream of a client's connection. It owns the permit and the write timeout, so that both survive an upgrade.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::io::InspectReader;

use super::limiter::ConnectionPermit;

/// Whether the client has sent bytes since the last reset.
#[derive(Clone, Default)]
pub struct ReadActivity(Arc<AtomicBool>);

impl ReadActivity {
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn reset(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A stream that holds its permit until it is closed, records its reads in `activity`, and fails when the client does not read for
/// too long.
pub fn client_stream(
    stream: TcpStream,
    permit: ConnectionPermit,
    write_timeout: Duration,
    activity: ReadActivity,
) -> TokioIo<Pin<Box<impl AsyncRead + AsyncWrite + use<>>>> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(write_timeout));
    TokioIo::new(Box::pin(InspectReader::new(stream, move |_: &[u8]| {
        let _owned_by_the_stream = &permit;
        activity.set();
    })))
}
