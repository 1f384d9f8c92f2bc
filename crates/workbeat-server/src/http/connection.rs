//! One connection of a client.

use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::route::answer;
use super::socket::{Half, Socket};
use crate::service::Shared;

/// Answers one request after the other, until the client goes away or the server stops.
///
/// When the client goes away before it is answered, the answer's future is dropped: that is
/// how a poll learns of it.
pub(crate) async fn serve<S>(shared: Arc<Shared>, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let half = Half::default();
    let service = service_fn(|request| {
        // Not first when the answer is polled: HTTP looks for the end of the client's half before.
        half.set_answering(true);
        answer(shared.clone(), half.clone(), request)
    });
    let socket = Socket::new(stream, half.clone());
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(shared.request_timeout);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(socket), service));
    let ended = tokio::select! {
        biased;
        ended = &mut connection => ended,
        () = shared.closed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended");
    }
}
