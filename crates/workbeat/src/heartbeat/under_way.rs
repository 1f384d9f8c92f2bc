//! The calls of a pacemaker that have not come back.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::{AbortHandle, Abortable, BoxFuture};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use tokio::task::unconstrained;

use crate::panic::discard;

/// Calls that whoever owns this makes in its own task. They end with it.
#[derive(Default)]
pub(super) struct CallsUnderWay(FuturesUnordered<Abortable<Call>>);

impl CallsUnderWay {
    /// Begins a call. One that is answered at once is not kept; of another it gives what
    /// withdraws it.
    pub(super) async fn begin(
        &mut self,
        call: impl Future<Output = ()> + Send + 'static,
    ) -> Option<Withdraw> {
        let mut call = Call(Some(Box::pin(call)));
        let begun = poll_fn(|cx| Poll::Ready(call.poll_unpin(cx).is_ready()));
        // What others used up of what a task may do at once must not make the call wait.
        if unconstrained(begun).await {
            return None;
        }
        let (handle, registration) = AbortHandle::new_pair();
        self.0.push(Abortable::new(call, registration));
        Some(Withdraw(handle))
    }

    /// Deals with those that have ended, `most` at once. Whether there may be more.
    pub(super) fn end(&mut self, most: usize) -> bool {
        // Without the runtime's limit, past which each would be polled again and again in vain.
        (0..most).all(|_| matches!(unconstrained(self.0.next()).now_or_never(), Some(Some(_))))
    }

    /// Waits until one has ended, for ever if there is none. Cancel safe.
    pub(super) async fn one_ends(&mut self) {
        if unconstrained(self.0.next()).await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// Withdraws a call.
pub(super) struct Withdraw(AbortHandle);

impl Withdraw {
    /// The call is dropped, unless it has ended, when its owner is polled next.
    pub(super) fn withdraw(&self) {
        self.0.abort();
    }
}

/// A call to the adapter, which is somebody else's code, and what is made of its answer, which
/// sets off code of the application. Neither may stop the other calls with a panic.
struct Call(Option<BoxFuture<'static, ()>>);

impl Future for Call {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(call) = &mut self.0 else {
            return Poll::Ready(());
        };
        match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(())) => {}
            Err(panic) => discard(panic),
        }
        discard(self.0.take());
        Poll::Ready(())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        discard(self.0.take());
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::oneshot;
    use tokio::time::timeout;

    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("dropped");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_answered_at_once_is_not_kept() {
        let mut calls = CallsUnderWay::default();
        assert!(calls.begin(ready(())).await.is_none());
        assert!(calls.0.is_empty());
        let waited = timeout(Duration::from_secs(1), calls.one_ends()).await;
        assert!(waited.is_err(), "there is none that could end");
    }

    #[tokio::test]
    async fn a_call_ends_when_it_is_answered_or_withdrawn() {
        let mut calls = CallsUnderWay::default();
        let held = Arc::new(());
        let (answer, answered) = oneshot::channel::<()>();
        let holds = Arc::clone(&held);
        let waits = async move {
            let _ = answered.await;
            drop(holds);
        };
        assert!(calls.begin(waits).await.is_some());
        let holds = Arc::clone(&held);
        let hangs = async move {
            pending::<()>().await;
            drop(holds);
        };
        let withdraw = calls.begin(hangs).await.unwrap();
        answer.send(()).unwrap();
        calls.one_ends().await;
        assert_eq!(Arc::strong_count(&held), 2);
        withdraw.withdraw();
        calls.one_ends().await;
        assert_eq!(Arc::strong_count(&held), 1);
        assert!(calls.0.is_empty());
    }

    #[tokio::test]
    async fn panics_of_one_call_touch_no_other() {
        let mut calls = CallsUnderWay::default();
        assert!(calls.begin(async { panic!("at once") }).await.is_none());
        let (answer, answered) = oneshot::channel::<()>();
        let panics = async {
            tokio::task::yield_now().await;
            let _bomb = Bomb;
            panic!("later");
        };
        assert!(calls.begin(panics).await.is_some());
        let waits = async {
            let _ = answered.await;
        };
        assert!(calls.begin(waits).await.is_some());
        let never = async {
            let _bomb = Bomb;
            pending::<()>().await;
        };
        let withdraw = calls.begin(never).await.unwrap();
        while calls.0.len() > 2 {
            calls.one_ends().await;
        }
        answer.send(()).unwrap();
        calls.one_ends().await;
        withdraw.withdraw();
        calls.one_ends().await;
        assert!(calls.0.is_empty());
        let never = async {
            let _bomb = Bomb;
            pending::<()>().await;
        };
        assert!(calls.begin(never).await.is_some());
        drop(calls);
    }

    #[tokio::test]
    async fn calls_do_not_wait_for_what_others_used_up() {
        let mut calls = CallsUnderWay::default();
        for number in 0..300 {
            let at_once = calls.begin(tokio::task::consume_budget());
            assert!(at_once.await.is_none(), "{number}");
        }
        for _ in 0..300 {
            let later = async {
                tokio::task::yield_now().await;
                tokio::task::consume_budget().await;
            };
            assert!(calls.begin(later).await.is_some());
        }
        calls.one_ends().await;
        assert!(calls.end(32), "there are more");
        assert!(!calls.end(300), "there are none");
        assert!(calls.0.is_empty());
    }
}
