//! The order to drop an activity's future.

use std::sync::OnceLock;

use tokio::sync::Notify;

/// Why the worker drops an activity's future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AbortReason {
    /// It went on for longer than its cancel grace after its cancellation was requested.
    GraceExpired,
    /// The drain deadline came. Whoever gives this order has claimed the outcome.
    Draining,
}

/// An order that is given at most once and waited for by the activity's supervisor.
#[derive(Debug, Default)]
pub(crate) struct Abort {
    reason: OnceLock<AbortReason>,
    given: Notify,
}

impl Abort {
    pub(crate) fn order(&self, reason: AbortReason) {
        if self.reason.set(reason).is_ok() {
            self.given.notify_one();
        }
    }

    /// Waits for the order. There is one waiter, the supervisor.
    pub(crate) async fn ordered(&self) -> AbortReason {
        loop {
            if let Some(reason) = self.reason.get() {
                return *reason;
            }
            self.given.notified().await;
        }
    }
}
