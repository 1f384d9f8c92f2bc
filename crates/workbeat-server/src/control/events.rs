//! `GET /_workbeat/events`

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio_util::task::AbortOnDropHandle;

use crate::http::{Answer, Refusal, lines};
use crate::service::{Mark, Shared};

/// How many lines wait for a client that reads slowly, before it misses some.
pub(crate) const KEPT: usize = 1_024;

/// How many clients can follow at a time: their connections never give way to others.
pub(crate) const MOST_FOLLOWERS: usize = 256;

/// The line that says that there is nothing left of anything.
pub(crate) const RESET_LINE: Bytes = Bytes::from_static(b"{\"event\":\"reset\"}\n");

/// A line, and what must be in the data file before it is sent.
pub(crate) type MarkedLine = (Mark, Bytes);

/// Lines that come as things happen.
#[derive(Debug)]
pub(crate) struct EventLines {
    lines: mpsc::Receiver<Bytes>,
    /// Fetches them, for as long as somebody reads.
    _feeder: AbortOnDropHandle<()>,
}

impl EventLines {
    /// The next line; `None` after the last one.
    pub(crate) fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.lines.poll_recv(cx)
    }
}

/// What happens to activities from now on, line by line, until the server stops.
///
/// The first line says that it begins: what happens after it is not missed.
///
/// # Errors
///
/// There are [`MOST_FOLLOWERS`] already.
pub(crate) fn events(shared: &Arc<Shared>) -> Result<Answer, Refusal> {
    let Some(happened) = shared.follow() else {
        return Err(Refusal::too_many_followers(MOST_FOLLOWERS));
    };
    let (sender, receiver) = mpsc::channel(64);
    let feeder = tokio::spawn(feed(shared.clone(), happened, sender));
    Ok(lines(EventLines {
        lines: receiver,
        _feeder: AbortOnDropHandle::new(feeder),
    }))
}

async fn feed(
    shared: Arc<Shared>,
    mut happened: broadcast::Receiver<MarkedLine>,
    reader: mpsc::Sender<Bytes>,
) {
    let mut line = Bytes::from_static(b"{\"event\":\"following\"}\n");
    loop {
        if reader.send(line).await.is_err() {
            return;
        }
        line = tokio::select! {
            biased;
            () = shared.closed() => return,
            received = happened.recv() => match received {
                Ok((mark, line)) => match shared.kept(mark).await {
                    Ok(()) => line,
                    Err(_) => return,
                },
                Err(RecvError::Lagged(missed)) => {
                    Bytes::from(format!("{{\"event\":\"missed\",\"lines\":{missed}}}\n"))
                }
                Err(RecvError::Closed) => return,
            },
        };
    }
}
