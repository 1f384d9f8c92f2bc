//! From how an activity ended and what the service said to the one outcome: a pure function.

use super::Outcome;
use crate::activity::{ActivityError, ActivityErrorKind, FailureCode};
use crate::task::{AbortReason, StopReason, StopState};

/// How an activity ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// With its output, encoded.
    Completed(Option<String>),
    /// With an error.
    Errored(ActivityError),
    /// With a panic, and what the panic said.
    Panicked(String),
    /// Its future was dropped.
    Aborted(AbortReason),
}

/// What is to be done about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Offer this outcome to the service.
    Offer(Outcome),
    /// The service says that the task is closed: there is nobody to tell.
    Nothing,
    /// The activity has handed the task on: somebody else tells the service.
    HandOn,
}

/// What the service, or a presumption about it, has said of the task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// It asked for cancellation.
    pub(crate) cancel_requested: bool,
    /// The worst reason for which the token fired.
    pub(crate) worst: Option<StopReason>,
}

impl From<&StopState> for Said {
    fn from(state: &StopState) -> Self {
        Self {
            cancel_requested: state.cancel_requested(),
            worst: state.worst(),
        }
    }
}

/// Decides the outcome.
///
/// Only the service's word that the task is closed leaves it without one. A canceled outcome
/// needs the service's request, whatever the activity says. A task that was handed on is
/// somebody else's: neither a request nor a presumption brings it back.
pub(crate) fn decide(ending: Ending, said: Said) -> Decision {
    if said.worst.is_some_and(StopReason::is_closed) {
        return Decision::Nothing;
    }
    Decision::Offer(match ending {
        Ending::Completed(result) => Outcome::Completed { result },
        Ending::Errored(error) => return errored(error, said),
        Ending::Panicked(message) => failed(
            FailureCode::Panic,
            "the activity panicked",
            Some(message).filter(|message| !message.is_empty()),
        ),
        Ending::Aborted(AbortReason::GraceExpired) if said.cancel_requested => Outcome::Canceled {
            details: Some(
                "the activity did not end within its cancel grace and was aborted".to_owned(),
            ),
        },
        Ending::Aborted(AbortReason::Draining) => draining(None),
        Ending::Aborted(AbortReason::GraceExpired) => {
            failed(FailureCode::Aborted, "the activity was aborted", None)
        }
    })
}

/// The outcome of what still runs when the drain deadline comes.
pub(crate) fn draining(details: Option<String>) -> Outcome {
    failed(
        FailureCode::WorkerDraining,
        "the worker shut down before the activity ended",
        details,
    )
}

fn errored(error: ActivityError, said: Said) -> Decision {
    let (kind, reason, details) = error.into_parts();
    #[cfg(workbeat_seeded_faults)]
    let said = Said {
        cancel_requested: said.cancel_requested
            || crate::seeded_faults::SeededFault::BelievesCanceled.is_planted(),
        ..said
    };
    Decision::Offer(match (kind, said.cancel_requested, said.worst) {
        (ActivityErrorKind::HandedOn, ..) => return Decision::HandOn,
        (ActivityErrorKind::Failed, ..) => Outcome::Failed {
            reason: reason.unwrap_or_default(),
            details,
        },
        (ActivityErrorKind::Canceled, true, _) => Outcome::Canceled { details },
        (ActivityErrorKind::Canceled, false, None) => failed(
            FailureCode::CanceledWithoutRequest,
            "the activity said that it was canceled, but nobody had requested it",
            details,
        ),
        (ActivityErrorKind::Canceled, false, Some(StopReason::WorkerStopping)) => draining(details),
        (ActivityErrorKind::Canceled, false, Some(reason)) => failed(
            FailureCode::Stopped,
            format_args!("the activity gave up because it was told to stop: {reason}"),
            details,
        ),
    })
}

fn failed(code: FailureCode, sentence: impl std::fmt::Display, details: Option<String>) -> Outcome {
    Outcome::Failed {
        reason: code.reason(sentence),
        details,
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
