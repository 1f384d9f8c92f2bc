//! The order to drop an activity's future.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU8, Ordering};
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

impl AbortReason {
    /// Zero is left for none.
    fn code(self) -> u8 {
        self as u8 + 1
    }

    fn from_code(code: u8) -> Option<Self> {
        let all = [Self::GraceExpired, Self::Draining];
        all.into_iter().find(|reason| reason.code() == code)
    }
}

/// An order that is given at most once and waited for by the activity's supervisor.
#[derive(Debug, Default)]
pub(crate) struct Abort {
    /// A number, because there is one for each task.
    reason: AtomicU8,
    /// The one waiter, the supervisor.
    waiter: AtomicWaker,
}

impl Abort {
    pub(crate) fn order(&self, reason: AbortReason) {
        let first =
            self.reason
                .compare_exchange(0, reason.code(), Ordering::AcqRel, Ordering::Acquire);
        if first.is_ok() {
            self.waiter.wake();
        }
    }

    /// Waits for the order. There is one waiter, the supervisor.
    pub(crate) async fn ordered(&self) -> AbortReason {
        poll_fn(|cx| self.poll_ordered(cx)).await
    }

    pub(crate) fn poll_ordered(&self, cx: &Context<'_>) -> Poll<AbortReason> {
        self.waiter.register(cx.waker());
        AbortReason::from_code(self.reason.load(Ordering::Acquire))
            .map_or(Poll::Pending, Poll::Ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_order_holds() {
        for (first, second) in [
            (AbortReason::GraceExpired, AbortReason::Draining),
            (AbortReason::Draining, AbortReason::GraceExpired),
        ] {
            let abort = Abort::default();
            abort.order(first);
            abort.order(second);
            assert_eq!(abort.ordered().await, first);
        }
    }
}
