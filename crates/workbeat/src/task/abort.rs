//! The order to drop an activity's future.

use std::future::poll_fn;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

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
    /// The one waiter, the supervisor.
    waiter: AtomicWaker,
}

impl Abort {
    pub(crate) fn order(&self, reason: AbortReason) {
        if self.reason.set(reason).is_ok() {
            self.waiter.wake();
        }
    }

    /// Waits for the order. There is one waiter, the supervisor.
    pub(crate) async fn ordered(&self) -> AbortReason {
        poll_fn(|cx| self.poll_ordered(cx)).await
    }

    pub(crate) fn poll_ordered(&self, cx: &Context<'_>) -> Poll<AbortReason> {
        self.waiter.register(cx.waker());
        self.reason
            .get()
            .copied()
            .map_or(Poll::Pending, Poll::Ready)
    }
}
