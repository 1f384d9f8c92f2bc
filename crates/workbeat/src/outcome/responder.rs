//! Sends an outcome until the service accepts it or says that the task is closed.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{Outcome, fit};
use crate::activity::FailureCode;
use crate::heartbeat::Pacemaker;
use crate::retry::Backoff;
use crate::service::{ActivityService, Loggable, ServiceError, ServiceErrorKind, guarded};
use crate::task::{StopReason, TaskRecord};

/// How long one call may take before it is given up as unanswered.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The waits between two tries.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));

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
    /// The service rejected the outcome, and the failure that says so too.
    Rejected,
}

/// What to do after a call that did not succeed.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Wait and try the same again.
    Again,
    /// The task is closed: done.
    Closed,
    /// The service will never take this.
    Rejected,
}

fn next(kind: ServiceErrorKind) -> Next {
    if kind.closes_task() {
        Next::Closed
    } else if kind == ServiceErrorKind::Invalid {
        Next::Rejected
    } else {
        // A permission can be mended while the task waits; the drain ends it otherwise.
        Next::Again
    }
}

/// Sends outcomes. While it waits between two tries, the task's heartbeats go on.
#[derive(Clone)]
pub(crate) struct Responder {
    service: Arc<dyn ActivityService>,
    pacemaker: Pacemaker,
}

impl Responder {
    pub(crate) fn new(service: Arc<dyn ActivityService>, pacemaker: Pacemaker) -> Self {
        Self { service, pacemaker }
    }

    /// Sends the claimed outcome of a task.
    ///
    /// It tries for as long as it is polled: only the service ends it, or whoever drops it.
    pub(crate) async fn respond(&self, record: &TaskRecord, outcome: Outcome) -> Answered {
        let mut outcome = fit(outcome, &record.worker.limits);
        let mut delays = BACKOFF.delays();
        let mut random = fastrand::Rng::new();
        let mut tries = 0_u32;
        loop {
            tries += 1;
            if record.stop().worst().is_some_and(StopReason::is_closed) {
                // A heartbeat learned it between two tries.
                self.pacemaker.leave(record.key);
                return Answered::Closed;
            }
            self.pacemaker.hold(record.key);
            let answer = self.call(record, &outcome).await;
            let Err(error) = answer else {
                self.pacemaker.leave(record.key);
                log_accepted(&outcome, tries);
                return accepted(&outcome);
            };
            let kind = error.kind().as_str();
            let log = Loggable(&error);
            match next(error.kind()) {
                Next::Closed => {
                    self.pacemaker.leave(record.key);
                    // After a lost answer this is how one learns that the outcome was applied.
                    info!(outcome = outcome.as_str(), tries, kind, error = %log, "the task was closed already");
                    return Answered::Closed;
                }
                Next::Rejected => {
                    warn!(outcome = outcome.as_str(), tries, kind, error = %log, "the service rejected the outcome");
                    let Some(milder) = milder(&outcome, &error) else {
                        self.pacemaker.leave(record.key);
                        return Answered::Rejected;
                    };
                    outcome = fit(milder, &record.worker.limits);
                }
                Next::Again => {
                    self.pacemaker.release(record.key);
                    let wait = delays.next(&mut random);
                    if tries == 1 || error.kind() == ServiceErrorKind::NotPermitted {
                        warn!(outcome = outcome.as_str(), tries, kind, error = %log, ?wait, "the outcome is not accepted yet and is sent again");
                    } else {
                        debug!(outcome = outcome.as_str(), tries, kind, error = %log, ?wait, "the outcome is not accepted yet and is sent again");
                    }
                    wait_for(wait, &record.worker.hurry).await;
                }
            }
        }
    }

    async fn call(&self, record: &TaskRecord, outcome: &Outcome) -> Result<(), ServiceError> {
        let (service, token) = (&*self.service, &record.task.token);
        let call = async {
            match outcome {
                Outcome::Completed { result } => service.complete(token, result.as_deref()).await,
                Outcome::Failed { reason, details } => {
                    let reason = Some(reason.as_str()).filter(|reason| !reason.is_empty());
                    service.fail(token, reason, details.as_deref()).await
                }
                Outcome::Canceled { details } => service.cancel(token, details.as_deref()).await,
            }
        };
        guarded(CALL_TIMEOUT, call).await
    }
}

/// Waits, but only for a little while once there is a hurry.
async fn wait_for(wait: Duration, hurry: &CancellationToken) {
    if hurry.is_cancelled() {
        return sleep(wait.min(HURRIED)).await;
    }
    tokio::select! {
        () = sleep(wait) => {}
        () = hurry.cancelled() => {}
    }
}

/// What to offer in place of a rejected outcome: first a failure that says what was rejected,
/// then that failure without details, then nothing.
fn milder(rejected: &Outcome, error: &ServiceError) -> Option<Outcome> {
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
        Outcome::Failed {
            details: None,
            reason: old,
        } if FailureCode::of(old) != Some(FailureCode::OutcomeRejected) => Some(Outcome::Failed {
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

    #[test]
    fn a_rejected_outcome_grows_milder_and_ends() {
        let error = ServiceError::new(ServiceErrorKind::Invalid, "no");
        let mut outcome = Outcome::Completed { result: None };
        let mut tries = 0;
        while let Some(milder) = milder(&outcome, &error) {
            assert!(matches!(milder, Outcome::Failed { .. }));
            outcome = milder;
            tries += 1;
        }
        assert_eq!(tries, 2);
    }

    #[test]
    fn only_the_service_ends_the_tries() {
        assert_eq!(next(ServiceErrorKind::Throttled), Next::Again);
        assert_eq!(next(ServiceErrorKind::Unavailable), Next::Again);
        assert_eq!(next(ServiceErrorKind::NotPermitted), Next::Again);
        assert_eq!(next(ServiceErrorKind::TaskClosed), Next::Closed);
        assert_eq!(next(ServiceErrorKind::WorkflowClosed), Next::Closed);
        assert_eq!(next(ServiceErrorKind::Invalid), Next::Rejected);
    }
}
