//! The heartbeats of an activity, as the service received them.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::stream;
use serde::de::DeserializeOwned;
use tokio::sync::broadcast::{self, error::RecvError};

use super::error::LocalError;
use super::shared::Shared;
use crate::engine::{Payload, Timestamp};

/// How many heartbeats are kept for a reader that is slow.
pub(super) const KEPT: usize = 256;

/// One heartbeat on its way to its followers.
#[derive(Clone, Debug)]
pub(super) struct Beat {
    pub(super) at: Timestamp,
    pub(super) details: Option<Payload>,
    pub(super) cancel_requested: bool,
}

/// One heartbeat that the service accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Heartbeat {
    /// When it came.
    pub at: Timestamp,
    /// What it carried.
    pub details: Option<Payload>,
    /// What it was answered: whether the worker now knows that it should cancel.
    pub cancel_requested: bool,
    /// How many heartbeats just before this one were dropped, because this reader was more
    /// than 256 behind.
    pub missed: u64,
}

impl Heartbeat {
    /// What it carried, read from JSON; `None` if it carried nothing.
    ///
    /// # Errors
    ///
    /// [`Json`](super::LocalErrorKind::Json) if the details are not what `T` wants.
    pub fn details_as<T: DeserializeOwned>(&self) -> Result<Option<T>, LocalError> {
        let json = self
            .details
            .as_ref()
            .map(|details| serde_json::from_str(details.as_str()));
        json.transpose()
            .map_err(|error| LocalError::json("the details", error))
    }
}

/// The heartbeats of one activity, from when it was asked for until the activity is closed.
///
/// It is a `Stream`; `StreamExt::next` of `futures` takes one after another. It shows what the
/// service received: the worker sends fewer heartbeats than its activity reports progress.
///
/// ```
/// # use workbeat::service::{ActivityService, PollRequest};
/// # use workbeat_local::{LocalService, StartActivity};
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let service = LocalService::new();
/// # let start = StartActivity::new("pack", "1.0").task_list("files");
/// use futures_util::StreamExt;
///
/// let activity = service.start(start)?;
/// let mut heartbeats = activity.heartbeats();
/// # let task = service.poll(PollRequest::new("files", "me")).await?.expect("a task");
/// # service.heartbeat(&task.token, Some("3")).await?;
/// # service.complete(&task.token, None).await?;
/// while let Some(heartbeat) = heartbeats.next().await {
///     let done: Option<u32> = heartbeat.details_as()?;
///     assert_eq!(done, Some(3));
/// }
/// assert_eq!(activity.outcome().await.to_string(), "completed"); // which ended the stream
/// # Ok(())
/// # }
/// ```
///
/// # A slow reader
///
/// The newest 256 heartbeats are kept for each activity that is followed. A reader that is
/// further behind loses the oldest, and the next [`Heartbeat`] says how many it
/// [`missed`](Heartbeat::missed). The service never waits for a reader.
///
/// # Cancel safety
///
/// Dropping a `next()` that has not answered loses nothing.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Heartbeats {
    stream: Pin<Box<dyn Stream<Item = Heartbeat> + Send>>,
}

impl Heartbeats {
    pub(super) fn new(shared: Arc<Shared>, beats: Option<broadcast::Receiver<Beat>>) -> Self {
        let Some(beats) = beats else {
            return Self {
                stream: Box::pin(stream::empty()),
            };
        };
        let stream = stream::unfold((shared, beats), |(shared, mut beats)| async move {
            let beat = next(&shared, &mut beats).await?;
            Some((beat, (shared, beats)))
        });
        Self {
            stream: Box::pin(stream),
        }
    }
}

/// Waits for the next heartbeat. Waiting drives the service, so a timeout that closes the
/// activity ends the stream by itself.
async fn next(shared: &Shared, beats: &mut broadcast::Receiver<Beat>) -> Option<Heartbeat> {
    let mut missed = 0;
    loop {
        match shared.drive(beats.recv()).await {
            Ok(Beat {
                at,
                details,
                cancel_requested,
            }) => {
                return Some(Heartbeat {
                    at,
                    details,
                    cancel_requested,
                    missed,
                });
            }
            Err(RecvError::Lagged(lost)) => missed = missed.saturating_add(lost),
            Err(RecvError::Closed) => return None,
        }
    }
}

impl Stream for Heartbeats {
    type Item = Heartbeat;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Heartbeat>> {
        self.stream.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for Heartbeats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heartbeats").finish_non_exhaustive()
    }
}
