//! Runs one activity to its end and sees that its outcome is sent.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::Semaphore;

use super::live::Live;
use crate::activity::{ActivityContext, ActivityError};
use crate::heartbeat::Pacemaker;
use crate::outcome::{Answered, Decision, Ending, Outcome, Responder, Said, decide};
use crate::panic::message;
use crate::task::{AbortReason, TaskRecord};
use crate::told::{debug, info};

/// What the supervisors of a worker share.
#[derive(Clone)]
pub(crate) struct Supervisor {
    pub(crate) pacemaker: Pacemaker,
    pub(crate) responder: Responder,
    pub(crate) live: Arc<Live>,
}

/// One task under supervision.
pub(crate) struct Supervised {
    pub(crate) supervisor: Supervisor,
    pub(crate) record: Arc<TaskRecord>,
    pub(crate) limit: Option<Arc<Semaphore>>,
}

/// A spawned task of the worker that came to its end.
pub(crate) struct Finished {
    pub(crate) record: Arc<TaskRecord>,
}

impl Supervised {
    pub(crate) fn context(&self) -> ActivityContext {
        ActivityContext::new(Arc::clone(&self.record))
    }

    /// Runs `body` to its end, decides the outcome and sends it.
    pub(crate) async fn supervise<F>(self, body: F) -> Finished
    where
        F: Future<Output = Result<Option<String>, ActivityError>>,
    {
        let ending = self.ending(body).await;
        #[cfg(workbeat_seeded_faults)]
        if crate::seeded_faults::SeededFault::FreesSlotEarly.is_planted() {
            self.record.release_slot();
        }
        self.conclude(ending).await;
        self.record.release_slot();
        Finished {
            record: self.record,
        }
    }

    async fn ending<F>(&self, body: F) -> Ending
    where
        F: Future<Output = Result<Option<String>, ActivityError>>,
    {
        // Declared before the body, so that it is dropped after it.
        let _exists = self.record.enter_body();
        if let Some(limit) = &self.limit
            && let Some(ending) = self.wait_for_place(limit).await
        {
            return ending;
        }
        let mut body = pin!(Some(body));
        let ending = {
            let Some(running) = body.as_mut().as_pin_mut() else {
                return Ending::Aborted(AbortReason::Draining);
            };
            tokio::select! {
                biased;
                result = AssertUnwindSafe(running).catch_unwind() => match result {
                    Ok(Ok(output)) => Ending::Completed(output),
                    Ok(Err(error)) => Ending::Errored(error),
                    Err(panic) => Ending::Panicked(message(panic)),
                },
                reason = self.record.abort.ordered() => Ending::Aborted(reason),
            }
        };
        // What the activity's own values do when they are dropped is user code too.
        match catch_unwind(AssertUnwindSafe(|| body.set(None))) {
            Ok(()) => ending,
            Err(panic) => Ending::Panicked(message(panic)),
        }
    }

    /// Waits, while the pacemaker beats, until the type's limit has a place.
    async fn wait_for_place(&self, limit: &Arc<Semaphore>) -> Option<Ending> {
        tokio::select! {
            biased;
            reason = self.record.abort.ordered() => Some(Ending::Aborted(reason)),
            () = self.record.token().cancelled() => Some(Ending::Errored(ActivityError::canceled(
                "stopped before it began: it waited for the limit of its type",
            ))),
            place = Arc::clone(limit).acquire_owned() => {
                // The semaphore is never closed.
                self.record.set_place(Arc::new(place.ok()?));
                None
            }
        }
    }

    async fn conclude(&self, ending: Ending) {
        let said = Said::from(self.record.stop());
        // Deciding drops what lies below the activity's error, which is user code too.
        let decision = catch_unwind(AssertUnwindSafe(|| decide(ending, said)))
            .unwrap_or_else(|panic| decide(Ending::Panicked(message(panic)), said));
        if !self.record.claim() {
            debug!("the outcome was claimed already; this one is dropped");
            return;
        }
        match decision {
            Decision::Nothing => {
                debug!("the task is closed; no outcome is sent");
                self.supervisor.let_go(&self.record, Answered::Closed);
            }
            Decision::HandOn => {
                info!("the task is handed on and will be completed elsewhere");
                self.supervisor.let_go(&self.record, Answered::HandedOn);
            }
            Decision::Offer(outcome) => self.supervisor.answer(&self.record, outcome).await,
        }
    }
}

impl Supervisor {
    /// Ends a task for which nothing is sent.
    fn let_go(&self, record: &TaskRecord, answered: Answered) {
        self.pacemaker.leave(record);
        self.live.answered(record, answered);
    }

    /// Sends the outcome that the caller has claimed.
    pub(crate) async fn answer(&self, record: &Arc<TaskRecord>, outcome: Outcome) {
        let answered = self.responder.respond(record, outcome).await;
        self.live.answered(record, answered);
    }
}
