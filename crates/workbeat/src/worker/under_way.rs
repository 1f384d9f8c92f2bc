//! A poll that has not come back.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::future::BoxFuture;

use super::run::PollEnd;
use crate::panic::discard;

/// A poll under way. It is the adapter's code, whose drop may panic, and then neither the other
/// polls nor whoever ends the run may hear of it.
pub(super) struct PollUnderWay(Option<BoxFuture<'static, PollEnd>>);

impl PollUnderWay {
    pub(super) fn new(poll: impl Future<Output = PollEnd> + Send + 'static) -> Self {
        Self(Some(Box::pin(poll)))
    }
}

impl Future for PollUnderWay {
    type Output = PollEnd;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<PollEnd> {
        let Some(poll) = &mut self.0 else {
            return Poll::Pending;
        };
        let end = ready!(poll.as_mut().poll(cx));
        discard(self.0.take());
        Poll::Ready(end)
    }
}

impl Drop for PollUnderWay {
    fn drop(&mut self) {
        discard(self.0.take());
    }
}
