//! An activity's future, from its first poll to its drop.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::sync::Semaphore;

use crate::activity::ActivityError;
use crate::outcome::Ending;
use crate::panic::message;
use crate::task::TaskRecord;

/// Whether the task waits for the limit of its type. Few types have one.
type Waiting = Pin<Box<dyn Future<Output = Option<Ending>> + Send>>;

pin_project! {
    /// Runs an activity's future until it ends, panics, or is ordered to be dropped. It is gone
    /// when the ending is there.
    ///
    /// By hand and not an async fn, which would keep a second place for the future: this is what
    /// most of the memory of a task is for.
    pub(super) struct Body<F> {
        // None once it is dropped.
        #[pin]
        future: Option<F>,
        waiting: Option<Waiting>,
        record: Arc<TaskRecord>,
    }

    impl<F> PinnedDrop for Body<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            // Its drop may panic; then too it exists no more.
            let _gone = Gone { record: this.record };
            this.future.set(None);
        }
    }
}

/// Notes that the activity's future exists no more.
struct Gone<'a> {
    record: &'a TaskRecord,
}

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.record.set_body(false);
    }
}

impl<F> Body<F> {
    /// `future` of the task, which first waits for a permit if its type has a limit.
    pub(super) fn new(record: Arc<TaskRecord>, limit: Option<Arc<Semaphore>>, future: F) -> Self {
        let waiting = limit.map(|limit| -> Waiting {
            let record = Arc::clone(&record);
            Box::pin(async move { wait_for_limit(&record, limit).await })
        });
        record.set_body(true);
        Self {
            future: Some(future),
            waiting,
            record,
        }
    }
}

impl<F> Future for Body<F>
where
    F: Future<Output = Result<Option<String>, ActivityError>>,
{
    type Output = Ending;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ending> {
        let mut this = self.project();
        let early = match this.waiting {
            Some(waiting) => ready!(waiting.as_mut().poll(cx)),
            None => None,
        };
        *this.waiting = None;
        let ending = match (early, this.future.as_mut().as_pin_mut()) {
            (Some(ending), _) => ending,
            // It has ended already, and is not polled again.
            (None, None) => return Poll::Pending,
            (None, Some(running)) => match catch_unwind(AssertUnwindSafe(|| running.poll(cx))) {
                Ok(Poll::Ready(Ok(output))) => Ending::Completed(output),
                Ok(Poll::Ready(Err(error))) => Ending::Errored(error),
                Ok(Poll::Pending) => Ending::Aborted(ready!(this.record.abort.poll_ordered(cx))),
                Err(panic) => Ending::Panicked(message(panic)),
            },
        };
        let _gone = Gone {
            record: this.record,
        };
        // What the activity's own values do when they are dropped is user code too.
        Poll::Ready(
            match catch_unwind(AssertUnwindSafe(|| this.future.set(None))) {
                Ok(()) => ending,
                Err(panic) => Ending::Panicked(message(panic)),
            },
        )
    }
}

/// Waits, while the pacemaker beats, until the type's limit has a permit.
async fn wait_for_limit(record: &TaskRecord, limit: Arc<Semaphore>) -> Option<Ending> {
    record.set_waits_for_limit(true);
    let ending = tokio::select! {
        biased;
        reason = record.abort.ordered() => Some(Ending::Aborted(reason)),
        () = record.token().cancelled() => Some(Ending::Errored(ActivityError::canceled(
            "stopped before it began: it waited for the limit of its type",
        ))),
        permit = limit.acquire_owned() => {
            // The semaphore is never closed.
            record.set_limit_permit(permit.ok()?);
            None
        }
    };
    record.set_waits_for_limit(false);
    ending
}
