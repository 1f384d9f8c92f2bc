//! How long a test waits, so that none hangs.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::time::bounded;

/// In paused time, no time at all.
pub(super) const DEFAULT: Duration = Duration::from_secs(24 * 60 * 60);

/// How long tokio's time may stand still, by the real clock.
const STILL: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));

/// Why waiting ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// The time is over.
    Limit,
    /// Tokio's time is paused and does not go on.
    TimeStandsStill,
}

/// The end of waiting.
#[derive(Debug)]
pub(super) struct Limit {
    limit: Duration,
    at: Instant,
    /// Fires when tokio's time stands still.
    still: CancellationToken,
    /// Ends the watch when it is dropped.
    _watch: Sender<()>,
}

impl Limit {
    /// Begins now, in the current runtime.
    pub(super) fn new(limit: Duration, runtime: Handle) -> Self {
        Self::patient(limit, limit.clamp(STILL.0, STILL.1), runtime)
    }

    fn patient(limit: Duration, patience: Duration, runtime: Handle) -> Self {
        let still = CancellationToken::new();
        Self {
            limit,
            at: Instant::now() + bounded(limit),
            _watch: watch(patience, runtime, still.clone()),
            still,
        }
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    pub(super) async fn passed(&self) -> Passed {
        tokio::select! {
            () = sleep_until(self.at) => Passed::Limit,
            () = self.still.cancelled() => Passed::TimeStandsStill,
        }
    }
}

/// Watches tokio's time by the real clock. No task can do that: where time stands still, so does
/// a task that waits for it.
fn watch(patience: Duration, runtime: Handle, still: CancellationToken) -> Sender<()> {
    let (sender, gone) = channel();
    let now = move || {
        let _inside = runtime.enter();
        Instant::now()
    };
    let mut last = now();
    let watch = move || {
        while gone.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            let now = now();
            if now == last {
                return still.cancel();
            }
            last = now;
        }
    };
    // Without a thread there is only the limit in tokio's time.
    let _ = thread::Builder::new()
        .name("workbeat-testing".to_owned())
        .spawn(watch);
    sender
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(20);

    #[tokio::test(start_paused = true)]
    async fn paused_time_goes_on_to_the_limit_where_nothing_blocks() {
        let limit = Limit::new(DEFAULT, Handle::current());
        let begun = Instant::now();
        assert_eq!(limit.passed().await, Passed::Limit);
        assert_eq!(begun.elapsed(), DEFAULT);
    }

    #[tokio::test(start_paused = true)]
    async fn that_time_stands_still_while_code_blocks_is_noticed() {
        let (let_go, wait) = channel::<()>();
        let blocking = tokio::task::spawn_blocking(move || wait.recv());
        let limit = Limit::patient(DEFAULT, PATIENCE, Handle::current());
        assert_eq!(limit.passed().await, Passed::TimeStandsStill);
        drop(let_go);
        assert!(blocking.await.unwrap().is_err());
    }

    #[tokio::test]
    async fn time_that_is_real_never_stands_still() {
        let limit = Limit::patient(PATIENCE * 5, PATIENCE, Handle::current());
        assert_eq!(limit.passed().await, Passed::Limit);
    }
}
