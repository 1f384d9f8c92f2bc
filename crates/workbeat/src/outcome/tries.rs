//! A call that is made until the service has said something final about the task: what the
//! worker's responder and a completion client have in common.

use std::future::Future;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::Instant;
use tracing::field::display;

use super::Outcome;
use crate::retry::{Backoff, Delays};
use crate::service::{
    ActivityService, Loggable, ServiceError, ServiceErrorKind, TaskToken, guarded,
};
use crate::task::Random;
use crate::told::{debug, info, warn};

/// How long one call may take before it is given up as unanswered.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// What a heartbeat is called in the logs.
pub(crate) const HEARTBEAT: &str = "heartbeat";

/// The waits between two tries.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));

/// What came of one try.
#[derive(Debug)]
pub(crate) enum Tried<T> {
    /// The service accepted it.
    Accepted(T),
    /// The task is closed: done.
    Closed(ServiceError),
    /// The service will never take this.
    Rejected(ServiceError),
    /// Wait and try the same again.
    NotYet {
        /// For how long.
        wait: Duration,
        /// What the service said.
        error: ServiceError,
    },
}

/// What to do after a call that did not succeed.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Again,
    Closed,
    Rejected,
}

fn next(kind: ServiceErrorKind) -> Next {
    if kind.closes_task() {
        Next::Closed
    } else if kind == ServiceErrorKind::Invalid {
        Next::Rejected
    } else {
        // A permission can be mended while the task waits.
        Next::Again
    }
}

/// The tries of one call, and the waits between them.
#[derive(Debug)]
pub(crate) struct Tries {
    /// What is tried, for the logs.
    what: &'static str,
    count: u32,
    ambiguous: bool,
    /// Made for the first wait: most calls need none.
    waits: Option<Box<Waits>>,
}

/// The waits of a call that was not accepted at once.
#[derive(Debug)]
struct Waits {
    delays: Delays,
    random: fastrand::Rng,
    /// When it failed first.
    since: Instant,
}

impl Tries {
    pub(crate) fn new(what: &'static str) -> Self {
        Self {
            what,
            count: 0,
            ambiguous: false,
            waits: None,
        }
    }

    /// How many there were.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Whether any of them may have been applied although it failed.
    pub(crate) fn ambiguous(&self) -> bool {
        self.ambiguous
    }

    /// Offers an outcome once.
    pub(crate) fn offer<'a>(
        &'a mut self,
        service: &'a dyn ActivityService,
        token: &'a TaskToken,
        outcome: &'a Outcome,
        random: &'a Random,
    ) -> impl Future<Output = Tried<()>> + Send + 'a {
        self.what = outcome.as_str();
        let call = async move {
            match outcome {
                Outcome::Completed { result } => service.complete(token, result.as_deref()).await,
                Outcome::Failed { reason, details } => {
                    let reason = Some(reason.as_str()).filter(|reason| !reason.is_empty());
                    service.fail(token, reason, details.as_deref()).await
                }
                Outcome::Canceled { details } => service.cancel(token, details.as_deref()).await,
            }
        };
        self.attempt(call, random)
    }

    /// Makes a call once.
    pub(crate) fn attempt<'a, T, F>(
        &'a mut self,
        call: F,
        random: &'a Random,
    ) -> impl Future<Output = Tried<T>> + use<'a, T, F>
    where
        F: Future<Output = Result<T, ServiceError>>,
    {
        guarded(CALL_TIMEOUT, call).map(|answer| self.judge(answer, random))
    }

    fn judge<T>(&mut self, answer: Result<T, ServiceError>, random: &Random) -> Tried<T> {
        let error = match answer {
            Ok(answer) => {
                self.count += 1;
                self.say_accepted();
                return Tried::Accepted(answer);
            }
            Err(error) => error,
        };
        self.count += 1;
        self.ambiguous |= error.is_ambiguous();
        let (what, tries, subject) = (self.what, self.count, self.subject());
        let (kind, log) = (error.kind().as_str(), Loggable(&error));
        match next(error.kind()) {
            Next::Closed => {
                self.say_closed(Some(&error));
                Tried::Closed(error)
            }
            Next::Rejected => {
                warn!(what, tries, kind, error = %log, "the service rejected {subject}");
                Tried::Rejected(error)
            }
            Next::Again => {
                let waits = self.waits.get_or_insert_with(|| {
                    Box::new(Waits {
                        delays: BACKOFF.delays(),
                        random: random.fork(),
                        since: Instant::now(),
                    })
                });
                let wait = waits.delays.next(&mut waits.random);
                if tries == 1 || error.kind() == ServiceErrorKind::NotPermitted {
                    warn!(what, tries, kind, error = %log, ?wait, "{subject} is not accepted yet");
                } else {
                    debug!(what, tries, kind, error = %log, ?wait, "{subject} is not accepted yet");
                }
                Tried::NotYet { wait, error }
            }
        }
    }

    fn subject(&self) -> &'static str {
        match self.what {
            HEARTBEAT => "the heartbeat",
            _ => "the outcome",
        }
    }

    /// Says that a call is accepted which was not at once: who was warned must hear it too.
    fn say_accepted(&self) {
        if let Some(waits) = &self.waits {
            let (what, tries, subject) = (self.what, self.count, self.subject());
            let after = waits.since.elapsed();
            warn!(what, tries, ?after, "{subject} is accepted now");
        }
    }

    /// Says that the task is closed, as the service answered, or as a heartbeat learned between
    /// two tries.
    pub(crate) fn say_closed(&self, error: Option<&ServiceError>) {
        let (what, tries) = (self.what, self.count);
        let kind = error.map(|error| error.kind().as_str());
        let error = error.map(|error| display(Loggable(error)));
        if self.ambiguous {
            info!(
                what,
                tries,
                kind,
                error,
                "the task is closed; an earlier try, whose answer was lost, was probably accepted"
            );
        } else if what == Outcome::COMPLETED {
            warn!(
                what,
                tries, kind, error, "the task is closed; the result came too late"
            );
        } else {
            info!(what, tries, kind, error, "the task is closed already");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
