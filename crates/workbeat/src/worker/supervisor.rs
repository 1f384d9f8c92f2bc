//! Runs one activity to its end and sees that its outcome is sent.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::Semaphore;

use super::body::Body;
use super::live::Live;
use crate::activity::{ActivityContext, ActivityError};
use crate::heartbeat::Pacemaker;
use crate::outcome::{Answered, Decision, Ending, Outcome, Responder, Said, decide};
use crate::panic::message;
use crate::task::TaskRecord;
use crate::told::{debug, info, warn};

/// What supervises the tasks of a worker.
pub(crate) struct Supervisor {
    pub(crate) pacemaker: Pacemaker,
    pub(crate) responder: Responder,
    pub(crate) live: Arc<Live>,
}

/// One task under supervision.
pub(crate) struct Supervised {
    pub(crate) supervisor: Arc<Supervisor>,
    pub(crate) record: Arc<TaskRecord>,
    pub(crate) limit: Option<Arc<Semaphore>>,
}

impl Supervised {
    pub(crate) fn context(&self) -> ActivityContext {
        ActivityContext::new(Arc::clone(&self.record))
    }

    /// Runs `body` to its end, decides the outcome and sends it.
    ///
    /// One after the other in the same place: what sends the outcome takes that of the activity.
    pub(crate) fn supervise<F>(self, body: F) -> impl Future<Output = ()> + Send
    where
        F: Future<Output = Result<Option<String>, ActivityError>> + Send,
    {
        let Self {
            supervisor,
            record,
            limit,
        } = self;
        Body::new(Arc::clone(&record), limit, body)
            .then(move |ending| supervisor.conclude(record, ending))
    }
}

impl Supervisor {
    /// Decides the outcome and sends it.
    fn conclude(
        self: Arc<Self>,
        record: Arc<TaskRecord>,
        ending: Ending,
    ) -> impl Future<Output = ()> + Send {
        #[cfg(workbeat_seeded_faults)]
        if crate::seeded_faults::SeededFault::FreesSlotEarly.is_planted() {
            record.release_slot();
        }
        record.worker.metrics.executed(&record);
        let mut outcome = self.settle(&record, ending);
        async move {
            if let Some(outcome) = &mut outcome {
                self.answer(&record, outcome).await;
            }
            record.release_slot();
            if record.is_running() {
                self.live.run_on_too([record]);
            }
        }
    }

    /// Claims the outcome, and deals with a task for which nothing is sent.
    fn settle(&self, record: &TaskRecord, ending: Ending) -> Option<Outcome> {
        let said = Said::from(record.stop());
        let has_result = matches!(ending, Ending::Completed(_));
        // Deciding drops what lies below the activity's error, which is user code too.
        let decision = catch_unwind(AssertUnwindSafe(|| decide(ending, said)))
            .unwrap_or_else(|panic| decide(Ending::Panicked(message(panic)), said));
        if !record.claim() {
            debug!("the outcome was claimed already; this one is dropped");
            return None;
        }
        match decision {
            Decision::Nothing if has_result => {
                warn!("the task is closed; the result came too late");
                self.end_unsent(record, Answered::ResultTooLate);
                None
            }
            Decision::Nothing => {
                debug!("the task is closed; no outcome is sent");
                self.end_unsent(record, Answered::Closed);
                None
            }
            Decision::HandOn => {
                info!("the task is handed on and will be completed elsewhere");
                self.end_unsent(record, Answered::HandedOn);
                None
            }
            Decision::Offer(outcome) => Some(record.fit(outcome)),
        }
    }

    /// Ends a task for which nothing is sent.
    fn end_unsent(&self, record: &TaskRecord, answered: Answered) {
        self.pacemaker.leave(record);
        self.live.answered(record, answered);
    }

    /// Sends the outcome that the caller has claimed, and that fits.
    pub(crate) fn answer<'a>(
        &'a self,
        record: &'a TaskRecord,
        outcome: &'a mut Outcome,
    ) -> impl Future<Output = ()> + Send + 'a {
        let responding = self.responder.respond(record, outcome);
        responding.map(|answered| self.live.answered(record, answered))
    }
}
