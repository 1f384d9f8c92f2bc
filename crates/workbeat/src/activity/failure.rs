//! The failures that the framework itself makes.

use std::fmt;

/// Why the framework, and not the activity, failed a task.
///
/// Deciders branch on these, so they are stable. The reason of such a failure is the code,
/// a colon and a sentence: `WORKBEAT_RESULT_TOO_LARGE: the result has 40000 characters, the
/// limit is 32768`. [`of`](Self::of) reads the code back.
///
/// ```
/// use workbeat::FailureCode;
///
/// let reason = "WORKBEAT_PANIC: the activity panicked";
/// assert_eq!(FailureCode::of(reason), Some(FailureCode::Panic));
/// assert_eq!(FailureCode::of("disk full"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureCode {
    /// `WORKBEAT_PANIC`: the activity panicked. Details: the panic's message.
    Panic,
    /// `WORKBEAT_INPUT_MISSING`: the task has no input and the activity needs one.
    InputMissing,
    /// `WORKBEAT_INPUT_UNAVAILABLE`: the input is kept elsewhere, and what the task carries in its
    /// place leads to nothing. Details: why.
    InputUnavailable,
    /// `WORKBEAT_INPUT_INVALID`: the input does not decode. Details: what is wrong with it.
    InputInvalid,
    /// `WORKBEAT_PREVIOUS_PROGRESS_UNKNOWN`: the activity wanted to know what the last attempt
    /// reported, could not be told, and gave up. Details: why.
    PreviousProgressUnknown,
    /// `WORKBEAT_RESULT_NOT_SERIALIZABLE`: the output does not serialize. Details: why.
    ResultNotSerializable,
    /// `WORKBEAT_RESULT_TOO_LARGE`: the result is longer than the service takes.
    ResultTooLarge,
    /// `WORKBEAT_FAILURE_NOT_ENCODABLE`: the activity failed, or was failed, and the worker's
    /// [codec](crate::codec) could not encode why.
    FailureNotEncodable,
    /// `WORKBEAT_OUTCOME_REJECTED`: the service rejected the outcome. Details: what it said.
    OutcomeRejected,
    /// `WORKBEAT_UNKNOWN_ACTIVITY_TYPE`: the worker has no such activity. Details: what it has.
    UnknownActivityType,
    /// `WORKBEAT_CANCELED_WITHOUT_REQUEST`: the activity said that it was canceled, but nobody
    /// had asked for it.
    CanceledWithoutRequest,
    /// `WORKBEAT_STOPPED`: the activity gave up because its token fired for a reason that was
    /// no cancellation, such as a lost heartbeat.
    Stopped,
    /// `WORKBEAT_WORKER_DRAINING`: the worker's drain deadline came before the activity ended.
    WorkerDraining,
    /// `WORKBEAT_ABORTED`: the activity's future was dropped by the worker.
    Aborted,
}

impl FailureCode {
    /// Every code.
    pub const ALL: &'static [Self] = &[
        Self::Panic,
        Self::InputMissing,
        Self::InputUnavailable,
        Self::InputInvalid,
        Self::PreviousProgressUnknown,
        Self::ResultNotSerializable,
        Self::ResultTooLarge,
        Self::FailureNotEncodable,
        Self::OutcomeRejected,
        Self::UnknownActivityType,
        Self::CanceledWithoutRequest,
        Self::Stopped,
        Self::WorkerDraining,
        Self::Aborted,
    ];

    /// The code as it stands before the colon of the reason.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Panic => "WORKBEAT_PANIC",
            Self::InputMissing => "WORKBEAT_INPUT_MISSING",
            Self::InputUnavailable => "WORKBEAT_INPUT_UNAVAILABLE",
            Self::InputInvalid => "WORKBEAT_INPUT_INVALID",
            Self::PreviousProgressUnknown => "WORKBEAT_PREVIOUS_PROGRESS_UNKNOWN",
            Self::ResultNotSerializable => "WORKBEAT_RESULT_NOT_SERIALIZABLE",
            Self::ResultTooLarge => "WORKBEAT_RESULT_TOO_LARGE",
            Self::FailureNotEncodable => "WORKBEAT_FAILURE_NOT_ENCODABLE",
            Self::OutcomeRejected => "WORKBEAT_OUTCOME_REJECTED",
            Self::UnknownActivityType => "WORKBEAT_UNKNOWN_ACTIVITY_TYPE",
            Self::CanceledWithoutRequest => "WORKBEAT_CANCELED_WITHOUT_REQUEST",
            Self::Stopped => "WORKBEAT_STOPPED",
            Self::WorkerDraining => "WORKBEAT_WORKER_DRAINING",
            Self::Aborted => "WORKBEAT_ABORTED",
        }
    }

    /// The code in the reason of a failure, if the framework made it.
    #[must_use]
    pub fn of(reason: &str) -> Option<Self> {
        let code = reason.split_once(':').map_or(reason, |(code, _)| code);
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.as_str() == code)
    }

    /// The whole reason: the code and a sentence.
    pub(crate) fn reason(self, sentence: impl fmt::Display) -> String {
        format!("{}: {sentence}", self.as_str())
    }
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back_from_its_reason() {
        for &code in FailureCode::ALL {
            assert_eq!(FailureCode::of(&code.reason("a: sentence")), Some(code));
        }
    }
}
