//! A client's socket, and what it means when the client has closed its half of it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::CancellationToken;

/// What a connection and the answer that is under way on it tell each other.
///
/// A client that sends its request and closes its half cannot be told from one that went
/// away. It is taken at its word that it reads on, except while it polls: nobody waits for a
/// minute in that way, and a task that goes to nobody is worse. So the end of what it sends is
/// kept from HTTP while an answer is under way, and the answer says what it makes of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Half {
    answering: Arc<AtomicBool>,
    closed: CancellationToken,
}

impl Half {
    /// An answer is under way from now on, or it is not any more.
    pub(super) fn set_answering(&self, answering: bool) {
        self.answering.store(answering, Ordering::Release);
    }

    /// Waits until the client has closed its half.
    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }
}

/// A socket whose end is not seen while an answer is under way.
#[derive(Debug)]
pub(super) struct Socket<S> {
    stream: S,
    half: Half,
}

impl<S> Socket<S> {
    pub(super) fn new(stream: S, half: Half) -> Self {
        Self { stream, half }
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
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, pieces)
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
