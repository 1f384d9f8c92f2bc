//! Calls to an adapter, which is somebody else's code: it can panic, and it can hang.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use pin_project_lite::pin_project;
use tokio::task::unconstrained;
use tokio::time::{Sleep, sleep};

use super::{ServiceError, ServiceErrorKind};
use crate::told::error;

/// Makes a call, and turns its panic into an error.
pub(crate) fn caught<T>(
    call: impl Future<Output = Result<T, ServiceError>>,
) -> impl Future<Output = Result<T, ServiceError>> {
    AssertUnwindSafe(call).catch_unwind().map(|answer| {
        answer.unwrap_or_else(|panic| {
            let said = crate::panic::message(panic);
            let message = format!("the adapter of the service panicked: {said}");
            Err(ServiceError::new(ServiceErrorKind::Unavailable, message).ambiguous())
        })
    })
}

/// Asks for what needs no call. A panic gives nothing.
pub(crate) fn asked<T>(ask: impl FnOnce() -> T) -> Option<T> {
    let answer = catch_unwind(AssertUnwindSafe(ask));
    let answer = answer.map_err(|panic| {
        let said = crate::panic::message(panic);
        error!(
            said,
            "the adapter of the service panicked when it was asked what it takes"
        );
    });
    answer.ok()
}

/// Makes a call, and turns its panic, or that it takes longer than `limit`, into an error.
///
/// Not an async fn, nor is [`caught`]: each would have a second place for the call in every task.
pub(crate) fn guarded<T>(
    limit: Duration,
    call: impl Future<Output = Result<T, ServiceError>>,
) -> impl Future<Output = Result<T, ServiceError>> {
    caught(InTime {
        call,
        limit,
        timer: None,
    })
}

pin_project! {
    /// A call within its limit.
    ///
    /// Unlike tokio's own, it makes its timer when it has to wait, and beside itself: every task
    /// in flight has room for the call that sends its outcome, and the timer would be a third of
    /// that.
    struct InTime<F> {
        #[pin]
        call: F,
        limit: Duration,
        timer: Option<Pin<Box<Sleep>>>,
    }
}

impl<T, F> Future for InTime<F>
where
    F: Future<Output = Result<T, ServiceError>>,
{
    type Output = Result<T, ServiceError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(answer) = this.call.poll(cx) {
            return Poll::Ready(answer);
        }
        let limit = *this.limit;
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        // A call that uses up what a task may do at once must not hold its own limit up.
        pin!(unconstrained(timer.as_mut())).poll(cx).map(|()| {
            let message = format!("the service did not answer within {limit:?}");
            Err(ServiceError::new(ServiceErrorKind::Unavailable, message).ambiguous())
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_call_that_answers_in_time_has_its_answer() {
        let at_once = guarded(LIMIT, async { Ok(1) });
        assert_eq!(at_once.await.ok(), Some(1));
        let later = async {
            sleep(LIMIT - Duration::from_millis(1)).await;
            Ok(2)
        };
        assert_eq!(guarded(LIMIT, later).await.ok(), Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_ends_with_its_limit_and_may_have_been_applied() {
        let began = Instant::now();
        let hangs = guarded(LIMIT, std::future::pending::<Result<(), _>>());
        let error = hangs.await.unwrap_err();
        assert!(error.is_ambiguous());
        assert_eq!(began.elapsed(), LIMIT);
    }

    #[tokio::test]
    async fn a_call_that_is_always_busy_ends_with_its_limit() {
        let busy = async {
            loop {
                tokio::task::consume_budget().await;
            }
        };
        let answer: Result<(), _> = guarded(Duration::from_millis(1), busy).await;
        assert!(answer.is_err());
    }
}
