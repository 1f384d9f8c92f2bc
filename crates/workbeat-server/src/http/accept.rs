//! New connections.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::connection::serve;
use crate::service::Shared;

/// How long to wait at most when the machine has no room for another connection.
const OUT_OF_ROOM: Duration = Duration::from_millis(50);

/// How often it is said that there is no room.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// Serves whoever connects until the server stops, and then those who are connected.
///
/// # Cancel safety
///
/// Dropped, it takes all connections with it.
pub(crate) async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    let mut said = Said::default();
    loop {
        let accepted = tokio::select! {
            biased;
            () = shared.closed() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                if is_out_of_room(&error) {
                    let made = shared.room.make_room();
                    said.now_and_then(|| {
                        tracing::warn!(
                            %error,
                            made_room = made,
                            "a connection could not be accepted: those that have waited for \
                             their clients the longest give way; `ulimit -n` bounds how many \
                             there can be"
                        );
                    });
                }
                // Also so that what does not go away does not keep this task busy.
                tokio::select! {
                    biased;
                    () = shared.closed() => break,
                    Some(_) = connections.join_next() => {}
                    () = sleep(OUT_OF_ROOM) => {}
                }
                continue;
            }
        };
        if shared.room.is_full() {
            said.now_and_then(|| {
                tracing::warn!(
                    most = shared.room.most(),
                    "there are as many connections as are allowed: those that have waited for \
                     their clients the longest give way"
                );
            });
        }
        tokio::select! {
            biased;
            () = shared.closed() => break,
            place = shared.room.enter() => {
                // Answers are small, and their clients wait for them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::trace!(%error, "a connection cannot be set to answer without delay");
                }
                connections.spawn(serve(shared.clone(), stream, place));
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Whether it is this machine that has no room, and not the client that has gone already.
fn is_out_of_room(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// When something was said last.
#[derive(Debug, Default)]
struct Said(Option<Instant>);

impl Said {
    fn now_and_then(&mut self, say: impl FnOnce()) {
        if self.0.is_none_or(|said| said.elapsed() >= SAID_EVERY) {
            self.0 = Some(Instant::now());
            say();
        }
    }
}
