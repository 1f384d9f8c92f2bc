//! One connection of a client.

use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::room::Place;
use super::route::answer;
use super::socket::{Half, Socket};
use crate::service::Shared;

/// The longest head of a request. What an AWS SDK sends has one or two kilobytes, and a few
/// more where its credentials have a session token.
const LONGEST_HEAD: usize = 32 * 1024;

/// Answers one request after the other, until the client goes away, another client needs the
/// room, or the server stops.
///
/// When the client goes away before it is answered, the answer's future is dropped: that is
/// how a poll learns of it.
pub(crate) async fn serve<S>(shared: Arc<Shared>, stream: S, place: Place)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let half = Half::new(place);
    let service = service_fn(|request| {
        // Not first when the answer is polled: HTTP looks for the end of the client's half before.
        half.set_answering(true);
        answer(shared.clone(), half.clone(), request)
    });
    let socket = Socket::new(stream, half.clone(), shared.request_timeout);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(shared.request_timeout)
        .max_buf_size(LONGEST_HEAD);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(socket), service));
    let last_answer = async {
        tokio::select! {
            () = shared.closed() => {}
            () = half.place().told_to_finish() => {}
        }
    };
    let ended = tokio::select! {
        biased;
        () = half.place().told_to_leave() => return gave_way(),
        ended = &mut connection => ended,
        () = last_answer => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                biased;
                () = half.place().told_to_leave() => return gave_way(),
                ended = connection => ended,
            }
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended");
    }
}

fn gave_way() {
    tracing::debug!("a connection that waited for its client has given way to others");
}
