//! Ctrl-C and SIGTERM while a command waits.

use std::pin::Pin;

use futures_util::stream::{self, Stream, StreamExt};

type Signals = Pin<Box<dyn Stream<Item = ()> + Send>>;

/// The Ctrl-C's, one after another.
pub(crate) struct Interrupts {
    stream: Signals,
}

impl Interrupts {
    /// Those of the person at the keyboard, from now on.
    pub(crate) fn from_keyboard() -> Self {
        Self::new(ctrl_c())
    }

    /// Those of the person at the keyboard and of the system (SIGTERM), from now on.
    pub(crate) fn from_keyboard_and_system() -> Self {
        Self::new(stream::select(ctrl_c(), terminations()))
    }

    fn new(stream: impl Stream<Item = ()> + Send + 'static) -> Self {
        // Where there are no more, waiting for one does not end.
        Self {
            stream: Box::pin(stream.chain(stream::pending())),
        }
    }

    /// Waits for the next one. Dropping the future loses none.
    pub(crate) async fn next(&mut self) {
        self.stream.next().await;
    }
}

#[cfg(unix)]
fn ctrl_c() -> Signals {
    signals(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(unix)]
fn terminations() -> Signals {
    signals(tokio::signal::unix::SignalKind::terminate())
}

/// The signals of a kind. They are caught from now on, not from when the stream is polled.
#[cfg(unix)]
fn signals(kind: tokio::signal::unix::SignalKind) -> Signals {
    match tokio::signal::unix::signal(kind) {
        Ok(signals) => Box::pin(stream::unfold(signals, |mut signals| async {
            signals.recv().await.map(|()| ((), signals))
        })),
        Err(_) => Box::pin(stream::empty()),
    }
}

#[cfg(not(unix))]
fn ctrl_c() -> Signals {
    let next = || async { tokio::signal::ctrl_c().await.ok().map(|()| ((), ())) };
    Box::pin(stream::unfold((), move |()| next()))
}

#[cfg(not(unix))]
fn terminations() -> Signals {
    Box::pin(stream::empty())
}
