//! `GET /_workbeat/events`

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::http::{Answer, lines};
use crate::service::Shared;

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

/// What happens to activities from now on, line by line.
pub(crate) fn events(shared: &Arc<Shared>) -> Answer {
    let (sender, receiver) = mpsc::channel(64);
    let shared = shared.clone();
    let feeder = tokio::spawn(async move {
        shared.closed().await;
        drop(sender);
    });
    lines(EventLines {
        lines: receiver,
        _feeder: AbortOnDropHandle::new(feeder),
    })
}
