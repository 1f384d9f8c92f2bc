//! New connections.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::connection::serve;
use crate::service::Shared;

/// How long to wait when the machine has no room for another connection.
const OUT_OF_ROOM: Duration = Duration::from_millis(50);

/// Serves whoever connects until the server stops, and then those who are connected.
///
/// # Cancel safety
///
/// Dropped, it takes all connections with it.
pub(crate) async fn accept(shared: Arc<Shared>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = shared.closed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Answers are small, and their clients wait for them.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::trace!(%error, "a connection cannot be set to answer without delay");
                    }
                    connections.spawn(serve(shared.clone(), stream));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(OUT_OF_ROOM).await;
                }
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}
