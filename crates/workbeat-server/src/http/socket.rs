//! A client's socket, and what it means when the client has closed its half of it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::CancellationToken;

use super::room::Place;

/// What a connection and the answer that is under way on it tell each other.
///
/// A client that sends its request and closes its half cannot be told from one that went
/// away. It is taken at its word that it reads on, except while it polls: nobody waits for a
/// minute in that way, and a task that goes to nobody is worse. So the end of what it sends is
/// kept from HTTP while an answer is under way, and the answer says what it makes of it.
#[derive(Clone, Debug)]
pub(super) struct Half {
    answering: Arc<AtomicBool>,
    closed: CancellationToken,
    place: Arc<Place>,
}

impl Half {
    pub(super) fn new(place: Place) -> Self {
        Self {
            answering: Arc::default(),
            closed: CancellationToken::new(),
            place: Arc::new(place),
        }
    }

    /// Where the connection says what it waits for.
    pub(super) fn place(&self) -> &Arc<Place> {
        &self.place
    }

    /// An answer is under way from now on, or it is not any more.
    pub(super) fn set_answering(&self, answering: bool) {
        self.answering.store(answering, Ordering::Release);
    }

    /// Waits until the client has closed its half.
    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }
}

/// A socket whose end is not seen while an answer is under way, and that fails when its client
/// takes nothing of an answer for too long.
#[derive(Debug)]
pub(super) struct Socket<S> {
    stream: S,
    half: Half,
    patience: Duration,
    /// Running while the client takes nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Socket<S> {
    pub(super) fn new(stream: S, half: Half, patience: Duration) -> Self {
        Self {
            stream,
            half,
            patience,
            stalled: None,
        }
    }

    /// What a write came to, unless it has come to nothing for too long.
    fn written<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        stalled.as_mut().poll(cx).map(|()| {
            let what = "the client takes nothing of its answer";
            Err(io::Error::new(io::ErrorKind::TimedOut, what))
        })
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Socket<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.half.closed.is_cancelled() {
            let before = buffer.filled().len();
            let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
            if !matches!(read, Poll::Ready(Ok(()))) || buffer.filled().len() > before {
                return read;
            }
            this.half.closed.cancel();
        }
        if this.half.answering.load(Ordering::Acquire) {
            // Nobody need be woken: once the answer is sent, the next request is read.
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Socket<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.written(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, pieces);
        this.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
