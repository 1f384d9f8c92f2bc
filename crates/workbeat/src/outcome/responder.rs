//! Sends an outcome until the service accepts it or says that the task is closed.

use std::future::Future;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Outcome, Tried, Tries, fit};
use crate::activity::FailureCode;
use crate::heartbeat::Pacemaker;
use crate::service::ServiceError;
use crate::task::{StopReason, TaskRecord};
use crate::told::{debug, warn};

/// The longest wait when the drain has little time left.
const HURRIED: Duration = Duration::from_millis(500);

/// What came of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    /// The service accepted an outcome of this kind.
    Completed,
    /// The service accepted it.
    Failed,
    /// The service accepted it.
    Canceled,
    /// The service says that the task is closed already.
    Closed,
    /// It says so after a try whose answer was lost, which most likely is what closed the task.
    ProbablyAccepted,
    /// It says so, and the activity had come to a result.
    ResultTooLate,
    /// The service rejected the outcome, and the failure that says so too.
    Rejected,
    /// Nobody was told: the task was handed on.
    HandedOn,
}

/// Sends outcomes. While it waits between two tries, the task's heartbeats go on.
#[derive(Clone)]
pub(crate) struct Responder {
    pacemaker: Pacemaker,
}

impl Responder {
    pub(crate) fn new(pacemaker: Pacemaker) -> Self {
        Self { pacemaker }
    }

    /// Sends the claimed outcome of a task.
    ///
    /// The outcome must [fit](fit()) what the service takes; a milder one takes its place if it is
    /// rejected all the same. It tries for as long as it is polled: only the service ends it, or
    /// whoever drops it.
    ///
    /// Every task in flight has room for this future, so what is in it at the same time counts.
    pub(crate) fn respond<'a>(
        &'a self,
        record: &'a TaskRecord,
        outcome: &'a mut Outcome,
    ) -> impl Future<Output = Answered> + Send + 'a {
        // Not an async fn, which would keep its arguments twice.
        let sending = Sending {
            responder: self,
            record,
        };
        async move {
            let mut tries = Tries::new(outcome.as_str());
            let mut replaced = false;
            loop {
                if sending
                    .record()
                    .stop()
                    .worst()
                    .is_some_and(StopReason::is_closed)
                {
                    // A heartbeat learned it between two tries.
                    tries.say_closed(None);
                    return closed(outcome, &tries);
                }
                let wait = match sending.offer(&mut tries, outcome).await {
                    Tried::Accepted(()) => {
                        #[cfg(workbeat_seeded_faults)]
                        if crate::seeded_faults::SeededFault::OffersAgain.is_planted() {
                            let _ = sending.offer(&mut tries, outcome).await;
                        }
                        log_accepted(outcome, tries.count());
                        return accepted(outcome);
                    }
                    Tried::Closed(_) => return closed(outcome, &tries),
                    Tried::Rejected(error) => {
                        let Some(milder) = milder(outcome, replaced, &error) else {
                            return Answered::Rejected;
                        };
                        *outcome = match &milder {
                            // Neither may a codec put details where the service refused some.
                            Outcome::Failed { details: None, .. } => {
                                fit(milder, &sending.record().source().limits)
                            }
                            _ => sending.record().fit(milder),
                        };
                        replaced = true;
                        continue;
                    }
                    Tried::NotYet { wait, error } => {
                        let metrics = &sending.record().worker.metrics;
                        metrics.response_retried(error.kind());
                        wait
                    }
                };
                #[cfg(workbeat_seeded_faults)]
                if crate::seeded_faults::SeededFault::GivesUp.is_planted() && tries.count() > 2 {
                    return accepted(outcome);
                }
                #[cfg(workbeat_seeded_faults)]
                let wait = if crate::seeded_faults::SeededFault::OffersLate.is_planted() {
                    wait * 300
                } else {
                    wait
                };
                // Few outcomes wait, and those that do not should not have room for it.
                Box::pin(sending.wait(wait)).await;
            }
        }
    }
}

/// An outcome on its way. However that ends, the task's heartbeats end with it.
struct Sending<'a> {
    responder: &'a Responder,
    record: &'a TaskRecord,
}

impl<'a> Sending<'a> {
    fn record(&self) -> &'a TaskRecord {
        self.record
    }

    /// Offers the outcome once, while no heartbeat crosses it.
    fn offer<'b>(
        &'b self,
        tries: &'b mut Tries,
        outcome: &'b Outcome,
    ) -> impl Future<Output = Tried<()>> + Send + 'b {
        self.responder.pacemaker.hold(self.record);
        let service = &*self.record.source().service;
        let random = &self.record.worker.random;
        tries.offer(service, &self.record.task.token, outcome, random)
    }

    /// Waits for the next try, while heartbeats go on.
    async fn wait(&self, wait: Duration) {
        self.responder.pacemaker.release(self.record);
        wait_for(wait, &self.record.worker.hurry).await;
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        #[cfg(workbeat_seeded_faults)]
        if crate::seeded_faults::SeededFault::BeatsOn.is_planted() {
            return self.responder.pacemaker.release(self.record);
        }
        self.responder.pacemaker.leave(self.record);
    }
}

/// Waits, but only for a little while once there is a hurry.
async fn wait_for(wait: Duration, hurry: &CancellationToken) {
    if hurry.is_cancelled() {
        return sleep(wait.min(HURRIED)).await;
    }
    tokio::select! {
        biased;
        () = sleep(wait) => {}
        () = hurry.cancelled() => {}
    }
}

/// What to offer in place of a rejected outcome: first a failure that says what was rejected,
/// then that failure without details, then nothing. `replaced` says that the rejected one stood
/// in place of another already; its reason may be cut beyond recognition.
fn milder(rejected: &Outcome, replaced: bool, error: &ServiceError) -> Option<Outcome> {
    let reason = |what: &str| {
        FailureCode::OutcomeRejected.reason(format_args!("the service rejected that it {what}"))
    };
    match rejected {
        Outcome::Completed { .. } => Some(Outcome::Failed {
            reason: reason("completed"),
            details: Some(error.to_string()),
        }),
        Outcome::Canceled { .. } => Some(Outcome::Failed {
            reason: reason("was canceled"),
            details: Some(error.to_string()),
        }),
        Outcome::Failed {
            details: Some(_), ..
        } => Some(Outcome::Failed {
            reason: reason("failed with these details"),
            details: None,
        }),
        Outcome::Failed { details: None, .. } if !replaced => Some(Outcome::Failed {
            reason: reason("failed for its reason"),
            details: None,
        }),
        Outcome::Failed { .. } => None,
    }
}

fn accepted(outcome: &Outcome) -> Answered {
    match outcome {
        Outcome::Completed { .. } => Answered::Completed,
        Outcome::Failed { .. } => Answered::Failed,
        Outcome::Canceled { .. } => Answered::Canceled,
    }
}

/// What it means that the task is closed while this outcome was to be sent.
fn closed(outcome: &Outcome, tries: &Tries) -> Answered {
    match outcome {
        _ if tries.ambiguous() => Answered::ProbablyAccepted,
        Outcome::Completed { .. } => Answered::ResultTooLate,
        Outcome::Failed { .. } | Outcome::Canceled { .. } => Answered::Closed,
    }
}

fn log_accepted(outcome: &Outcome, tries: u32) {
    let kind = outcome.as_str();
    match outcome {
        Outcome::Failed { reason, .. } => {
            warn!(outcome = kind, %reason, tries, "the activity ended");
        }
        _ => debug!(outcome = kind, tries, "the activity ended"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{ServiceErrorKind, ServiceLimits};

    #[test]
    fn a_rejected_outcome_grows_milder_and_ends() {
        let error = ServiceError::new(ServiceErrorKind::Invalid, "no");
        let mut outcome = Outcome::Completed { result: None };
        let mut tries = 0;
        while let Some(milder) = milder(&outcome, tries > 0, &error) {
            assert!(matches!(milder, Outcome::Failed { .. }));
            outcome = milder;
            tries += 1;
        }
        assert_eq!(tries, 2);
    }

    #[test]
    fn it_ends_also_where_no_code_fits_into_a_reason() {
        let limits = ServiceLimits::default().reason(20);
        let error = ServiceError::new(ServiceErrorKind::Invalid, "no");
        let mut outcome = Outcome::Completed { result: None };
        let mut tries = 0;
        while let Some(milder) = milder(&outcome, tries > 0, &error) {
            outcome = fit(milder, &limits);
            tries += 1;
            assert!(tries < 5, "{outcome:?}");
        }
    }
}
