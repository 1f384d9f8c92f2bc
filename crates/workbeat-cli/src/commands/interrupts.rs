//! Ctrl-C while a command waits.

use std::pin::Pin;

use futures_util::stream::{self, Stream, StreamExt};
use tokio::signal::ctrl_c;

/// The Ctrl-C's, one after another.
pub(crate) struct Interrupts {
    stream: Pin<Box<dyn Stream<Item = ()> + Send>>,
}

impl Interrupts {
    /// Those of the person at the keyboard, from now on.
    pub(crate) fn from_keyboard() -> Self {
        let ctrl_c = || async { ctrl_c().await.ok().map(|()| ((), ())) };
        // Where there are no more, waiting for one does not end.
        let stream = stream::unfold((), move |()| ctrl_c()).chain(stream::pending());
        Self {
            stream: Box::pin(stream),
        }
    }

    /// Waits for the next one. Dropping the future loses none.
    pub(crate) async fn next(&mut self) {
        self.stream.next().await;
    }
}
